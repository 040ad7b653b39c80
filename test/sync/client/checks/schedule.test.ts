import { describe, expect, test } from 'vitest';
import { ageMs, WALL_TRUST_MS } from '../../../../sync/client/checks/age.ts';
import {
  createSchedule,
  DAILY_SPREAD_MS,
  LOOK_AGAIN_MS,
  ROOT_REST_MS,
  SPREAD_MS,
  WALK_EVERY_MS,
  WALK_RETRY_MAX_MS,
} from '../../../../sync/client/checks/schedule.ts';
import { createVirtualTime } from '../virtual-time.ts';

const HOUR_MS = 60 * 60_000;
const share = (part: number) => () => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(Math.floor(part * (2 ** 32 - 1)));
  return bytes;
};

/** A schedule whose last walk ended so long ago; `null` = there was none. */
function rig(lastAgeMs: number | null, chance = 0) {
  const time = createVirtualTime();
  const { clock } = time;
  const endedAt = new Date(clock.now() - (lastAgeMs ?? 0)).toISOString();
  const schedule = createSchedule(
    { clock, random: share(chance) },
    lastAgeMs === null ? null : { endedAt },
  );
  return { time, clock, schedule };
}

describe('everything is compared with headquarters', () => {
  test('at the start where there was no walk, or none for a day', () => {
    expect(rig(null).schedule.due()).toBe('start');
    expect(rig(WALK_EVERY_MS).schedule.due()).toBe('start');
    expect(rig(WALK_EVERY_MS - 1).schedule.due()).toBeNull();
  });

  test('daily, whenever the program was started in between', async () => {
    const { time, schedule } = rig(20 * HOUR_MS);
    await time.advance(4 * HOUR_MS - 1);
    expect(schedule.due()).toBeNull();
    await time.advance(1);
    expect(schedule.due()).toBe('daily');
    schedule.began();
    schedule.ended(false);
    expect(schedule.due()).toBeNull();
    await time.advance(WALK_EVERY_MS);
    expect(schedule.due()).toBe('daily');
  });

  test('at other moments by a thousand tills that were started at once', async () => {
    const dueAt = new Set<number>();
    for (let n = 0; n < 1_000; n++) {
      const { schedule } = rig(null, n / 1_000);
      dueAt.add(Math.round(schedule.waitMs() / 1_000));
      expect(schedule.due() === null).toBe(n > 0);
    }
    // `waitMs` tells at most the time until the next look.
    expect(dueAt.size).toBeGreaterThanOrEqual(LOOK_AGAIN_MS / 1_000);
    const daily = [0, 0.5, 1].map(async (chance) => {
      const { time, schedule } = rig(0, chance);
      await time.advance(WALK_EVERY_MS - DAILY_SPREAD_MS * 0.75);
      return schedule.due();
    });
    expect(await Promise.all(daily)).toEqual([null, null, 'daily']);
  });

  test('after a snapshot, a restore or a root that differed, spread by chance', async () => {
    for (const why of ['restored', 'snapshot', 'root'] as const) {
      const { time, schedule } = rig(0, 0.999);
      schedule.want(why);
      expect(schedule.due()).toBeNull();
      await time.advance(SPREAD_MS[why]);
      expect(schedule.due()).toBe(why);
    }
  });

  test('once for all reasons that are due, and once more for what comes meanwhile', () => {
    const { schedule } = rig(null);
    schedule.want('root');
    schedule.want('restored');
    expect(schedule.due()).toBe('restored');
    schedule.began();
    schedule.want('snapshot');
    schedule.ended(true);
    expect(schedule.due()).toBe('snapshot');
    schedule.began();
    schedule.ended(true);
    expect(schedule.due()).toBeNull();
  });

  test('ever less often for a root that differs again and again and of which nothing can be put right', async () => {
    const { time, schedule } = rig(0);
    let restMs = ROOT_REST_MS;
    for (let walks = 0; walks < 4; walks++) {
      schedule.want('root');
      expect(schedule.due()).toBe('root');
      schedule.began();
      schedule.ended(false);
      schedule.want('root');
      restMs *= 2;
      await time.advance(restMs - 1);
      expect(schedule.due()).toBeNull();
      await time.advance(1);
    }
    schedule.began();
    schedule.ended(true);
    schedule.want('root');
    await time.advance(ROOT_REST_MS);
    expect(schedule.due()).toBe('root');
  });

  test('again after a failure, ever later, and never before headquarters asked for it', async () => {
    const { time, schedule } = rig(null, 0.999);
    await time.advance(SPREAD_MS.start);
    schedule.began();
    schedule.failed(null);
    expect(schedule.due()).toBeNull();
    await time.advance(30_000);
    expect(schedule.due()).toBe('start');
    schedule.began();
    schedule.failed(600_000);
    await time.advance(599_999);
    expect(schedule.due()).toBeNull();
    await time.advance(600_000);
    expect(schedule.due()).toBe('start');
    for (let failures = 0; failures < 30; failures++) {
      schedule.began();
      schedule.failed(null);
    }
    await time.advance(WALK_RETRY_MAX_MS);
    expect(schedule.due()).toBe('start');
  });

  test('no sooner by a clock that jumps a year, and not a year later by one that jumps back', async () => {
    const { time, clock, schedule } = rig(0);
    const now = clock.now();
    clock.setWall(now + 365 * 24 * HOUR_MS);
    expect(schedule.due()).not.toBe('root');
    schedule.began();
    schedule.ended(false);
    clock.setWall(now + 2 * 365 * 24 * HOUR_MS);
    expect(schedule.due()).toBeNull();
    clock.setWall(now - 365 * 24 * HOUR_MS);
    await time.advance(WALK_EVERY_MS);
    expect(schedule.due()).toBe('daily');
    // The record of the last walk is dated a year ahead.
    expect(rig(-365 * 24 * HOUR_MS).schedule.due()).toBe('start');
  });

  test('daily by the wall clock too, since a machine that sleeps does not count', async () => {
    const { clock } = createVirtualTime();
    const mark = { wallMs: clock.now() - 30 * HOUR_MS, monoMs: clock.monoMs() - WALL_TRUST_MS };
    expect(ageMs(mark, clock)).toBe(30 * HOUR_MS);
    expect(ageMs({ ...mark, monoMs: clock.monoMs() - WALL_TRUST_MS + 1 }, clock)).toBe(
      WALL_TRUST_MS - 1,
    );
  });
});
