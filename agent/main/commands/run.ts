import type { Command } from 'commander';
import { loadConfig, readPort } from '../config.ts';
import { startHeadless } from '../headless.ts';
import { complain, EXIT, print, withDataOption, withJsonOption } from './io.ts';

interface RunOptions {
  readonly config?: string;
  readonly data: string;
  readonly keyFile?: string;
  readonly port?: string;
  readonly scanner: string[];
  readonly logLevel: string;
  readonly json?: boolean;
}

/** `till run`: a till without a window; its screens open in a browser on this machine. */
export function registerRun(program: Command): void {
  const command = program
    .command('run')
    .description('run this till; its screens and the POS API are served at 127.0.0.1')
    .option('--config <file>', 'settings (JSON); every field has a default')
    .option('--port <number>', 'port to listen at; 0 = any free one')
    .option(
      '--scanner <path>',
      'serial scanner, e.g. /dev/ttyACM0 or COM3@115200; may be repeated',
      (value: string, all: string[]) => [...all, value],
      [],
    )
    .option('--log-level <level>', 'error, warn, info or debug', 'info');
  withJsonOption(withDataOption(command)).action(run);
}

async function run(options: RunOptions): Promise<void> {
  const port = options.port === undefined ? undefined : readPort(options.port);
  if (port?.ok === false) return complain(options.json, port.error);
  const config = loadConfig(options.config, port === undefined ? {} : { port: port.value });
  if (!config.ok) return complain(options.json, config.error);
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((settle) => {
    stop = settle;
  });
  const started = await startHeadless({
    config: {
      ...config.value,
      devices: [...config.value.devices, ...options.scanner.map(toScanner)],
    },
    dataDir: options.data,
    keyFile: options.keyFile,
    logLevel: options.logLevel,
    onFirstCopy: options.json === true || !process.stderr.isTTY ? undefined : showFirstCopy,
    onStopRequest: stop,
  });
  if (!started.ok) return complain(options.json, started.error);
  const till = started.value;
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const links = { cashier: till.link('/'), manager: till.link('/manager') };
  print(options.json, { address: till.address, port: till.port, links }, () =>
    [
      `till ${till.store.tillId} is open at ${till.address}`,
      `  cashier  ${links.cashier}`,
      `  manager  ${links.manager}`,
      '  each link opens one screen once; `till link` gives fresh ones; Ctrl+C stops',
    ].join('\n'),
  );
  await stopped;
  await till.close();
  process.exitCode = EXIT.ok;
}

/** `PATH` or `PATH@BAUD` as a device of the settings file. */
function toScanner(value: string, index: number): Record<string, unknown> {
  const [, path = value, baud] = /^(.*?)(?:@(\d+))?$/.exec(value) ?? [];
  return {
    id: `scanner-${index + 1}`,
    driver: 'serial-scanner',
    path,
    owner: 'agent',
    ...(baud === undefined ? {} : { baudRate: Number(baud) }),
  };
}

function showFirstCopy(rowsDone: number, rowsAll: number): void {
  const end = rowsDone === rowsAll ? '\n' : '';
  process.stderr.write(`\rfirst copy of headquarters: ${rowsDone} / ${rowsAll} rows${end}`);
}
