import { describe, expect, test } from 'vitest';
import { ANSWER_LIMIT_MS } from '../../../agent/main/answer-limit.ts';
import { COUNT_LIMIT_MS, STATISTICS_EVERY_MS } from '../../../agent/main/device-counts.ts';
import {
  RESTART_FIRST_MS,
  RESTART_LONGEST_MS,
  SLEPT_MS,
} from '../../../agent/main/device-supervisor.ts';
import { CLAIM_MS, createRig } from './device-rig.ts';

describe('a driver process that is killed', () => {
  test('is started again; meanwhile its devices are faulted and screens are told so', async () => {
    const { view, ready, kill, back, lives, states, scan, scans } = createRig();
    await ready();
    await scan('ONE');
    await kill();
    expect(view()).toMatchObject({
      state: 'faulted',
      hint: { en: expect.stringContaining('stopped') },
    });
    expect(states().at(-1)).toBe('faulted');
    await back();
    expect(lives).toHaveLength(2);
    await scan('TWO');
    expect(scans().map(({ text }) => text)).toEqual(['ONE', 'TWO']);
    expect(new Set(scans().map(({ id }) => id)).size).toBe(2);
  });

  test('loses none of its counts: statistics go on from where they were', async () => {
    const { view, ready, kill, back, scan, env } = createRig();
    await ready();
    for (const text of ['A', 'B', 'C']) await scan(text);
    await env.advance(STATISTICS_EVERY_MS);
    expect(view().statistics['scans']).toBe(3);
    const readyMs = view().statistics['timeInStateMs.ready'] ?? 0;
    await kill();
    await back();
    await env.advance(STATISTICS_EVERY_MS);
    expect(view().statistics['scans']).toBe(3);
    expect(view().statistics['timeInStateMs.ready']).toBeGreaterThan(readyMs);
    await scan('D');
    await env.advance(STATISTICS_EVERY_MS);
    expect(view().statistics['scans']).toBe(4);
  });

  test('again and again is started ever later, and at once again after it was healthy', async () => {
    const { env, lives, ready, kill, back, failNext } = createRig();
    await ready();
    failNext(7);
    await kill();
    const born: number[] = [];
    while (lives.length < 9) {
      const before = lives.length;
      await env.advance(10);
      if (lives.length > before) born.push(env.clock.monoMs());
    }
    const waits = born.slice(1).map((atMs, index) => atMs - (born[index] ?? 0));
    expect(waits).toEqual([
      500,
      1_000,
      2_000,
      4_000,
      8_000,
      RESTART_LONGEST_MS,
      RESTART_LONGEST_MS,
    ]);
    await env.advance(61_000);
    await kill();
    await back();
  });

  test('takes no command with it that waits for ever', async () => {
    const { supervisor, ready, kill } = createRig();
    await ready();
    await kill();
    expect(await supervisor.simulate('sim', 'A')).toMatchObject({ ok: false });
  });
});

describe('nothing is scanned twice', () => {
  test('a code that the reader repeats over a restart is one scan, another code is its own', async () => {
    const { ready, kill, back, scan, scans, env, log } = createRig();
    await ready();
    await scan('A');
    await env.advance(100);
    await kill();
    await back();
    await scan('A');
    expect(scans()).toHaveLength(1);
    expect(log).toContain('a scan was dropped: it repeats the one before the driver process ended');
    await scan('B');
    await env.advance(1_000);
    await scan('A');
    expect(scans().map(({ text }) => text)).toEqual(['A', 'B', 'A']);
  });

  test('the same code outside the window of its device counts, and a window of 0 lets all through', async () => {
    const late = createRig();
    await late.ready();
    await late.scan('A');
    await late.env.advance(301);
    await late.kill();
    await late.back();
    await late.scan('A');
    expect(late.scans()).toHaveLength(2);

    const open = createRig({ duplicateWindowMs: 0 });
    await open.ready();
    await open.scan('A');
    await open.env.advance(1);
    await open.kill();
    await open.back();
    await open.scan('A');
    expect(open.scans()).toHaveLength(2);
  });
});

test('a driver process that hangs in a native call is ended and started again', async () => {
  const { env, lives, ready, view } = createRig();
  await ready();
  for (const life of lives) life.deaf = true;
  await env.advance(STATISTICS_EVERY_MS + ANSWER_LIMIT_MS - 1);
  expect(lives).toHaveLength(1);
  await env.advance(1 + RESTART_FIRST_MS + CLAIM_MS);
  expect([lives.length, view().state]).toEqual([2, 'ready']);
});

describe('the last counts before the till closes', () => {
  test('are asked and told at once, not with the next round', async () => {
    const { supervisor, ready, scan } = createRig();
    await ready();
    let scans = 0;
    supervisor.onCounted((_deviceId, gain) => {
      scans += gain.scans;
    });
    await scan('A');
    expect(scans).toBe(0);
    await supervisor.countNow();
    expect(scans).toBe(1);
  });

  test('are not waited for longer than the limit', async () => {
    const { supervisor, ready, lives, env } = createRig();
    await ready();
    for (const life of lives) life.deaf = true;
    let counted = false;
    void supervisor.countNow().then(() => {
      counted = true;
    });
    await env.advance(COUNT_LIMIT_MS - 1);
    expect(counted).toBe(false);
    await env.advance(1);
    await env.settle();
    expect(counted).toBe(true);
  });
});

describe('a computer that sleeps', () => {
  test('holds no device meanwhile, and each is opened afresh after it', async () => {
    const { supervisor, view, ready, env, states } = createRig();
    await ready();
    await supervisor.suspend();
    await env.settle();
    expect(view().state).toBe('paused');
    await supervisor.wake();
    await env.advance(CLAIM_MS);
    expect(states().slice(-3)).toEqual(['paused', 'claiming', 'ready']);
  });

  test('and loses its driver process on the way leaves the devices alone until it wakes', async () => {
    const { supervisor, view, ready, env, kill } = createRig();
    await ready();
    await supervisor.suspend();
    await kill();
    await env.advance(RESTART_FIRST_MS + CLAIM_MS);
    expect(view().state).toBe('paused');
    await supervisor.wake();
    await env.advance(CLAIM_MS);
    expect(view().state).toBe('ready');
  });

  test('without telling anybody is noticed by the time that is missing', async () => {
    const { ready, env, sleepUntold, states } = createRig();
    await ready();
    await env.advance(4 * STATISTICS_EVERY_MS);
    const before = states().length;
    sleepUntold(SLEPT_MS - 1);
    await env.advance(STATISTICS_EVERY_MS);
    expect(states()).toHaveLength(before);
    sleepUntold(SLEPT_MS);
    await env.advance(STATISTICS_EVERY_MS + CLAIM_MS);
    expect(states().slice(before)).toEqual(['paused', 'claiming', 'ready']);
  });
});
