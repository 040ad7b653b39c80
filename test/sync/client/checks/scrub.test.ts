import { describe, expect, test } from 'vitest';
import {
  createScrub,
  SCRUB_EVERY_MS,
  SCRUB_PASS_MS,
  SCRUB_SLICE,
  SCRUB_SLICE_MS,
  SCRUB_STEP_MAX_MS,
  SCRUB_STEP_MIN_MS,
  type ScrubPass,
  SUSPECTS_AT_ONCE,
} from '../../../../sync/client/checks/scrub.ts';
import { createVirtualTime } from '../virtual-time.ts';
import { createMemoryChecks, type MemoryChecks } from './check-model.ts';
import { bodyOf, keyOf } from './walk-rig.ts';

const DAY_MS = 24 * 60 * 60_000;

function tillOf(count: number): MemoryChecks {
  const till = createMemoryChecks();
  till.begin();
  for (let n = 0; n < count; n++) till.put('member', keyOf(n), n + 1, bodyOf(n));
  return till;
}

/** A scrub whose slices take `costMs` a row. */
function rig(till: MemoryChecks, costMs = 0, last: { startedAt: string } | null = null) {
  const time = createVirtualTime();
  let workedMs = 0;
  const clock = {
    now: () => time.clock.now() + workedMs,
    monoMs: () => time.clock.monoMs() + workedMs,
  };
  const took: number[] = [];
  const scrub = createScrub({
    checks: {
      ...till,
      scrub(from, limit) {
        const slice = till.scrub(from, limit);
        took.push(slice.rows * costMs);
        workedMs += slice.rows * costMs;
        return slice;
      },
    },
    clock,
    last,
  });
  return {
    time,
    clock,
    took,
    scrub,
    /** Runs what is due until a pass ends or so much time has passed. */
    async run(forMs: number): Promise<ScrubPass | null> {
      const endMs = clock.monoMs() + forMs;
      while (clock.monoMs() < endMs) {
        const waitMs = scrub.waitMs();
        if (waitMs > 0) {
          await time.advance(Math.min(waitMs, endMs - clock.monoMs()));
          continue;
        }
        const ended = scrub.slice();
        if (ended.ok && ended.value !== null) return ended.value;
      }
      return null;
    },
  };
}

describe('the deep scrub', () => {
  test('reads every row within its pass, and begins a pass each day', async () => {
    const till = tillOf(5_000);
    const { run, clock } = rig(till);
    expect(await run(SCRUB_PASS_MS + SCRUB_STEP_MAX_MS)).toMatchObject({
      rows: 5_000,
      suspects: 0,
    });
    const beganMs = clock.monoMs();
    expect(await run(DAY_MS)).toMatchObject({ rows: 5_000 });
    expect(clock.monoMs() - beganMs).toBeLessThanOrEqual(SCRUB_EVERY_MS + SCRUB_PASS_MS);
    expect(SCRUB_EVERY_MS + SCRUB_PASS_MS).toBeLessThanOrEqual(DAY_MS);
  });

  test('takes slices that keep their budget once the machine is known, and leaves it in peace between them', async () => {
    const { run, took } = rig(tillOf(3_000), 0.4);
    await run(DAY_MS);
    const [, ...later] = took;
    expect(Math.max(...later)).toBeLessThanOrEqual(SCRUB_SLICE_MS);
    expect(took[0]).toBeLessThanOrEqual(SCRUB_SLICE.first * 0.4);
    const slices = took.length;
    expect(slices).toBeGreaterThanOrEqual((3_000 * 0.4) / SCRUB_SLICE_MS);
  });

  test('keeps between two slices the time that a pass of six hours leaves, within its limits', async () => {
    const few = rig(tillOf(100));
    few.scrub.slice();
    expect(few.scrub.waitMs()).toBe(SCRUB_STEP_MAX_MS);
    const many = tillOf(10);
    const roots = { cursor: many.place as NonNullable<typeof many.place>, roots: [] };
    many.roots = () => ({
      ...roots,
      roots: [{ table: 'member', rows: 10 ** 9, sum: '0'.repeat(32) }],
    });
    const huge = rig(many, 100);
    huge.scrub.slice();
    if (huge.scrub.progress() !== null) expect(huge.scrub.waitMs()).toBe(SCRUB_STEP_MIN_MS);
  });

  test('goes on after a restart where it was', async () => {
    const till = tillOf(4_000);
    const before = rig(till);
    await before.run(2.5 * SCRUB_STEP_MAX_MS);
    const kept = till.scrubPlace();
    expect(kept?.place.key.localeCompare(keyOf(SCRUB_SLICE.first))).toBe(1);
    const read = till.scrubs.length;
    const after = rig(till);
    expect(await after.run(SCRUB_PASS_MS)).toMatchObject({ sinceMs: kept?.sinceMs });
    expect(till.scrubs.length).toBeGreaterThan(read);
    expect(till.scrubPlace()).toBeNull();
  });

  test('does not begin anew by a restart where the last pass was today', () => {
    const { scrub, clock } = rig(tillOf(10), 0, {
      startedAt: new Date(createVirtualTime().clock.now() - SCRUB_EVERY_MS / 2).toISOString(),
    });
    expect(scrub.waitMs()).toBe(SCRUB_EVERY_MS / 2);
    expect(clock.monoMs()).toBe(0);
  });

  test('counts rows that are not what was kept of them, and gives alarm at the limit', () => {
    for (const more of [0, 1]) {
      const till = tillOf(SUSPECTS_AT_ONCE);
      for (let n = 1 - more; n < SUSPECTS_AT_ONCE; n++)
        till.tables.get('member')?.set(keyOf(n), { ver: 1, body: 'flipped' });
      const { scrub } = rig(till);
      while (scrub.slice().ok && scrub.progress() !== null);
      expect(scrub.isAlarmed()).toBe(more === 1);
      expect(scrub.takeSuspects()).toBe(SUSPECTS_AT_ONCE - 1 + more);
      expect(scrub.isAlarmed()).toBe(false);
    }
  });

  test('waits a while where the disk fails, and then goes on', async () => {
    const till = tillOf(100);
    const { scrub, run } = rig(till);
    till.fail = () => Object.assign(new Error('disk'), { name: 'StorageError', code: 'disk-full' });
    expect(scrub.slice()).toMatchObject({ ok: false, error: { code: 'storage' } });
    expect(scrub.waitMs()).toBe(SCRUB_STEP_MAX_MS);
    till.fail = undefined;
    expect(await run(DAY_MS)).toMatchObject({ rows: 100 });
  });
});
