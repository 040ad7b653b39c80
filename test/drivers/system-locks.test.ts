import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import type { DeviceLock } from '../../drivers/contract/device-lock.ts';
import {
  createSystemLocks,
  HOLDER_TIMEOUT_MS,
  lockAddress,
  MAX_ASKERS,
} from '../../drivers/system-locks.ts';

const locks = createSystemLocks();
/** No other run of these tests on this machine uses the same devices. */
const device = (name: string): string => `test|${process.pid}|${name}`;

const held: DeviceLock[] = [];
afterEach(async () => {
  for (const lock of held.splice(0)) await lock.release();
});
const take = async (name: string, deviceId = 'scanner-1') => {
  const taken = await locks.take(device(name), deviceId);
  if (taken.ok) held.push(taken.value);
  return taken;
};

describe('the lock of a device', () => {
  test('is given once, and the second one to ask is told who holds it', async () => {
    expect((await take('a')).ok).toBe(true);
    expect(await take('a', 'scanner-2')).toMatchObject({
      ok: false,
      error: { code: 'busy', holder: { pid: process.pid, deviceId: 'scanner-1' } },
    });
    expect((await take('b')).ok).toBe(true);
  });

  test('can be taken again after it was given up, and giving it up twice is nothing', async () => {
    const first = await take('a');
    if (!first.ok) throw new Error('the device is free');
    await first.value.release();
    await first.value.release();
    expect((await take('a')).ok).toBe(true);
  });

  test.skipIf(process.platform === 'win32')(
    'of a process that was killed is free at once: no lock is ever stale',
    async () => {
      const child = fork(
        fileURLToPath(new URL('../support/hold-device-lock.ts', import.meta.url)),
        [device('killed')],
      );
      onTestFinished(() => void child.kill('SIGKILL'));
      await once(child, 'message');
      expect(await take('killed')).toMatchObject({
        ok: false,
        error: { code: 'busy', holder: { pid: child.pid, deviceId: 'held-by-child' } },
      });
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect((await take('killed')).ok).toBe(true);
    },
  );

  test('is given up although programs that asked for it never hang up, and more of those than it answers', async () => {
    const taken = await take('pestered');
    if (!taken.ok) throw new Error('the device is free');
    const address = lockAddress(device('pestered'), process.platform);
    const pests = Array.from({ length: MAX_ASKERS + 2 }, () =>
      connect({ path: address, allowHalfOpen: true }).on('error', () => {}),
    );
    onTestFinished(() => {
      for (const pest of pests) pest.destroy();
    });
    await Promise.all(pests.map((pest) => once(pest, 'connect')));
    await taken.value.release();
    expect((await take('pestered')).ok).toBe(true);
  });

  test('held by something that says nothing at all is busy when its time to answer is over', async () => {
    const open: Socket[] = [];
    const silent = createServer((socket) => void open.push(socket));
    silent.listen(lockAddress(device('silent'), process.platform));
    await once(silent, 'listening');
    expect(await take('silent')).toMatchObject({ ok: false, error: { code: 'busy' } });
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  });

  test('held by something that never ends its answer is busy when its time to answer is over', async () => {
    const open: Socket[] = [];
    const dripping = createServer((socket) => {
      open.push(socket);
      const drip = setInterval(() => socket.write('x'), HOLDER_TIMEOUT_MS / 5);
      socket.on('error', () => {});
      socket.on('close', () => clearInterval(drip));
    });
    dripping.listen(lockAddress(device('dripping'), process.platform));
    await once(dripping, 'listening');
    expect(await take('dripping')).toMatchObject({ ok: false, error: { code: 'busy' } });
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => dripping.close(resolve));
  });

  test.each([
    ['linux', 'failed'],
    ['win32', 'busy'],
  ])('that the system forbids is, on %s, %s', async (platform, code) => {
    const forbidding = createSystemLocks(platform, async () =>
      Object.assign(new Error('listen EACCES'), { code: 'EACCES' }),
    );
    expect(await forbidding.take(device('forbidden'), 'scanner-1')).toMatchObject({
      ok: false,
      error: { code },
    });
  });

  test('held by something that does not say who it is, is busy all the same', async () => {
    const stranger = createServer((socket) => {
      socket.on('error', () => {});
      socket.end('x'.repeat(100_000));
    });
    stranger.listen(lockAddress(device('strange'), process.platform));
    await once(stranger, 'listening');
    const refused = await take('strange');
    expect(refused).toMatchObject({ ok: false, error: { code: 'busy' } });
    expect(refused).not.toHaveProperty('error.holder');
    await new Promise((resolve) => stranger.close(resolve));
  });
});

test('a claim is a name of the whole computer on Linux and Windows, and never the ids of a device in clear', () => {
  expect(lockAddress('serial|1-1.2', 'linux')).toMatch(/^\0tillside-device-[0-9a-f]{32}$/);
  expect(lockAddress('serial|1-1.2', 'win32')).toMatch(
    /^\\\\\.\\pipe\\tillside-device-[0-9a-f]{32}$/,
  );
  expect(lockAddress('serial|1-1.2', 'linux')).not.toBe(lockAddress('serial|1-1.3', 'linux'));
});
