import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { PGLITE_WARNING } from '../database/open-pglite.ts';
import { createHqLog } from '../log.ts';
import { startHq } from '../start-hq.ts';
import { databaseOf, type HqConfig, keysFolderOf, loadHqConfig } from './hq-config.ts';
import type { HqSystem } from './hq-system.ts';
import { both, complain, print, withHqOptions } from './io.ts';
import { forgetRunningHq, noteRunningHq } from './running-hq.ts';
import { seedDemo } from './seed.ts';

const CONSOLE_FOLDER = fileURLToPath(new URL('../../../dist/hq-ui/', import.meta.url));
const PASS_FOLDER = fileURLToPath(new URL('../../../dist/pass/', import.meta.url));

/** `run`: serves tills, the web shop and the console until it is stopped. */
export function registerRun(program: Command, system: HqSystem): void {
  withHqOptions(
    program
      .command('run')
      .description('run headquarters: the service that tills, web shop and console speak to'),
  )
    .option('--host <address>', 'address to listen at; 0.0.0.0 = all of this machine')
    .option('--port <number>', 'port to listen at; 0 = any free one')
    .option(
      '--hosts <names>',
      'names and addresses by which tills reach it, comma-separated; the first stands in tickets',
      (value: string) => value.split(',').map((name) => name.trim()),
    )
    .option('--url <url>', 'where tills find it, behind a proxy or another name')
    .option('--cert <file>', 'server certificate (PEM) instead of a generated one')
    .option('--key <file>', 'its private key (PEM)')
    .option(
      '--ca <file>',
      'certificate of its authority (PEM), which tills pin; alone with --http behind a TLS proxy',
    )
    .option('--http', 'without TLS; on the loopback address only')
    .option('--demo', 'this is the demo: PGlite unless --database says otherwise')
    .option('--log-level <level>', 'error, warn, info or debug')
    .action((options: Record<string, unknown>) => run(options, system));
}

async function run(options: Record<string, unknown>, system: HqSystem): Promise<void> {
  const json = options['json'] === true;
  const config = loadHqConfig(options['config'] as string | undefined, options);
  if (!config.ok) return complain(json, config.error);
  const stopped = Promise.withResolvers<void>();
  const data = resolve(config.value.data);
  // Passable but not readable: the embedded database runs under an account of its own, in a folder of its own.
  mkdirSync(data, { recursive: true, mode: 0o711 });
  const started = await startHq({
    ...config.value,
    database: databaseOf(config.value),
    keysFolder: keysFolderOf(config.value),
    tls: tlsOf(config.value),
    version: system.version,
    consoleFolder: CONSOLE_FOLDER,
    passFolder: PASS_FOLDER,
    log: createHqLog(config.value.logLevel),
    nowMs: system.nowMs,
    random: system.random,
    timers: system.timers,
  });
  if (!started.ok) return complain(json, started.error);
  const hq = started.value;
  if (config.value.demo) await seedDemo(hq.deps);
  process.once('SIGINT', () => stopped.resolve());
  process.once('SIGTERM', () => stopped.resolve());
  const note = noteRunningHq(data, {
    url: hq.url,
    localUrl: hq.localUrl,
    ca: hq.ca,
    pid: process.pid,
  });
  const warning = hq.deps.db.engine === 'pglite' ? PGLITE_WARNING : null;
  const facts = {
    url: hq.url,
    port: hq.port,
    console: await hq.consoleLink(),
    engine: hq.deps.db.engine,
    data,
    warning,
  };
  print(json, facts, () =>
    [
      `总部已启动 / headquarters is open at ${hq.url}`,
      `  console  ${facts.console}`,
      '           (opens once; `till hq console` gives fresh links)',
      ...(warning === null ? [] : [`  ! ${both(warning)}`]),
    ].join('\n'),
  );
  await stopped.promise;
  forgetRunningHq(note);
  await hq.close();
}

function tlsOf({ http, cert, key, ca }: HqConfig) {
  if (http) return ca === undefined ? 'http' : { proxyCa: ca };
  return cert !== undefined && key !== undefined && ca !== undefined
    ? { cert, key, ca }
    : 'generated';
}
