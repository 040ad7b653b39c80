import { describe, expect, test } from 'vitest';
import { MAX_SEND_BYTES } from '../../../drivers/claim/claim.ts';
import { DRAIN_LIMIT_MS } from '../../../drivers/claim/drain.ts';
import {
  CLOSE_TIMEOUT_MS,
  LOOK_TIMEOUT_MS,
  OPEN_TIMEOUT_MS,
  WRITE_TIMEOUT_MS,
} from '../../../drivers/claim/held-transport.ts';
import { ABSENT_POLL_MS, RETRY_MAX_MS, RETRY_MIN_MS } from '../../../drivers/claim/retry-pace.ts';
import type { LinkHandlers } from '../../../drivers/contract/byte-link.ts';
import type { DriverEvent } from '../../../drivers/contract/event.ts';
import { DUPLICATE_WINDOW_MS } from '../../../drivers/scanner/code-intake.ts';
import { createScanLine } from '../../../drivers/scanner/scan-line.ts';
import { createScannerDriver } from '../../../drivers/scanner/scanner-driver.ts';
import { INTERACTIVE_TIMEOUT_MS } from '../../../drivers/scanner/scanner-health.ts';
import {
  type Behaviour,
  createSimTransport,
  type DeviceCall,
} from '../../../drivers/sim/sim-transport.ts';
import { createManualEnv } from '../manual-env.ts';
import { CLAIM_MS, createFixture } from './fixture.ts';

describe('claiming', () => {
  test('a device goes from absent over present and claiming to ready, and each step says why and what helps', async () => {
    const { startReady, states, events } = createFixture();
    await startReady();
    expect(states()).toEqual(['present', 'claiming', 'ready']);
    expect(events.at(-1)).toMatchObject({
      type: 'state',
      cause: 'claimed',
      deviceId: 'scanner-1',
      remedy: { code: 'none' },
    });
  });

  test('nothing that was read before the claim is delivered, whole or torn', async () => {
    const { send, startReady, texts, env, driver } = createFixture();
    send('OLD-1\rOLD-2\rOLD-TA');
    driver.start();
    await env.advance(20);
    send('IL\rLATE-');
    await startReady();
    expect(texts()).toEqual([]);
    send('END\r');
    send('FRESH\r');
    expect(texts()).toEqual(['FRESH']);
    expect(driver.statistics().dropped).toBe(3);
  });

  test('a device that never falls silent is claimed after the drain limit', async () => {
    const { send, driver, env } = createFixture();
    driver.start();
    for (let passed = 0; passed <= DRAIN_LIMIT_MS; passed += 20) {
      send('noise ');
      await env.advance(20);
    }
    expect(driver.state()).toBe('ready');
  });

  test('what trickles in while the line is drained is old too, and nothing is sent meanwhile', async () => {
    const { send, driver, env, texts } = createFixture();
    driver.start();
    for (const text of ['STALE-1\r', 'STALE-2\r', 'STALE-3\r']) {
      await env.advance(40);
      send(text);
    }
    expect(await driver.send(Uint8Array.of(7))).toMatchObject({ error: { code: 'E_NOTCLAIMED' } });
    await env.advance(CLAIM_MS);
    expect(driver.state()).toBe('ready');
    send('FRESH\r');
    expect(texts()).toEqual(['FRESH']);
  });

  test.each([
    ['busy', 'E_CLAIMED', 'close-other-program'],
    ['denied', 'E_NOSERVICE', 'grant-access'],
    ['unsupported', 'E_ILLEGAL', 'scan-setup-code'],
    ['failed', 'E_FAILURE', 'check-cable'],
  ] as const)(
    'an opening refused as %s is one state, one error, and is tried again until it works',
    async (code, error, remedy) => {
      let answer: Behaviour = { code, detail: 'refused' };
      const { driver, env, states, errors, events } = createFixture({
        behave: (call) => (call === 'open' ? answer : 'well'),
      });
      driver.start();
      await env.advance(60_000);
      const state = code === 'failed' ? 'faulted' : code;
      expect(states()).toEqual(['present', 'claiming', state]);
      expect(errors().map((event) => event.code)).toEqual([error]);
      expect(events.find((event) => event.type === 'state' && event.to === state)).toMatchObject({
        remedy: { code: remedy },
      });
      expect(driver.statistics().claimFailures).toBeGreaterThan(10);
      answer = 'well';
      await env.advance(RETRY_MAX_MS + CLAIM_MS);
      expect(driver.state()).toBe('ready');
    },
  );
});

describe('a code that is cut in two without an unplug', () => {
  test.each([
    ['by a pause, as before the computer sleeps', 'pause'],
    ['by a stop, as when a role is bound', 'stop'],
    ['by a fault of the line', 'fault'],
  ])('%s, is told, and its half is no code', async (_name, way) => {
    const { startReady, send, line, driver, env, texts, errors } = createFixture();
    await startReady();
    send(']E0690123');
    if (way === 'pause') await driver.pause();
    else if (way === 'stop') await driver.stop();
    else line.breakLine('input/output error');
    await env.settle();
    expect(errors().map((event) => event.drop)).toEqual(['interrupted']);
    expect(driver.statistics()).toMatchObject({ partial: 1 });
    expect(texts()).toEqual([]);
  });

  test('before the device was ready is counted and not told: nobody scanned it now', async () => {
    const { send, driver, env, errors } = createFixture();
    send(']E0690123');
    driver.start();
    await env.settle();
    await driver.stop();
    expect(errors()).toEqual([]);
    expect(driver.statistics()).toMatchObject({ partial: 1 });
  });
});

describe('scanner unplugged mid-code', () => {
  test('the half code is dropped and counted, the loss is a state, and after the replug it reads again', async () => {
    const { startReady, send, line, driver, env, texts, errors, states } = createFixture();
    await startReady();
    send(']E0690123');
    line.unplug();
    expect(driver.state()).toBe('absent');
    expect(errors().map((event) => event.drop)).toEqual(['unplugged']);
    line.plug();
    await env.advance(2_000);
    expect(states().slice(-3)).toEqual(['present', 'claiming', 'ready']);
    send('4567892\r');
    send(']E06901234567892\r');
    expect(texts().at(-1)).toBe('6901234567892');
    expect(driver.statistics()).toMatchObject({ partial: 1, unplugs: 1, reopens: 1 });
  });

  test('a device away for an hour is looked for every second and ready within two of its return', async () => {
    const { startReady, line, env, driver } = createFixture();
    await startReady();
    line.unplug();
    await env.advance(3_600_000);
    expect(driver.state()).toBe('absent');
    line.plug();
    await env.advance(ABSENT_POLL_MS + CLAIM_MS);
    expect(driver.state()).toBe('ready');
  });

  test('a thousand unplugs leak no handle and no timer, and none reads a torn code', async () => {
    const { startReady, line, env, driver, send, texts, scans } = createFixture();
    await startReady();
    const timers = env.pendingTimers();
    for (let cycle = 0; cycle < 1_000; cycle += 1) {
      send(`CODE-${cycle}\rTORN-`);
      line.unplug();
      line.plug();
      await env.advance(RETRY_MIN_MS + CLAIM_MS);
    }
    expect(driver.state()).toBe('ready');
    expect(line.openHandles()).toBe(1);
    expect(env.pendingTimers()).toBe(timers);
    expect(texts()).toEqual(Array.from({ length: 1_000 }, (_, cycle) => `CODE-${cycle}`));
    expect(new Set(scans().map((scan) => scan.id)).size).toBe(1_000);
    await driver.stop();
    expect(line.openHandles()).toBe(0);
    expect(env.pendingTimers()).toBe(0);
  });
});

describe('faults at every call', () => {
  const calls: readonly DeviceCall[] = ['exists', 'open'];
  const ways = ['unanswered', 'throw'] as const;

  test.each(calls.flatMap((call) => ways.map((way) => [call, way] as const)))(
    '%s that goes %s is a fault that passes',
    async (call, way) => {
      let broken = true;
      const end = Promise.withResolvers<void>();
      const behaviour: Behaviour = way === 'unanswered' ? { until: end.promise } : way;
      const { driver, env, line } = createFixture({
        behave: (asked) => (broken && asked === call ? behaviour : 'well'),
      });
      driver.start();
      await env.advance(LOOK_TIMEOUT_MS + OPEN_TIMEOUT_MS + 1);
      expect(driver.state()).toBe('faulted');
      broken = false;
      end.resolve();
      await env.advance(OPEN_TIMEOUT_MS + RETRY_MAX_MS + CLAIM_MS);
      expect(driver.state()).toBe('ready');
      expect(line.openHandles()).toBe(1);
    },
  );

  test('an opening that ends after its time limit is closed, or it would hold the device for nobody', async () => {
    let slow = true;
    const { driver, env, line } = createFixture({
      behave: (call) => {
        if (slow && call === 'open') line.stall(OPEN_TIMEOUT_MS + 1_000);
        slow = slow && call !== 'open';
        return 'well';
      },
    });
    driver.start();
    await env.advance(OPEN_TIMEOUT_MS);
    expect(driver.state()).toBe('faulted');
    await env.advance(1_000 + LOOK_TIMEOUT_MS + RETRY_MAX_MS);
    expect(driver.state()).toBe('ready');
    expect(line.openHandles()).toBe(1);
  });

  test('a claim waits for the last handle to be closed, or it would find the device busy', async () => {
    const { driver, env, startReady, errors } = createFixture({
      behave: (call) => (call === 'close' ? { afterMs: 500 } : 'well'),
    });
    await startReady();
    void driver.pause();
    driver.resume();
    await env.advance(500 + CLAIM_MS);
    expect(driver.state()).toBe('ready');
    expect(errors()).toEqual([]);
  });

  test('a handle that was let go and still speaks is not listened to', async () => {
    const env = createManualEnv();
    const line = createSimTransport(env, 'scanner-1');
    const handles: LinkHandlers[] = [];
    const events: DriverEvent[] = [];
    const driver = createScannerDriver(
      { id: 'scanner-1', owner: 'agent' },
      {
        transport: {
          ...line,
          open(handlers) {
            handles.push(handlers);
            return line.open(handlers);
          },
        },
        createLine: (wiring) => createScanLine(wiring),
      },
      env,
      (event) => events.push(event),
    );
    driver.start();
    await env.advance(CLAIM_MS);
    await driver.pause();
    driver.resume();
    await env.advance(CLAIM_MS);
    handles[0]?.onBytes(new TextEncoder().encode('GHOST\r'));
    handles[0]?.onLost({ unplugged: true, detail: 'ghost' });
    expect(driver.state()).toBe('ready');
    expect(events.filter((event) => event.type === 'scan')).toEqual([]);
  });

  test('a close that hangs holds stop for its limit and no longer', async () => {
    const { driver, env, startReady } = createFixture({
      behave: (call) => (call === 'close' ? 'hang' : 'well'),
    });
    await startReady();
    let stopped = false;
    void driver.stop().then(() => {
      stopped = true;
    });
    await env.advance(CLOSE_TIMEOUT_MS - 1);
    expect(stopped).toBe(false);
    await env.advance(1);
    expect(stopped).toBe(true);
  });

  test('a device that fails after every claim is retried ever more slowly', async () => {
    const { driver, env, line, startReady } = createFixture();
    await startReady();
    let claims = 0;
    for (let passed = 0; passed < 60_000; passed += 10) {
      if (driver.state() === 'ready') {
        claims += 1;
        line.breakLine('input/output error');
      }
      await env.advance(10);
    }
    expect(claims).toBeLessThan(20);
    expect(driver.statistics().commErrors).toBe(claims);
  });

  test('stop during an opening leaves nothing open', async () => {
    const { driver, env, line } = createFixture({
      behave: (call) => {
        if (call === 'open') line.stall(500);
        return 'well';
      },
    });
    driver.start();
    await env.advance(100);
    const stopped = driver.stop();
    await env.advance(1_000);
    await stopped;
    expect(line.openHandles()).toBe(0);
    expect(driver.state()).toBe('absent');
  });
});

describe('sending', () => {
  test('is refused unless ready, so nothing waits to be sent to another device', async () => {
    const { driver, startReady, line, env } = createFixture();
    expect(await driver.send(Uint8Array.of(7))).toMatchObject({
      ok: false,
      error: { code: 'E_NOTCLAIMED' },
    });
    await startReady();
    expect(await driver.send(Uint8Array.of(7))).toEqual({ ok: true, value: undefined });
    expect([...line.written()]).toEqual([7]);
    line.unplug();
    expect(await driver.send(Uint8Array.of(8))).toMatchObject({
      ok: false,
      error: { code: 'E_NOTCLAIMED' },
    });
    line.plug();
    await env.advance(2_000);
    expect([...line.written()]).toEqual([]);
  });

  test('that hangs ends with E_TIMEOUT and a claim of its own', async () => {
    const { driver, startReady, env } = createFixture({
      behave: (call) => (call === 'write' ? 'hang' : 'well'),
    });
    await startReady();
    const sent = driver.send(Uint8Array.of(7));
    await env.advance(WRITE_TIMEOUT_MS);
    expect(await sent).toMatchObject({ ok: false, error: { code: 'E_TIMEOUT' } });
    expect(driver.state()).toBe('faulted');
    await env.advance(RETRY_MAX_MS + CLAIM_MS);
    expect(driver.state()).toBe('ready');
  });

  test('takes commands up to its limit', async () => {
    const { driver, startReady } = createFixture();
    await startReady();
    expect((await driver.send(new Uint8Array(MAX_SEND_BYTES))).ok).toBe(true);
    expect(await driver.send(new Uint8Array(MAX_SEND_BYTES + 1))).toMatchObject({
      ok: false,
      error: { code: 'E_ILLEGAL' },
    });
  });
});

describe('scans', () => {
  test('carry the AIM identifier apart, the family, the size and both clocks', async () => {
    const { startReady, send, scans } = createFixture();
    await startReady();
    send(']C18018401234523435439653\r');
    expect(scans()[0]).toMatchObject({
      deviceId: 'scanner-1',
      source: 'simulated',
      aim: ']C1',
      symbology: 'code-128',
      text: '8018401234523435439653',
      sizeBytes: 25,
      complete: true,
      at: { wall: '2026-01-05T09:00:00.060Z', monoMs: 60 },
    });
  });

  test('the same code again within the window is one scan, however often; after it, two', async () => {
    const { startReady, send, texts, env, driver } = createFixture();
    await startReady();
    for (let turn = 0; turn < 5; turn += 1) {
      send('A\r');
      await env.advance(DUPLICATE_WINDOW_MS);
    }
    expect(texts()).toEqual(['A']);
    await env.advance(1);
    send('A\r');
    expect(texts()).toEqual(['A', 'A']);
    expect(driver.statistics()).toMatchObject({ scans: 2, duplicates: 4 });
  });

  test('another code in between makes it two scans, and a window of 0 lets all through', async () => {
    const one = createFixture();
    await one.startReady();
    one.send('A\rB\rA\r');
    expect(one.texts()).toEqual(['A', 'B', 'A']);
    const two = createFixture({ line: { duplicateWindowMs: 0 } });
    await two.startReady();
    two.send('A\rA\r');
    expect(two.texts()).toEqual(['A', 'A']);
  });

  test('text is read in the configured encoding, and bytes that do not fit it are dropped', async () => {
    const chinese = createFixture({ line: { encoding: 'gb18030' } });
    await chinese.startReady();
    chinese.line.send(Uint8Array.of(0xbb, 0xe1, 0xd4, 0xb1, 0x0d));
    expect(chinese.texts()).toEqual(['会员']);
    const utf8 = createFixture();
    await utf8.startReady();
    utf8.line.send(Uint8Array.of(0xbb, 0xe1, 0xd4, 0xb1, 0x0d));
    expect(utf8.texts()).toEqual([]);
    expect(utf8.errors().map((event) => event.drop)).toEqual(['undecodable']);
  });

  test('an unterminated code is told without waiting for the next one', async () => {
    const { startReady, send, errors, env } = createFixture();
    await startReady();
    send('690123');
    await env.advance(150);
    expect(errors()).toMatchObject([{ code: 'E_EXTENDED', drop: 'unterminated', retryable: true }]);
  });

  test('neither the log nor an error repeats what was read', async () => {
    const { startReady, send, errors, env, line } = createFixture();
    await startReady();
    send('134512345678901234');
    await env.advance(150);
    send('\u0001134512345678901234\r');
    line.unplug();
    expect(JSON.stringify([errors(), env.lines])).not.toContain('1345');
  });
});

describe('pause and resume', () => {
  test('a paused device is released and silent; resuming claims it again', async () => {
    const { startReady, driver, line, send, texts, env, states } = createFixture();
    await startReady();
    await driver.pause();
    expect(line.openHandles()).toBe(0);
    send('WHILE-PAUSED\r');
    await env.advance(10_000);
    expect(driver.state()).toBe('paused');
    driver.resume();
    await env.advance(CLAIM_MS);
    expect(states().slice(-3)).toEqual(['paused', 'claiming', 'ready']);
    send('AFTER\r');
    expect(texts()).toEqual(['AFTER']);
  });
});

describe('health', () => {
  test('internal and external pass on a ready device and name what is wrong on another', async () => {
    const { startReady, driver, line, env } = createFixture();
    await startReady();
    expect(await driver.health('internal')).toMatchObject({ outcome: 'passed' });
    expect(await driver.health('external')).toMatchObject({ outcome: 'passed' });
    line.unplug();
    const report = driver.health('internal');
    await env.advance(1);
    expect((await report).checks.filter((check) => !check.ok).map((check) => check.check)).toEqual([
      'claimed',
      'connected',
    ]);
  });

  test('interactive shows a challenge, passes when it is scanned, and keeps it from the till', async () => {
    const { startReady, driver, send, env, events, texts } = createFixture();
    await startReady();
    const report = driver.health('interactive');
    await env.settle();
    const waiting = events.find((event) => event.type === 'health');
    const challenge = waiting?.type === 'health' ? waiting.report.challenge : undefined;
    send(`SOMETHING-ELSE\r${challenge}\r`);
    await env.settle();
    expect(await report).toMatchObject({ outcome: 'passed' });
    expect(texts()).toEqual(['SOMETHING-ELSE']);
  });

  const challengesOf = (events: readonly DriverEvent[]) =>
    events.flatMap((event) =>
      event.type === 'health' && event.report.outcome === 'waiting' ? [event.report.challenge] : [],
    );

  test('interactive asked again, as after its dialog was closed, takes the place of the one that waits', async () => {
    const { startReady, driver, send, env, events } = createFixture();
    await startReady();
    const first = driver.health('interactive');
    await env.settle();
    const second = driver.health('interactive');
    await env.settle();
    const [old, fresh] = challengesOf(events);
    expect(await first).toMatchObject({ outcome: 'failed', challenge: old });
    send(`${old}\r`);
    await env.settle();
    // The end of the old one is no news: it would be taken for the end of the new one.
    expect(events.at(-1)).toMatchObject({ type: 'scan' });
    send(`${fresh}\r`);
    expect(await second).toMatchObject({ outcome: 'passed', challenge: fresh });
    await env.advance(INTERACTIVE_TIMEOUT_MS);
    expect(events.at(-1)).toMatchObject({ type: 'health', report: { outcome: 'passed' } });
  });

  test('interactive of a device that is let go ends with it, and nothing is told of it later', async () => {
    const { startReady, driver, env, events } = createFixture();
    await startReady();
    const report = driver.health('interactive');
    await env.settle();
    await driver.stop();
    expect(await report).toMatchObject({ outcome: 'failed' });
    const told = events.length;
    await env.advance(INTERACTIVE_TIMEOUT_MS);
    expect([events.length, env.pendingTimers()]).toEqual([told, 0]);
  });

  test('interactive fails when nobody scans in time', async () => {
    const { startReady, driver, env } = createFixture();
    await startReady();
    const report = driver.health('interactive');
    await env.advance(INTERACTIVE_TIMEOUT_MS);
    expect(await report).toMatchObject({
      outcome: 'failed',
      checks: [{ ok: true }, { ok: true }, { check: 'scanned', ok: false }],
    });
  });
});

test('statistics add up: the time in all states is the time that passed', async () => {
  const { startReady, driver, line, env, send } = createFixture();
  await startReady();
  send('A\r]X0B\r]?C\r');
  line.unplug();
  await env.advance(10_000);
  const { timeInStateMs, scans, unknownSymbology, lastScanAt, latencyMs } = driver.statistics();
  expect(Object.values(timeInStateMs).reduce((sum, ms) => sum + ms, 0)).toBe(10_000 + CLAIM_MS);
  expect(timeInStateMs.absent).toBe(10_000);
  expect({ scans, unknownSymbology, lastScanAt, latencyMs }).toEqual({
    scans: 3,
    unknownSymbology: 1,
    lastScanAt: '2026-01-05T09:00:00.060Z',
    latencyMs: { p50: 0, p99: 0 },
  });
});
