import type { Command } from 'commander';
import { ok, type Result } from '../../contract/index.ts';
import { loadConfig, readPort } from '../config.ts';
import { type HeadlessTill, startHeadless } from '../headless.ts';
import type { StartError } from '../open-locked.ts';
import { complain, EXIT, print, withDataOption, withJsonOption } from './io.ts';

/** One life of the till; `restart` settles when it has to start again. */
interface Run {
  readonly till: HeadlessTill;
  readonly restart: Promise<'restart'>;
}

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
  withJsonOption(withDataOption(command)).action(runTill);
}

async function runTill(options: RunOptions): Promise<void> {
  const port = options.port === undefined ? undefined : readPort(options.port);
  if (port?.ok === false) return complain(options.json, port.error);
  const config = loadConfig(options.config, port === undefined ? {} : { port: port.value });
  if (!config.ok) return complain(options.json, config.error);
  let stop: () => void = () => undefined;
  const stopping = new AbortController();
  const stopped = new Promise<void>((settle) => {
    stop = () => {
      stopping.abort();
      settle();
    };
  });
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const devices = [...config.value.devices, ...options.scanner.map(toScanner)];
  const open = async (port: number, firstCopyBeside: boolean): Promise<Result<Run, StartError>> => {
    const restart = Promise.withResolvers<'restart'>();
    const started = await startHeadless({
      config: { ...config.value, devices, port },
      dataDir: options.data,
      keyFile: options.keyFile,
      logLevel: options.logLevel,
      onFirstCopy: options.json === true || !process.stderr.isTTY ? undefined : showFirstCopy,
      firstCopyBeside,
      signal: stopping.signal,
      onStopRequest: stop,
      onRestartRequest: () => restart.resolve('restart'),
    });
    return started.ok ? ok({ till: started.value, restart: restart.promise }) : started;
  };
  const first = await open(config.value.port, false);
  if (!first.ok) return complain(options.json, first.error);
  const { till } = first.value;
  const links = { cashier: till.link('/'), manager: till.link('/manager') };
  print(options.json, { address: till.address, port: till.port, links }, () =>
    [
      `till ${till.store.tillId} is open at ${till.address}`,
      `  cashier  ${links.cashier}`,
      `  manager  ${links.manager}`,
      '  each link opens one screen once; `till link` gives fresh ones; Ctrl+C stops',
    ].join('\n'),
  );
  let run = first.value;
  while ((await Promise.race([stopped, run.restart])) === 'restart') {
    await run.till.close();
    // At the same port, where the screens that are open find it again and show how the first copy comes.
    const again = await open(run.till.port, true);
    if (!again.ok) return complain(options.json, again.error);
    run = again.value;
  }
  await run.till.close();
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
