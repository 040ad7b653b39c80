import { spawn } from 'node:child_process';
import { chown, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { err, ok, type Result } from '../../../../agent/contract/result.ts';
import { type HqOpenProblem, hqOpenProblem } from '../hq-open-problem.ts';
import { serverEnv } from './server-process.ts';
import type { ServerPrograms } from './server-programs.ts';
import type { ServerUser } from './server-user.ts';

/** Output of `initdb` that is kept to tell what went wrong, in characters. */
const OUTPUT_MAX = 2_000;

/** The one user of the cluster. */
export const CLUSTER_USER = 'tillside';
/** Its password, in a file inside the cluster that only the server's user and root can read. */
export const PASSWORD_FILE = 'tillside.password';

export interface MakeCluster {
  readonly programs: ServerPrograms;
  readonly user: ServerUser | null;
  /** HQ's folder. */
  readonly folder: string;
  /** Where in it the cluster will be. */
  readonly dataDir: string;
  readonly password: string;
  readonly durable: boolean;
}

/**
 * Makes a cluster beside its place and moves it there whole, so that one that was cut off is never taken for a cluster.
 * The locale is PostgreSQL's own, the same on every machine.
 */
export async function makeCluster(options: MakeCluster): Promise<Result<void, HqOpenProblem>> {
  const { user, folder, dataDir, password, durable } = options;
  const making = join(folder, 'postgresql.making');
  const passwordFile = join(folder, 'postgresql.password');
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { mode: 0o700 });
  await rm(passwordFile, { force: true });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user !== null)
    for (const path of [making, passwordFile]) await chown(path, user.uid, user.gid);
  const problem = await runInitdb(options, making, passwordFile);
  if (problem !== null) {
    await rm(making, { recursive: true, force: true });
    return err(problem);
  }
  await rename(passwordFile, join(making, PASSWORD_FILE));
  if (durable) await syncAll([join(making, PASSWORD_FILE), making]);
  await rename(making, dataDir);
  if (durable) await syncAll([folder]);
  return ok(undefined);
}

async function runInitdb(
  { programs, user, durable }: MakeCluster,
  making: string,
  passwordFile: string,
): Promise<HqOpenProblem | null> {
  const child = spawn(
    programs.initdb,
    [
      ...['-D', making, '-U', CLUSTER_USER, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
      ...['--encoding', 'UTF8', '--locale', 'C'],
      ...['--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8', '--no-instructions'],
      ...(durable ? [] : ['--no-sync']),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], cwd: programs.folder, env: serverEnv(), ...(user ?? {}) },
  );
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-OUTPUT_MAX);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const code = await new Promise<number | string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (status, signal) => resolve(status ?? signal ?? 'ended'));
  });
  if (code === 0) return null;
  // The program has no other way to say so; its messages are English, as `serverEnv` asks.
  const full = output.includes('No space left on device');
  return hqOpenProblem(full ? 'disk-full' : 'server-not-made', `${code}: ${output.trim()}`);
}

async function syncAll(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    // Windows cannot open folders for this; NTFS journals its metadata.
    if (process.platform === 'win32' && !path.endsWith(PASSWORD_FILE)) continue;
    const file = await open(path, 'r');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }
}
