import { readFileSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server that lost its HQ is given so long to end in good order, in milliseconds; then it is ended at once. */
export const STALE_FAST_MS = 10_000;
/** Longest wait for a server that was ended at once, in milliseconds. */
export const STALE_IMMEDIATE_MS = 10_000;
const LOOK_EVERY_MS = 20;

/**
 * Ends the server that an HQ left behind when it was killed, and clears a `postmaster.pid` that stands for no server.
 * Only for a caller that holds the folder's lock: then no other HQ owns that server. True when the folder is free.
 */
export async function clearStaleServer(dataDir: string): Promise<boolean> {
  const pidFile = join(dataDir, 'postmaster.pid');
  const pid = readPid(pidFile);
  if (pid === null) return true;
  if (!isServerOf(pid, dataDir)) {
    // The number belongs to another program by now (a reboot, a container): the server would refuse to start.
    if (isAlive(pid)) rmSync(pidFile, { force: true });
    return true;
  }
  // SIGINT: fast shutdown. SIGQUIT: at once, with recovery at the next start.
  return (
    (await endBy('SIGINT', pid, dataDir, STALE_FAST_MS)) ||
    (await endBy('SIGQUIT', pid, dataDir, STALE_IMMEDIATE_MS))
  );
}

async function endBy(
  signal: NodeJS.Signals,
  pid: number,
  dataDir: string,
  waitMs: number,
): Promise<boolean> {
  for (let waitedMs = 0; isServerOf(pid, dataDir); waitedMs += LOOK_EVERY_MS) {
    if (waitedMs >= waitMs) return false;
    if (waitedMs === 0) send(pid, signal);
    await sleep(LOOK_EVERY_MS);
  }
  return true;
}

function readPid(path: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
    return pid > 1 ? pid : null;
  } catch {
    return null; // No file: no server.
  }
}

/** Whether the process is a server of this very folder. Where the system does not tell, a living process counts. */
function isServerOf(pid: number, dataDir: string): boolean {
  if (!isAlive(pid)) return false;
  if (process.platform !== 'linux') return true;
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
