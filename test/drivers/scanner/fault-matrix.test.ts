import { describe, expect, test } from 'vitest';
import { HANG_LIMIT_MS } from '../../../drivers/claim/hang-watch.ts';
import {
  CLOSE_TIMEOUT_MS,
  LOCK_TIMEOUT_MS,
  LOOK_TIMEOUT_MS,
  MAX_UNCLOSED,
  OPEN_TIMEOUT_MS,
  WRITE_TIMEOUT_MS,
} from '../../../drivers/claim/held-transport.ts';
import { ABSENT_POLL_MS, RETRY_MAX_MS, RETRY_MIN_MS } from '../../../drivers/claim/retry-pace.ts';
import type { ScanLine } from '../../../drivers/scanner/line.ts';
import { createScanLine } from '../../../drivers/scanner/scan-line.ts';
import { createScannerDriver } from '../../../drivers/scanner/scanner-driver.ts';
import {
  type Behaviour,
  createSimTransport,
  type DeviceCall,
} from '../../../drivers/sim/sim-transport.ts';
import { createManualEnv } from '../manual-env.ts';
import { CLAIM_MS, createFixture } from './fixture.ts';

const calls: readonly DeviceCall[] = ['exists', 'open', 'write', 'close'];
const ways: Readonly<Record<string, Behaviour | 'unanswered'>> = {
  'hangs until the fault ends': 'unanswered',
  throws: 'throw',
  'is refused': { code: 'failed', detail: 'refused by the system' },
  'answers late': { afterMs: 500 },
  'answers after every limit': { afterMs: 10_000 },
};
/** What each call is told as. */
const told: Readonly<Record<DeviceCall, string>> = {
  exists: 'look',
  open: 'open',
  write: 'write',
  close: 'close',
};
/** Longer than any chain of calls takes to end when each of them takes its whole time. */
const EVERY_LIMIT_MS =
  LOOK_TIMEOUT_MS + LOCK_TIMEOUT_MS + OPEN_TIMEOUT_MS + WRITE_TIMEOUT_MS + CLOSE_TIMEOUT_MS;

describe('a fault injected at every call ends in a named state and a recovery', () => {
  test.each(
    calls.flatMap((call) => Object.entries(ways).map(([name, way]) => [call, name, way] as const)),
  )('%s that %s', async (call, name, way) => {
    let broken = false;
    const end = Promise.withResolvers<void>();
    const behaviour: Behaviour = way === 'unanswered' ? { until: end.promise } : way;
    const { driver, env, line, events, send, texts, startReady, locksHeld } = createFixture({
      behave: (asked) => (broken && asked === call ? behaviour : 'well'),
    });
    await startReady();
    const timers = env.pendingTimers();

    broken = true;
    // Each of the four calls is made: a write, then a loss that closes, looks and opens.
    void driver.send(Uint8Array.of(7));
    await env.advance(WRITE_TIMEOUT_MS);
    line.breakLine('input/output error');
    await env.advance(EVERY_LIMIT_MS);
    expect(['ready', 'absent', 'claiming', 'faulted']).toContain(driver.state());
    if (driver.state() !== 'ready') {
      const told = events.findLast((event) => event.type === 'state');
      expect(told).toMatchObject({
        to: driver.state(),
        remedy: { text: { en: expect.stringMatching(/./) } },
      });
    }

    broken = false;
    end.resolve();
    await env.advance(2 * EVERY_LIMIT_MS + RETRY_MAX_MS + ABSENT_POLL_MS);
    expect(driver.state()).toBe('ready');
    expect(locksHeld()).toBe(1);
    expect(env.newsListeners()).toBe(1);
    expect(env.pendingTimers()).toBe(timers);
    // A close that never worked has left its handle to the system; everything else is closed.
    if (call !== 'close' || name.startsWith('answers')) expect(line.openHandles()).toBe(1);
    send('AFTER\r');
    expect(texts()).toEqual(['AFTER']);

    await driver.stop();
    expect([locksHeld(), env.newsListeners(), env.pendingTimers()]).toEqual([0, 0, 0]);
  });
});

describe('a call that never comes home is told once, long after its time limit', () => {
  test.each(calls)('%s', async (call) => {
    let broken = false;
    const { driver, env, line, events, startReady, locksHeld } = createFixture({
      behave: (asked) => (broken && asked === call ? 'hang' : 'well'),
    });
    const hangs = () => events.filter(({ type }) => type === 'hang');
    await startReady();
    broken = true;
    void driver.send(Uint8Array.of(7));
    await env.advance(WRITE_TIMEOUT_MS);
    line.breakLine('input/output error');
    await env.advance(HANG_LIMIT_MS - EVERY_LIMIT_MS);
    expect(hangs()).toEqual([]);
    await env.advance(2 * EVERY_LIMIT_MS);
    expect(hangs()).toMatchObject([{ deviceId: 'scanner-1', call: told[call] }]);
    await env.advance(10 * HANG_LIMIT_MS);
    expect(hangs()).toHaveLength(1);

    // A device that can be opened without it is back meanwhile; the others are shown as what they are.
    expect(driver.state()).toBe(call === 'write' || call === 'close' ? 'ready' : 'faulted');
    const stopped = driver.stop();
    await env.advance(EVERY_LIMIT_MS + HANG_LIMIT_MS);
    await stopped;
    expect([locksHeld(), env.newsListeners(), env.pendingTimers()]).toEqual([0, 0, 0]);
  });
});

test('a handle that did not close is closed before the next opening, or the device would stay busy with ourselves', async () => {
  let broken = true;
  const { driver, env, line } = createFixture({
    behave: (call) => (broken && call === 'close' ? 'throw' : 'well'),
  });
  driver.start();
  await env.advance(CLAIM_MS);
  await driver.stop();
  driver.start();
  await env.advance(RETRY_MAX_MS);
  expect(driver.state()).toBe('busy');
  broken = false;
  await env.advance(RETRY_MAX_MS + CLAIM_MS);
  expect(driver.state()).toBe('ready');
  expect(line.openHandles()).toBe(1);
});

test('handles that do not close are asked again up to a limit, so that no opening takes for ever', async () => {
  let closes = 0;
  const { driver, env, line, startReady } = createFixture({
    behave: (call) => {
      if (call !== 'close') return 'well';
      closes += 1;
      return 'throw';
    },
  });
  await startReady();
  for (let loss = 0; loss < 2 * MAX_UNCLOSED; loss += 1) {
    line.breakLine('input/output error');
    await env.settle();
    closes = 0;
    await env.advance(RETRY_MAX_MS + CLAIM_MS);
    expect(driver.state()).toBe('ready');
    expect(closes).toBe(Math.min(loss + 1, MAX_UNCLOSED));
  }
});

test('a thousand plug cycles leave one handle, one lock, one listener and the timers of one device', async () => {
  const { startReady, line, env, driver, send, texts, locksHeld } = createFixture();
  await startReady();
  const timers = env.pendingTimers();
  for (let cycle = 0; cycle < 1_000; cycle += 1) {
    send(`CODE-${cycle}\rTORN-`);
    if (cycle % 3 === 0) line.breakLine('input/output error');
    line.unplug();
    await env.advance(cycle % 5 === 0 ? 2 * ABSENT_POLL_MS : 1);
    line.plug();
    if (cycle % 2 === 0) env.deviceNews();
    await env.advance(RETRY_MAX_MS + CLAIM_MS);
    expect(driver.state()).toBe('ready');
  }
  expect(texts()).toHaveLength(1_000);
  expect([line.openHandles(), locksHeld(), env.newsListeners(), env.pendingTimers()]).toEqual([
    1,
    1,
    1,
    timers,
  ]);
  await driver.stop();
  expect([line.openHandles(), locksHeld(), env.newsListeners(), env.pendingTimers()]).toEqual([
    0, 0, 0, 0,
  ]);
});

test('a device that is stuck for an hour holds under 64 kB, is told once, and reads again when it stops', async () => {
  const env = createManualEnv();
  const line = createSimTransport(env, 'scanner-1');
  let made: ScanLine | undefined;
  const told: string[] = [];
  const driver = createScannerDriver(
    { id: 'scanner-1', owner: 'agent' },
    {
      transport: line,
      createLine(wiring) {
        made = createScanLine(wiring);
        return made;
      },
    },
    env,
    (event) => {
      if (event.type === 'scan') told.push(event.text);
      if (event.type === 'error') told.push(`!${event.drop}`);
    },
  );
  driver.start();
  await env.advance(RETRY_MIN_MS);
  const piece = new Uint8Array(4_000).fill(0x41);
  let largest = 0;
  for (let passedMs = 0; passedMs < 3_600_000; passedMs += 100) {
    line.send(piece);
    largest = Math.max(largest, made?.bufferedBytes() ?? 0);
    if (passedMs % 60_000 === 0) await env.advance(100);
  }
  expect(largest).toBeGreaterThan(0);
  expect(largest).toBeLessThan(64 * 1_024);
  await env.advance(1_000);
  line.send(new TextEncoder().encode('6901234567892\r'));
  expect(told).toEqual(['!over-long', '6901234567892']);
});
