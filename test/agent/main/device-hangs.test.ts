import { describe, expect, test } from 'vitest';
import { RESTART_FIRST_MS } from '../../../agent/main/device-supervisor.ts';
import {
  createHangLimit,
  HANG_RESTARTS_MAX,
  HANG_RESTARTS_WITHIN_MS,
} from '../../../agent/main/hang-limit.ts';
import { CLAIM_MS, createRig } from './device-rig.ts';

describe('a call to a device that never returns', () => {
  test('ends the driver process, which is started again with every device; screens are told why', async () => {
    const { ready, hang, lives, view, states, scan, scans, env, back } = createRig({}, {}, [
      'other',
    ]);
    await ready();
    await hang();
    expect(lives).toHaveLength(1);
    await env.advance(CLAIM_MS);
    expect(view()).toMatchObject({
      state: 'faulted',
      hint: { en: expect.stringContaining('stopped answering') },
      remedy: { en: 'Wait a moment.' },
    });
    expect(view('other').state).toBe('faulted');
    await back();
    expect([lives.length, view('other').state]).toEqual([2, 'ready']);
    await scan('AFTER');
    expect(scans().map(({ text }) => text)).toEqual(['AFTER']);
    expect(states().at(-1)).toBe('ready');
  });

  test('at every start leaves the others alone after so many times, and says what helps', async () => {
    const { ready, hang, lives, view, env, log } = createRig({}, {}, ['other']);
    await ready();
    for (let restart = 1; restart <= HANG_RESTARTS_MAX; restart += 1) {
      await hang();
      await env.advance(CLAIM_MS + (RESTART_FIRST_MS << restart) + CLAIM_MS);
      expect([lives.length, view().state]).toEqual([restart + 1, 'ready']);
    }
    await hang();
    await env.advance(10 * CLAIM_MS);
    expect(lives).toHaveLength(HANG_RESTARTS_MAX + 1);
    expect(view('other').state).toBe('ready');
    expect(view()).toMatchObject({
      state: 'faulted',
      hint: { en: expect.stringContaining('several times') },
      remedy: { en: expect.stringContaining('Unplug') },
    });
    expect(log.filter((line) => line === 'a call to a device does not return')).toHaveLength(
      HANG_RESTARTS_MAX + 2,
    );
  });
});

test('a device has its restarts again once the first of them is long enough ago', () => {
  let nowMs = 0;
  const limit = createHangLimit(() => nowMs);
  for (let restart = 0; restart < HANG_RESTARTS_MAX; restart += 1)
    expect(limit.mayRestart('a')).toBe(true);
  expect([limit.mayRestart('a'), limit.mayRestart('b')]).toEqual([false, true]);
  nowMs = HANG_RESTARTS_WITHIN_MS - 1;
  expect(limit.mayRestart('a')).toBe(false);
  nowMs = HANG_RESTARTS_WITHIN_MS;
  expect(limit.mayRestart('a')).toBe(true);
});
