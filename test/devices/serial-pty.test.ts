import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { SerialPort } from 'serialport';
import { afterEach, describe, expect, vi } from 'vitest';
import type { Driver } from '../../drivers/contract/device.ts';
import type { DriverEvent } from '../../drivers/contract/event.ts';
import { connectDriverHost } from '../../drivers/host-client.ts';
import { createSerialScanner } from '../../drivers/scanner/serial.ts';
import { MAX_FRAME_BYTES, RESYNC_SILENCE_MS } from '../../drivers/scanner/serial-frame.ts';
import { createSystemEnv } from '../../drivers/system-env.ts';
import { testWithProgram } from '../support/machine.ts';
import { type Pty, startPty } from '../support/pty.ts';

/** Skipped by name where `socat` is missing, except with CI=true. */
const test = testWithProgram('socat');
const WAIT = { timeout: 15_000, interval: 10 } as const;

const open: { driver: Driver[]; pty: Pty[]; child: ChildProcess[] } = {
  driver: [],
  pty: [],
  child: [],
};

afterEach(async () => {
  for (const driver of open.driver.splice(0)) await driver.stop();
  for (const child of open.child.splice(0)) child.kill('SIGKILL');
  for (const pty of open.pty.splice(0)) await pty.stop();
});

const plugIn = async (): Promise<Pty> => {
  const pty = await startPty();
  open.pty.push(pty);
  return pty;
};

const listen = (path: string, id = 'scanner-1') => {
  const events: DriverEvent[] = [];
  const driver = createSerialScanner(
    {
      id,
      owner: 'agent',
      port: { path, baudRate: 9_600, dataBits: 8, parity: 'none', stopBits: 1 },
    },
    createSystemEnv(() => {}),
    (event) => events.push(event),
  );
  open.driver.push(driver);
  return {
    driver,
    texts: () => events.flatMap((event) => (event.type === 'scan' ? [event.text] : [])),
    drops: () =>
      events.flatMap((event) =>
        event.type === 'error' && event.drop !== undefined ? [event.drop] : [],
      ),
    hint: () => events.flatMap((event) => (event.type === 'state' ? [event.hint.en] : [])).at(-1),
    states: () => events.flatMap((event) => (event.type === 'state' ? [event.to] : [])),
    reaches: (state: string) => vi.waitFor(() => expect(driver.state()).toBe(state), WAIT),
  };
};

/** An agent's driver process of its own that holds the scanner on `path`. */
const startDriverProcess = async (path: string) => {
  const child = fork(fileURLToPath(new URL('../../drivers/host-main.ts', import.meta.url)), {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [],
  });
  open.child.push(child);
  const states: string[] = [];
  const client = connectDriverHost(
    {
      postMessage: (message) => void child.send(message as object),
      onMessage: (receive) => void child.on('message', receive),
      close: () => child.disconnect(),
    },
    (event) => void (event.type === 'state' && states.push(event.to)),
  );
  await client.up;
  await client.call('configure', {
    devices: [{ id: 'theirs', driver: 'serial-scanner', owner: 'agent', path }],
  });
  await client.call('start', { deviceId: 'theirs' });
  await vi.waitFor(() => expect(states.at(-1)).toBe('ready'), WAIT);
  return {
    pid: child.pid,
    async killed() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
};

describe('a scanner on a real serial line', () => {
  test('a code written to the other end arrives as one scan', async () => {
    const pty = await plugIn();
    const till = listen(pty.path);
    till.driver.start();
    await till.reaches('ready');
    pty.write(']C18018401234523435439653\r');
    await vi.waitFor(() => expect(till.texts()).toEqual(['8018401234523435439653']), WAIT);
    // The path is followed to the node itself: the lock is the device's, not the name's.
    expect(till.driver.identity()).toMatchObject({
      transport: 'serial',
      path: expect.stringMatching(/^\/dev\/pts\//),
    });
    expect(await till.driver.health('internal')).toMatchObject({ outcome: 'passed' });
  });

  test('garbage loses the code it runs into and no other', async () => {
    const pty = await plugIn();
    const till = listen(pty.path);
    till.driver.start();
    await till.reaches('ready');
    pty.write(Uint8Array.of(0, 0xff, 0xfe, 0x67, 0x61, 0x72, 0x62));
    pty.write('4006381333931\r6901234567892\r');
    await vi.waitFor(() => expect(till.texts()).toEqual(['6901234567892']), WAIT);
    expect(till.drops()).toEqual(['garbage']);
  });

  test('five thousand codes at full speed all arrive, in order', async () => {
    const pty = await plugIn();
    const till = listen(pty.path);
    till.driver.start();
    await till.reaches('ready');
    const codes = Array.from({ length: 5_000 }, (_, index) => `CODE-${index}`);
    pty.write(codes.map((code) => `${code}\r\n`).join(''));
    await vi.waitFor(() => expect(till.texts()).toHaveLength(5_000), WAIT);
    expect(till.texts()).toEqual(codes);
  });

  test('nothing is delivered that was written before the claim', async () => {
    const pty = await plugIn();
    pty.write('STALE-1\rSTALE-2\rSTALE-3');
    const till = listen(pty.path);
    till.driver.start();
    await till.reaches('ready');
    pty.write('\rFRESH\r');
    await vi.waitFor(() => expect(till.texts()).toContain('FRESH'), WAIT);
    expect(till.texts()).toEqual(['FRESH']);
  });

  test('scanner unplugged mid-code: absent, then ready after the replug, and the next code is read whole', async () => {
    const pty = await plugIn();
    const till = listen(pty.path);
    till.driver.start();
    await till.reaches('ready');
    pty.write(']E0690123');
    await new Promise((resolve) => setTimeout(resolve, 30));
    await pty.unplug();
    await till.reaches('absent');
    await pty.plug();
    await till.reaches('ready');
    pty.write(']E06901234567892\r');
    await vi.waitFor(() => expect(till.texts()).toEqual(['6901234567892']), WAIT);
    expect(till.states()).toEqual([
      'present',
      'claiming',
      'ready',
      'absent',
      'present',
      'claiming',
      'ready',
    ]);
    expect(till.driver.statistics()).toMatchObject({
      partial: 1,
      unplugs: 1,
      reopens: 1,
      scans: 1,
    });
  });

  test('no stale write: what could not be sent before the unplug never reaches the device after it', async () => {
    const pty = await plugIn();
    const till = listen(pty.path);
    till.driver.start();
    await till.reaches('ready');
    expect((await till.driver.send(new TextEncoder().encode('HELLO'))).ok).toBe(true);
    await vi.waitFor(() => expect(pty.received()).toBe('HELLO'), WAIT);
    await pty.unplug();
    const whileGone = await till.driver.send(new TextEncoder().encode('STALE'));
    expect(whileGone.ok).toBe(false);
    await till.reaches('absent');
    await pty.plug();
    await till.reaches('ready');
    expect((await till.driver.send(new TextEncoder().encode('AFTER'))).ok).toBe(true);
    await vi.waitFor(() => expect(pty.received()).toBe('AFTER'), WAIT);
  });

  test('a code longer than the limit is dropped while it comes, and the code after it is read', async () => {
    const pty = await plugIn();
    const till = listen(pty.path);
    till.driver.start();
    await till.reaches('ready');
    pty.write(`${'7'.repeat(MAX_FRAME_BYTES)}\r`);
    await vi.waitFor(() => expect(till.texts()).toHaveLength(1), WAIT);
    pty.write(`${'8'.repeat(100_000)}\r`);
    await vi.waitFor(() => expect(till.drops()).toEqual(['over-long']), WAIT);
    pty.write('6901234567892\r');
    await vi.waitFor(() => expect(till.texts().at(-1)).toBe('6901234567892'), WAIT);
    expect(till.texts()).toHaveLength(2);
  });

  test('a code that stops in the middle is given up by itself, and a fresh one is read whole', async () => {
    const pty = await plugIn();
    const till = listen(pty.path);
    till.driver.start();
    await till.reaches('ready');
    pty.write(']E0690123');
    await vi.waitFor(() => expect(till.drops()).toEqual(['unterminated']), WAIT);
    await new Promise((resolve) => setTimeout(resolve, RESYNC_SILENCE_MS + 50));
    pty.write(']E06901234567892\r');
    await vi.waitFor(() => expect(till.texts()).toEqual(['6901234567892']), WAIT);
    expect(till.driver.statistics()).toMatchObject({ partial: 1, scans: 1 });
  });

  test('device busy in another process: the agent that came second says who holds it, and gets it when that one is killed', async () => {
    const pty = await plugIn();
    const other = await startDriverProcess(pty.path);
    const till = listen(pty.path, 'scanner-2');
    till.driver.start();
    await till.reaches('busy');
    expect(till.hint()).toContain(`process ${other.pid}`);
    pty.write('THEIRS\r');
    await other.killed();
    await till.reaches('ready');
    pty.write('OURS\r');
    await vi.waitFor(() => expect(till.texts()).toEqual(['OURS']), WAIT);
  });

  test('device busy in another program that is no agent: the lock of the system itself says so', async () => {
    const pty = await plugIn();
    const program = new SerialPort({ path: pty.path, baudRate: 9_600, autoOpen: false });
    await new Promise<void>((resolve, reject) =>
      program.open((error) => (error ? reject(error) : resolve())),
    );
    const till = listen(pty.path);
    till.driver.start();
    await till.reaches('busy');
    await new Promise<void>((resolve) => program.close(() => resolve()));
    await till.reaches('ready');
  });

  test('a second agent sees busy, steals nothing, and takes over when the first lets go', async () => {
    const pty = await plugIn();
    const first = listen(pty.path, 'scanner-1');
    first.driver.start();
    await first.reaches('ready');
    const second = listen(pty.path, 'scanner-2');
    second.driver.start();
    await second.reaches('busy');
    pty.write('MINE\r');
    await vi.waitFor(() => expect(first.texts()).toEqual(['MINE']), WAIT);
    expect(second.texts()).toEqual([]);
    await first.driver.stop();
    await second.reaches('ready');
  });

  test('a path that is no serial device is unsupported, not a crash', async () => {
    const till = listen('/dev/null');
    till.driver.start();
    await vi.waitFor(() => expect(['unsupported', 'faulted']).toContain(till.driver.state()), WAIT);
  });
});
