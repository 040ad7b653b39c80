import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { DeviceLock, DeviceLocks, LockHolder, LockRefusal } from './contract/device-lock.ts';
import { err, ok, type Result } from './contract/result.ts';

/** How long the holder of a device has to say who it is, in all. */
export const HOLDER_TIMEOUT_MS = 500;
/** Longest answer of a holder that is read. */
export const MAX_HOLDER_BYTES = 1_024;
/** Programs that are told at one time who holds a claim; more are hung up on. */
export const MAX_ASKERS = 8;
/** Hex digits of the key's digest in an address: 128 bits never meet by chance. */
const DIGEST_DIGITS = 32;

/**
 * Where the claim of `key` is held. A listening socket and not a lock file: the system takes it
 * back when the process ends in whichever way, so no claim is ever stale. The names of Linux
 * (abstract, unix(7)) and of Windows (pipes) are those of the whole computer, not of a user.
 */
export const lockAddress = (key: string, platform: string): string => {
  const name = `tillside-device-${createHash('sha256').update(key).digest('hex').slice(0, DIGEST_DIGITS)}`;
  if (platform === 'win32') return `\\\\.\\pipe\\${name}`;
  return platform === 'linux' ? `\0${name}` : join(tmpdir(), `${name}.sock`);
};

const listen = (server: Server, address: string): Promise<NodeJS.ErrnoException | null> =>
  new Promise((resolve) => {
    server.once('error', resolve);
    server.listen(address, () => {
      server.removeListener('error', resolve);
      // Later errors concern one caller that asked who we are; the claim itself stands.
      server.on('error', () => {});
      resolve(null);
    });
  });

const holderOf = (said: string): LockHolder | undefined => {
  try {
    const { pid, deviceId } = JSON.parse(said) as Partial<LockHolder>;
    if (typeof pid === 'number' && typeof deviceId === 'string') return { pid, deviceId };
  } catch {
    // Whoever holds the name may be anything; then all that is known is that it is held.
  }
  return undefined;
};

/** Asks who holds a claim: the holder, `'held'` by somebody who does not say, or `'nobody'`. */
const askHolder = (address: string): Promise<LockHolder | 'held' | 'nobody'> =>
  new Promise((resolve) => {
    let said = '';
    const socket = connect(address);
    // Not the idle limit of a socket: a holder that drips would hold up whoever asks.
    const limit = setTimeout(() => finish('held'), HOLDER_TIMEOUT_MS);
    const finish = (answer: LockHolder | 'held' | 'nobody'): void => {
      clearTimeout(limit);
      socket.destroy();
      resolve(answer);
    };
    socket.setEncoding('utf8');
    socket.on('data', (piece) => {
      said += String(piece);
      if (said.length > MAX_HOLDER_BYTES) finish('held');
    });
    socket.on('end', () => finish(holderOf(said) ?? 'held'));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      finish(error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? 'nobody' : 'held'),
    );
  });

const busy = (holder: LockHolder | undefined): Result<never, LockRefusal> =>
  err({
    code: 'busy',
    detail:
      holder === undefined
        ? 'claimed by another agent on this computer'
        : `claimed by process ${holder.pid} as ${holder.deviceId}`,
    ...(holder === undefined ? {} : { holder }),
  });

/**
 * Device claims that every agent on this computer sees; `platform` as in `process.platform`.
 * `listenAt` takes an address for a server and gives what the system said against it.
 */
export const createSystemLocks = (
  platform: string = process.platform,
  listenAt: typeof listen = listen,
): DeviceLocks => {
  const attempt = async (
    key: string,
    deviceId: string,
    again: boolean,
  ): Promise<Result<DeviceLock, LockRefusal>> => {
    const address = lockAddress(key, platform);
    const askers = new Set<Socket>();
    const server = createServer((socket) => {
      askers.add(socket);
      socket.on('close', () => askers.delete(socket));
      socket.on('error', () => {
        // The one that asked has gone; there is nobody left to tell.
      });
      const holder: LockHolder = { pid: process.pid, deviceId };
      socket.end(JSON.stringify(holder));
    });
    server.maxConnections = MAX_ASKERS;
    const failure = await listenAt(server, address);
    if (failure === null) {
      // A claim alone is no reason to keep a process alive.
      server.unref();
      return ok({
        release: () =>
          new Promise((resolve) => {
            server.close(() => resolve());
            // A program that asked and never hangs up must not keep the device.
            for (const asker of askers) asker.destroy();
          }),
      });
    }
    // A pipe of another user of Windows is refused and so taken; elsewhere a refusal means no locks.
    const isTaken =
      failure.code === 'EADDRINUSE' || (platform === 'win32' && failure.code === 'EACCES');
    if (!isTaken) return err({ code: 'failed', detail: failure.message });
    const holder = await askHolder(address);
    if (holder !== 'nobody') return busy(holder === 'held' ? undefined : holder);
    if (!again) return busy(undefined);
    // The holder left between the two looks. Only a socket that is a file outlives its process.
    if (platform !== 'linux' && platform !== 'win32') await rm(address, { force: true });
    return attempt(key, deviceId, false);
  };
  return { take: (key, deviceId) => attempt(key, deviceId, true) };
};
