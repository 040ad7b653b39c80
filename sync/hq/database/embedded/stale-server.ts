import { readFileSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { runningUrl } from './running-url.ts';

/** A server that lost its HQ is given so long to end in good order, in milliseconds; then it is ended at once. */
export const STALE_FAST_MS = 10_000;
/** Longest wait for a server that was ended at once, in milliseconds. */
export const STALE_IMMEDIATE_MS = 10_000;
/** One that is asked who it is may be starting: it is asked again for so long, in milliseconds. */
export const STALE_ASK_MS = 30_000;
const ASK_TIMEOUT_MS = 5_000;
const ASK_EVERY_MS = 500;
const LOOK_EVERY_MS = 20;

/** What the process is that `postmaster.pid` names. `unclear`: something is there and does not say. */
type Named = 'our-server' | 'another-program' | 'unclear';

/**
 * Ends the server that an HQ left behind when it was killed, and clears a `postmaster.pid` that stands for no server.
 * Only for a caller that holds the folder's lock: then no other HQ owns that server. True when the folder is free.
 * Linux tells what a process runs; elsewhere only what answers to the folder's own password is taken for its server.
 */
export async function clearStaleServer(
  dataDir: string,
  platform: NodeJS.Platform = process.platform,
): Promise<boolean> {
  const pidFile = join(dataDir, 'postmaster.pid');
  const pid = readPid(pidFile);
  if (pid === null || !isAlive(pid)) return true;
  const runs = platform === 'linux' ? () => isServerOf(pid, dataDir) : () => isAlive(pid);
  const named = platform === 'linux' ? nameOf(runs()) : await askServer(dataDir);
  if (named === 'unclear') return false;
  if (named === 'another-program') {
    // The number belongs to another program by now (a reboot, a container): the server would refuse to start.
    if (isAlive(pid)) rmSync(pidFile, { force: true });
    return true;
  }
  // SIGINT: fast shutdown. SIGQUIT: at once, with recovery at the next start.
  return (
    (await endBy('SIGINT', pid, runs, STALE_FAST_MS)) ||
    (await endBy('SIGQUIT', pid, runs, STALE_IMMEDIATE_MS))
  );
}

function nameOf(ours: boolean): Named {
  return ours ? 'our-server' : 'another-program';
}

async function endBy(
  signal: NodeJS.Signals,
  pid: number,
  runs: () => boolean,
  waitMs: number,
): Promise<boolean> {
  for (let waitedMs = 0; runs(); waitedMs += LOOK_EVERY_MS) {
    if (waitedMs >= waitMs) return false;
    if (waitedMs === 0) send(pid, signal);
    await sleep(LOOK_EVERY_MS);
  }
  return true;
}

/** Asks whoever listens where the cluster's server noted its port. Only that server knows the cluster's password. */
async function askServer(dataDir: string): Promise<Named> {
  const url = runningUrl(dataDir);
  // A note is whole before its server answers anybody; without a port nobody can be asked.
  if (url === undefined) return 'another-program';
  for (let waitedMs = 0; waitedMs < STALE_ASK_MS; waitedMs += ASK_EVERY_MS) {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: ASK_TIMEOUT_MS });
    client.on('error', () => {}); // Told by `connect` as well.
    try {
      await client.connect();
      return 'our-server';
    } catch (error) {
      const { code } = error as { code?: string };
      // Nobody listens there, or a server that has another password.
      if (code === 'ECONNREFUSED' || code?.startsWith('28') === true) return 'another-program';
    } finally {
      await client.end().catch(() => {}); // Nothing to end where nothing began.
    }
    await sleep(ASK_EVERY_MS);
  }
  return 'unclear';
}

function readPid(path: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
    return pid > 1 ? pid : null;
  } catch {
    return null; // No file: no server.
  }
}

/** Whether the process is a server of this very folder, by its command line. */
function isServerOf(pid: number, dataDir: string): boolean {
  if (!isAlive(pid)) return false;
  try {
    // A server that has ended but was not yet collected has an empty command line.
    const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return args.includes(dataDir) || args.includes(realpathSync(dataDir));
  } catch {
    return false; // It ended meanwhile.
  }
}

function isAlive(pid: number): boolean {
  return send(pid, 0);
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
