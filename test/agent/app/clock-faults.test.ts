import { describe, expect, test } from 'vitest';
import { CLOCK_LEAP_MAX_MS, createClockGuard } from '../../../agent/app/clock-guard.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365 * DAY_MS;
const START_MS = Date.UTC(2026, 10, 22, 9);
/** From the fault until somebody looks. */
const LATER_MS = 10_000;

/** A till that runs since an hour, and its next start over the same memory. */
function runningTill() {
  const kept: { highest?: number; proven?: number } = {};
  const memory = {
    get: () => kept.highest,
    set(ms: number) {
      kept.highest = ms;
    },
    getProven: () => kept.proven,
    setProven(ms: number) {
      kept.proven = ms;
    },
  };
  const time = { wallMs: START_MS - HOUR_MS, monoMs: 5 * DAY_MS };
  const start = () =>
    createClockGuard({ now: () => time.wallMs, monoMs: () => time.monoMs }, memory);
  const guard = start();
  pass(HOUR_MS);
  guard.now();
  guard.remember();
  function pass(ms: number): void {
    time.wallMs += ms;
    time.monoMs += ms;
  }
  return { time, guard, pass, start };
}

describe('the clock of a till', () => {
  test.each([
    { fault: '+1 h', wallMs: HOUR_MS, now: HOUR_MS, proven: HOUR_MS, trusted: true },
    { fault: '-1 h', wallMs: -HOUR_MS, now: 0, proven: 0, trusted: false },
    { fault: '+1 year', wallMs: YEAR_MS, now: YEAR_MS, proven: CLOCK_LEAP_MAX_MS, trusted: true },
    { fault: '-1 year', wallMs: -YEAR_MS, now: 0, proven: 0, trusted: false },
    {
      fault: 'suspend 3 days (the monotonic clock stands still)',
      wallMs: 3 * DAY_MS,
      now: 3 * DAY_MS,
      proven: 3 * DAY_MS,
      trusted: true,
    },
  ])(
    '$fault: it never goes back, passes on, and throws nothing away early',
    ({ wallMs, now, proven, trusted }) => {
      const { time, guard, pass } = runningTill();
      time.wallMs += wallMs;
      expect(guard.now() - START_MS).toBe(now);
      expect(guard.trusted()).toBe(trusted);
      pass(LATER_MS);
      expect(guard.now() - START_MS).toBe(now + LATER_MS);
      expect(guard.provenMs() - START_MS).toBe(proven + LATER_MS);
      time.wallMs += Math.max(0, -wallMs);
      pass(1);
      expect(guard.trusted(), 'it was set right').toBe(true);
    },
  );

  test.each([
    { wall: 'right', wallMs: HOUR_MS, now: HOUR_MS, trusted: true },
    { wall: 'an hour behind', wallMs: -HOUR_MS, now: 0, trusted: false },
    { wall: 'at 1970', wallMs: -START_MS, now: 0, trusted: false },
  ])(
    'monotonic reset by reboot, the wall clock $wall: it never goes back',
    ({ wallMs, now, trusted }) => {
      const { time, pass, start } = runningTill();
      time.wallMs += wallMs;
      time.monoMs = 3;
      const guard = start();
      expect([guard.now() - START_MS, guard.trusted()]).toEqual([now, trusted]);
      pass(LATER_MS);
      expect(guard.now() - START_MS).toBe(now + LATER_MS);
    },
  );

  test('monotonic reset under a till that runs: it never goes back', () => {
    const { time, guard, pass } = runningTill();
    time.monoMs = 0;
    expect(guard.now()).toBe(START_MS);
    pass(LATER_MS);
    expect([guard.now(), guard.trusted()]).toEqual([START_MS + LATER_MS, true]);
  });
});
