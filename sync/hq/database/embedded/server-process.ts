import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fchownSync, openSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerPrograms } from './server-programs.ts';
import type { ServerUser } from './server-user.ts';

/** The server's log is put aside at a start when it is bigger than this, in bytes. */
export const SERVER_LOG_MAX_BYTES = 4 * 1024 * 1024;
/** Connections of the embedded server: several HQ processes and a person with psql. */
const MAX_CONNECTIONS = 100;

export const SERVER_LOG = 'postgresql.log';

export interface ServerProcess {
  /** Ends with the exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
  /** Fast shutdown: running transactions are rolled back, everything is on the disk. */
  stop(): Promise<void>;
}

export interface ServerProcessOptions {
  readonly programs: ServerPrograms;
  readonly user: ServerUser | null;
  /** HQ's folder. */
  readonly folder: string;
  /** The cluster inside it. */
  readonly dataDir: string;
  readonly port: number;
  /** Only for tests: gives safety against power cuts up for speed. */
  readonly durable: boolean;
}

/** Starts the server; it listens on this machine alone. It ends when HQ ends, also when HQ is killed. */
export function startServerProcess(options: ServerProcessOptions): ServerProcess {
  const { programs, user, dataDir, port, durable } = options;
  const log = openLog(options);
  const child = spawn(programs.postgres, [...settings(dataDir, port, durable)], {
    stdio: ['ignore', log, log],
    cwd: programs.folder,
    env: serverEnv(),
    ...(user ?? {}),
  });
  closeSync(log);
  const watch = child.pid === undefined ? null : endWithUs(child.pid);
  const ended = new Promise<number | string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code, signal) => resolve(code ?? signal ?? 'ended'));
  });
  void ended.then(() => watch?.kill('SIGKILL'));
  return {
    ended,
    async stop() {
      child.kill('SIGINT');
      await ended;
    },
  };
}

/** Only what the programs need: no variable of HQ's (`PGDATA`, secrets) reaches them. */
export function serverEnv(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TZ } = process.env;
  return { PATH, SystemRoot, TZ, LC_ALL: 'C' };
}

function* settings(dataDir: string, port: number, durable: boolean): Generator<string> {
  yield* ['-D', dataDir, '-p', String(port), '-h', '127.0.0.1'];
  const values = {
    unix_socket_directories: '',
    max_connections: MAX_CONNECTIONS,
    password_encryption: 'scram-sha-256',
    // What goes wrong, without the statements and values that it went wrong with: they name people.
    log_min_messages: 'warning',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_line_prefix: '%m [%p] ',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  for (const [name, value] of Object.entries(values)) yield* ['-c', `${name}=${value}`];
}

function openLog({ folder, user }: ServerProcessOptions): number {
  const path = join(folder, SERVER_LOG);
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > SERVER_LOG_MAX_BYTES) renameSync(path, `${path}.1`);
  const log = openSync(path, 'a', 0o600);
  if (user !== null) fchownSync(log, user.uid, user.gid);
  return log;
}

/**
 * A shell that reads a pipe of ours: when HQ ends, however that happens, the pipe closes and the shell asks the server
 * for a fast shutdown. Windows has no such signal; there the next start of HQ ends the server.
 */
function endWithUs(pid: number): ChildProcess | null {
  if (process.platform === 'win32') return null;
  const watch = spawn(
    '/bin/sh',
    ['-c', 'while read -r line; do :; done; kill -INT "$1"', 'sh', `${pid}`],
    {
      stdio: ['pipe', 'ignore', 'ignore'],
      // A terminal's Ctrl-C is for HQ, which then stops the server itself.
      detached: true,
    },
  );
  watch.unref();
  (watch.stdin as unknown as { unref(): void }).unref();
  // Without a shell the next start ends a server left behind.
  watch.on('error', () => {});
  return watch;
}
