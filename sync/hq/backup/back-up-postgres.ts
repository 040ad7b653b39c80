import { spawn } from 'node:child_process';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { type BackupProblem, backupProblem } from './backup-problem.ts';

/** Bytes of what pg_dump complains about that are kept. */
const SAID_MAX_CHARS = 2_000;

/**
 * Dumps the database with pg_dump (custom format, for pg_restore) into a folder. The file appears there whole and synced,
 * or not at all.
 * @param url address of the server; its password goes by the environment and shows in no list of processes
 * @returns path of the file
 */
export async function backUpPostgres(
  url: string,
  folder: string,
  startedAt: string,
  program = 'pg_dump',
): Promise<Result<string, BackupProblem>> {
  const file = join(resolve(folder), `tillside-hq-${startedAt.replace(/[:.]/g, '-')}.dump`);
  const beside = `${file}.part`;
  try {
    await mkdir(resolve(folder), { recursive: true, mode: 0o700 });
    await rm(beside, { force: true });
  } catch (cause) {
    return err(backupProblem('not-written', reasonOf(cause)));
  }
  const address = new URL(url);
  const password = decodeURIComponent(address.password);
  address.password = '';
  const ran = await run(
    program,
    ['--format=custom', `--file=${beside}`, `--dbname=${address.href}`],
    password,
  );
  if (!ran.ok) {
    await rm(beside, { force: true });
    return ran;
  }
  try {
    const handle = await open(beside, 'r+');
    await handle.sync();
    await handle.close();
    await rename(beside, file);
  } catch (cause) {
    return err(backupProblem('not-written', reasonOf(cause)));
  }
  return ok(file);
}

function run(
  program: string,
  args: readonly string[],
  password: string,
): Promise<Result<void, BackupProblem>> {
  return new Promise((settle) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      // Its messages in English, so that what they say can be told.
      env: { ...process.env, PGPASSWORD: password, LC_ALL: 'C' },
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      said = `${said}${part}`.slice(-SAID_MAX_CHARS);
    });
    child.on('error', (cause) => settle(err(backupProblem('pg-dump-missing', cause.message))));
    child.on('close', (code) =>
      settle(code === 0 ? ok(undefined) : err(backupProblem(codeOf(said), said.trim()))),
    );
  });
}

function codeOf(said: string): 'pg-dump-old' | 'pg-dump-failed' {
  return said.includes('server version mismatch') ? 'pg-dump-old' : 'pg-dump-failed';
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
