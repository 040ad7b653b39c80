import { describe, expect, test } from 'vitest';
import { NEWS_SETTLE_MS, WATCHDOG_MS } from '../../../drivers/claim/claim.ts';
import { DRAIN_LIMIT_MS, DRAIN_SILENCE_MS } from '../../../drivers/claim/drain.ts';
import { LOCK_TIMEOUT_MS, LOOK_TIMEOUT_MS } from '../../../drivers/claim/held-transport.ts';
import {
  ABSENT_POLL_MS,
  LOST_POLL_FOR_MS,
  LOST_POLL_MS,
  RETRY_MAX_MS,
} from '../../../drivers/claim/retry-pace.ts';
import type { Result } from '../../../drivers/contract/result.ts';
import { SIDE_CALL_TIMEOUT_MS } from '../../../drivers/scanner/hid-transport.ts';
import { createScanLine } from '../../../drivers/scanner/scan-line.ts';
import { createScannerDriver } from '../../../drivers/scanner/scanner-driver.ts';
import { createSimTransport, type DeviceCall } from '../../../drivers/sim/sim-transport.ts';
import { SECOND_LOOK_MS } from '../../../drivers/time-limit.ts';
import { createManualEnv } from '../manual-env.ts';
import { CLAIM_MS, createFixture } from '../scanner/fixture.ts';
import { createHidFixture, NODE, reports } from '../scanner/hid-fixture.ts';

/** A scanner on a simulated line whose open links can be asked how they are. */
const createAskable = () => {
  const env = createManualEnv();
  const line = createSimTransport(env, 'scanner-1');
  const says = { ok: true, detail: '', probe: '' };
  let asked = 0;
  const driver = createScannerDriver(
    { id: 'scanner-1', owner: 'agent' },
    {
      transport: {
        ...line,
        async open(handlers) {
          const opened = await line.open(handlers);
          if (!opened.ok) return opened;
          const check = async (): Promise<Result<void, string>> => {
            asked += 1;
            return says.ok ? { ok: true, value: undefined } : { ok: false, error: says.detail };
          };
          const probe = async (): Promise<Result<string, string>> =>
            says.probe === '' ? { ok: false, error: 'no answer' } : { ok: true, value: says.probe };
          return { ok: true, value: { ...opened.value, check, probe } };
        },
      },
      createLine: (wiring) => createScanLine(wiring),
    },
    env,
    () => {},
  );
  return { env, line, says, driver, asked: () => asked };
};

describe('the watchdog', () => {
  test('asks a silent device how it is, and leaves one that is well alone for a whole day', async () => {
    const { driver, env, asked } = createAskable();
    driver.start();
    await env.advance(CLAIM_MS);
    await env.advance(24 * 3_600_000);
    expect(asked()).toBe((24 * 3_600_000) / WATCHDOG_MS);
    expect(driver.state()).toBe('ready');
    expect(driver.statistics()).toMatchObject({ commErrors: 0, reopens: 0 });
  });

  test('faults a device whose check fails while it is ready, and opens it afresh', async () => {
    const { driver, env, says, line } = createAskable();
    driver.start();
    await env.advance(CLAIM_MS);
    says.ok = false;
    says.detail = 'another device by now';
    await env.advance(WATCHDOG_MS);
    expect(driver.state()).toBe('faulted');
    says.ok = true;
    await env.advance(RETRY_MAX_MS);
    expect(driver.state()).toBe('ready');
    expect(driver.statistics()).toMatchObject({ commErrors: 1, reopens: 1 });
    expect(line.openHandles()).toBe(1);
  });

  test('takes one silence for a slow moment and two for a fault', async () => {
    let hangs = 0;
    const { driver, env, startReady } = createFixture({
      behave: (call: DeviceCall) => {
        if (call !== 'exists' || hangs === 0) return 'well';
        hangs -= 1;
        return 'hang';
      },
    });
    await startReady();
    hangs = 1;
    await env.advance(WATCHDOG_MS + LOOK_TIMEOUT_MS);
    expect(driver.state()).toBe('ready');
    hangs = 2;
    await env.advance(WATCHDOG_MS + 2 * LOOK_TIMEOUT_MS);
    expect(driver.statistics()).toMatchObject({ commErrors: 1 });
  });

  test('a failed check asked for by a person has the same end', async () => {
    const { driver, env, says } = createAskable();
    driver.start();
    await env.advance(CLAIM_MS);
    says.ok = false;
    says.detail = 'the handle is closed';
    expect(await driver.health('internal')).toMatchObject({
      outcome: 'failed',
      checks: [
        { check: 'claimed', ok: true },
        { check: 'connected', ok: false, detail: 'the handle is closed' },
      ],
    });
    expect(driver.state()).toBe('faulted');
  });
});

describe('health', () => {
  test('external asks the device where something is safe to ask, and says so where nothing is', async () => {
    const { driver, env, says } = createAskable();
    driver.start();
    await env.advance(CLAIM_MS);
    says.probe = 'beeped';
    expect(await driver.health('external')).toMatchObject({
      outcome: 'passed',
      checks: [{}, {}, { check: 'asked', ok: true, detail: 'beeped' }],
    });
    says.probe = '';
    expect(await driver.health('external')).toMatchObject({
      outcome: 'failed',
      checks: [{}, {}, { check: 'asked', ok: false, detail: 'no answer' }],
    });
    const plain = createFixture();
    await plain.startReady();
    expect(await plain.driver.health('external')).toMatchObject({
      outcome: 'passed',
      checks: [{}, {}, { ok: true, detail: 'nothing that this device surely understands' }],
    });
  });
});

describe('the pace of looking', () => {
  test('is quick just after a loss and once a second later', async () => {
    let looks = 0;
    const { env, startReady, line } = createFixture({
      behave: (call) => {
        if (call === 'exists') looks += 1;
        return 'well';
      },
    });
    await startReady();
    line.unplug();
    looks = 0;
    await env.advance(LOST_POLL_FOR_MS);
    expect(looks).toBe(LOST_POLL_FOR_MS / LOST_POLL_MS);
    await env.advance(2 * ABSENT_POLL_MS);
    looks = 0;
    await env.advance(60_000);
    expect(looks).toBe(60_000 / ABSENT_POLL_MS);
  });

  test('is hurried by news of a plug, so a replug shows at once', async () => {
    const { env, driver, line, startReady } = createFixture();
    await startReady();
    line.unplug();
    await env.advance(LOST_POLL_FOR_MS + ABSENT_POLL_MS);
    line.plug();
    env.deviceNews();
    await env.advance(NEWS_SETTLE_MS + CLAIM_MS);
    expect(driver.state()).toBe('ready');
  });

  test('news changes nothing for a device that is ready, failing, paused or stopped', async () => {
    let opens = 0;
    const { env, driver, startReady, line } = createFixture({
      behave: (call) => {
        if (call === 'open') opens += 1;
        return 'well';
      },
    });
    const storm = async () => {
      for (let turn = 0; turn < 100; turn += 1) {
        env.deviceNews();
        await env.advance(1);
      }
    };
    await startReady();
    await storm();
    expect([driver.state(), opens]).toEqual(['ready', 1]);
    line.breakLine('input/output error');
    await storm();
    expect([driver.state(), opens]).toEqual(['faulted', 1]);
    await driver.pause();
    await storm();
    await driver.stop();
    await storm();
    expect([driver.state(), opens, env.newsListeners()]).toEqual(['absent', 1, 0]);
  });
});

describe('what was read before the claim', () => {
  test('is not delivered although the opening took as long as the whole drain may', async () => {
    const { driver, env, send, texts } = createFixture({
      behave: (call) => (call === 'open' ? { afterMs: DRAIN_LIMIT_MS } : 'well'),
    });
    driver.start();
    await env.advance(DRAIN_LIMIT_MS);
    for (let code = 0; code < 10; code += 1) {
      send(`STALE-${code}\r`);
      await env.advance(DRAIN_SILENCE_MS - 30);
    }
    expect(texts()).toEqual([]);
    await env.advance(CLAIM_MS);
    expect(driver.state()).toBe('ready');
    send('FRESH\r');
    expect(texts()).toEqual(['FRESH']);
  });

  test('nor by a HID scanner whose maker report is not answered and whose opening is slow', async () => {
    const openMs = DRAIN_LIMIT_MS - SIDE_CALL_TIMEOUT_MS + 100;
    const { driver, env, system, texts } = createHidFixture({
      behave: (call) => {
        if (call === 'open') return { afterMs: openMs };
        return call === 'feature' ? 'hang' : 'well';
      },
    });
    driver.start();
    await env.advance(openMs + SIDE_CALL_TIMEOUT_MS);
    for (let code = 0; code < 10; code += 1) {
      for (const report of reports(`STALE-${code}`)) system.send(NODE, report);
      await env.advance(20);
    }
    expect(texts()).toEqual([]);
  });

  test('is not delivered when a late timer ran before the input that waited', async () => {
    const { driver, env, send, texts } = createFixture();
    driver.start();
    await env.advance(DRAIN_SILENCE_MS);
    send('STALE\r');
    await env.advance(SECOND_LOOK_MS);
    expect(driver.state()).toBe('claiming');
    await env.advance(CLAIM_MS);
    expect([driver.state(), texts()]).toEqual(['ready', []]);
  });
});

describe('a call that never comes home', () => {
  test.each(['exists', 'open'] as const)(
    '%s is not started again while it is under way, and the device stays faulted',
    async (call) => {
      let asked = 0;
      const { driver, env, locksHeld } = createFixture({
        behave: (made) => {
          if (made !== call) return 'well';
          asked += 1;
          return 'hang';
        },
      });
      driver.start();
      await env.advance(3_600_000);
      expect([asked, driver.state(), locksHeld()]).toEqual([1, 'faulted', 0]);
    },
  );
});

describe('our own lock', () => {
  /** Two drivers for one device in two agents: one computer, one set of locks. */
  const twoAgents = () => {
    const first = createFixture();
    const second = createFixture({ locks: first.env.locks });
    return { first, second };
  };

  test('device busy in another process: the second agent sees busy, is told who holds it, and never reads', async () => {
    const { first, second } = twoAgents();
    await first.startReady();
    second.driver.start();
    await second.env.advance(CLAIM_MS);
    expect(second.driver.state()).toBe('busy');
    expect(second.line.openHandles()).toBe(0);
    const told = second.events.find((event) => event.type === 'state' && event.to === 'busy');
    expect(told).toMatchObject({
      cause: 'claim-busy',
      hint: {
        en: expect.stringContaining('as scanner-1'),
        'zh-CN': expect.stringContaining('scanner-1'),
      },
      remedy: { code: 'close-other-program' },
    });
    await first.driver.stop();
    await second.env.advance(RETRY_MAX_MS + CLAIM_MS);
    expect(second.driver.state()).toBe('ready');
  });

  test.each(['stop', 'pause', 'unplug', 'fault'] as const)(
    'is given up on %s, so the other agent can take over',
    async (way) => {
      const { first, second } = twoAgents();
      await first.startReady();
      if (way === 'stop') await first.driver.stop();
      if (way === 'pause') await first.driver.pause();
      if (way === 'unplug') first.line.unplug();
      if (way === 'fault') first.line.breakLine('input/output error');
      await first.env.settle();
      second.driver.start();
      await second.env.advance(CLAIM_MS);
      expect(second.driver.state()).toBe('ready');
    },
  );

  test('a lock that cannot be given up holds a stop for its time limit and no longer', async () => {
    const release = () => new Promise<void>(() => {});
    const { driver, env, startReady } = createFixture({
      locks: { take: async () => ({ ok: true, value: { release } }) },
    });
    await startReady();
    let stopped = false;
    void driver.stop().then(() => {
      stopped = true;
    });
    await env.advance(LOCK_TIMEOUT_MS - 1);
    expect(stopped).toBe(false);
    await env.advance(1);
    expect(stopped).toBe(true);
  });

  test('locks that answer nothing within their time limit are no leave: the device is faulted, not read, and asked for once', async () => {
    let asked = 0;
    const { driver, env, line } = createFixture({
      locks: {
        take: () => {
          asked += 1;
          return new Promise(() => {});
        },
      },
    });
    driver.start();
    await env.advance(LOCK_TIMEOUT_MS - 1);
    expect(driver.state()).toBe('claiming');
    await env.advance(1);
    expect(driver.state()).toBe('faulted');
    await env.advance(3_600_000);
    expect([line.openHandles(), asked]).toEqual([0, 1]);
  });

  test('a lock that is slow to say who holds it is asked again, and then the device is busy and never read', async () => {
    let delayMs = LOCK_TIMEOUT_MS + 1;
    const { driver, env, texts, send, line } = createFixture({
      locks: {
        take: () =>
          new Promise((resolve) => {
            env.timers.set(
              () => resolve({ ok: false, error: { code: 'busy', detail: 'held' } }),
              delayMs,
            );
            delayMs = 0;
          }),
      },
    });
    driver.start();
    await env.advance(LOCK_TIMEOUT_MS);
    expect(driver.state()).toBe('faulted');
    await env.advance(RETRY_MAX_MS + CLAIM_MS);
    send('A\r');
    expect([driver.state(), line.openHandles(), texts()]).toEqual(['busy', 0, []]);
  });

  test('locks that throw are no leave to read either', async () => {
    const { driver, env, texts, send } = createFixture({
      locks: { take: () => Promise.reject(new Error('defect')) },
    });
    driver.start();
    await env.advance(CLAIM_MS);
    send('A\r');
    expect([driver.state(), texts()]).toEqual(['faulted', []]);
  });

  test('a computer without such locks still reads, and the log says so', async () => {
    const { driver, env, startReady, texts, send } = createFixture({
      locks: {
        take: async () => ({ ok: false, error: { code: 'failed', detail: 'not permitted' } }),
      },
    });
    await startReady();
    expect(driver.state()).toBe('ready');
    send('A\r');
    expect(texts()).toEqual(['A']);
    expect(env.lines).toMatchObject([
      {
        level: 'warn',
        message: 'a device is used without a lock',
        fields: { detail: 'not permitted' },
      },
    ]);
  });
});
