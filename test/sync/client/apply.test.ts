import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  APPLY_BUDGET_MS,
  byUrgency,
  CROWDED_STEP_MS,
  CROWDED_WAIT_MAX_MS,
  createApplier,
  IDLE_WAIT_MAX_MS,
  nextSliceRows,
  SLICE_FIRST_ROWS,
  SLICE_MIN_ROWS,
  SLOW_REST_MAX_MS,
  SLOW_REST_TIMES,
  SLOW_SLICE_MS,
  SLOW_SLICE_ROWS,
} from '../../../sync/client/apply.ts';
import type { Cursor, FeedRow } from '../../../sync/protocol/feed.ts';
import { FEED_TABLES, PAGE_MAX_ROWS } from '../../../sync/protocol/feed.ts';
import { createFeedModel } from './feed-model.ts';
import { createMemoryStore } from './memory-store.ts';
import { createVirtualTime } from './virtual-time.ts';

const to: Cursor = { timeline: 'timeline-1', pos: 900, chain: 'a'.repeat(64) };
const NEVER = new AbortController().signal;
const rows = (count: number): FeedRow[] =>
  Array.from({ length: count }, (_, index) => ['member', `m-${index}`, index + 1, '{}']);

/** An applier whose transactions take `costMs(rows)` of the till's thread. */
function rig(costMs: (rows: number) => number, idle: () => boolean = () => true) {
  const time = createVirtualTime();
  const store = createMemoryStore(undefined);
  const took: number[] = [];
  const cost = (slice: readonly FeedRow[]): void => {
    const ms = costMs(slice.length);
    took.push(ms);
    elapsedMs += ms;
  };
  const applier = createApplier({
    store: {
      isCrowded: () => store.crowded,
      apply(slice, cursor) {
        cost(slice);
        return store.apply(slice, cursor);
      },
      applyAhead(slice) {
        cost(slice);
        return store.applyAhead(slice);
      },
    },
    clock: { now: () => 0, monoMs: () => elapsedMs + time.clock.monoMs() },
    timers: time.timers,
    budgetMs: APPLY_BUDGET_MS,
    idle,
    onApplied: () => {},
  });
  let elapsedMs = 0;
  return { time, store, took, applier };
}

describe('rows of a page', () => {
  test('are applied the most urgent first; tables of a later version come last', () => {
    const tables = ['later', ...FEED_TABLES.toReversed()];
    const shuffled = tables.map((table, index): FeedRow => [table, `k-${index}`, 1, null]);
    expect(byUrgency(shuffled).map(([table]) => table)).toEqual([...FEED_TABLES, 'later']);
  });

  test('are each applied once, and the place in the feed moves with the very last of them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: PAGE_MAX_ROWS }),
        fc.integer({ min: 1, max: 900 }),
        async (count, usPerRow) => {
          const { store, applier } = rig((n) => (n * usPerRow) / 1_000);
          expect(await applier.apply(rows(count), to, NEVER)).toEqual({
            ok: true,
            value: 'applied',
          });
          const moved = store.transactions.map(({ cursor }) => cursor !== undefined);
          expect(moved.indexOf(true)).toBe(moved.length - 1);
          expect(store.rows.size).toBe(count);
          expect(store.transactions.reduce((sum, one) => sum + one.rows.length, 0)).toBe(count);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('hold the till no longer than the budget once it is known how fast this machine is', async () => {
    const { took, applier } = rig((count) => count * 0.1);
    await applier.apply(rows(PAGE_MAX_ROWS), to, NEVER);
    await applier.apply(rows(PAGE_MAX_ROWS), to, NEVER);
    expect(Math.max(...took)).toBeLessThanOrEqual(APPLY_BUDGET_MS);
    expect(Math.max(...took)).toBeGreaterThan(APPLY_BUDGET_MS / 2);
  });

  test('come in slices that shrink after one was too slow and never below what a transaction is worth', () => {
    expect(nextSliceRows(100, 100, 40, 8)).toBe(SLICE_MIN_ROWS);
    expect(nextSliceRows(100, 100, 10, 8)).toBe(60);
    expect(nextSliceRows(100, 100, 0.1, 8)).toBe(200);
    expect(nextSliceRows(400, 400, 0.1, 8)).toBe(PAGE_MAX_ROWS);
    // A page of three rows says nothing about how many fit.
    expect(nextSliceRows(100, 3, 5, 8)).toBe(100);
  });

  test('wait while a sale is held or committed, and go on at last all the same', async () => {
    let busy = true;
    const { time, store, applier } = rig(
      () => 1,
      () => !busy,
    );
    const first = applier.apply(rows(1), to, NEVER);
    await time.advance(IDLE_WAIT_MAX_MS / 2);
    expect(store.transactions).toHaveLength(0);
    busy = false;
    await time.advance(4);
    await first;
    expect(store.transactions).toHaveLength(1);
    busy = true;
    const second = applier.apply(rows(1), to, NEVER);
    await time.advance(IDLE_WAIT_MAX_MS + 2);
    await second;
    expect(store.transactions).toHaveLength(2);
  });

  test('wait while the log of the database is crowded, and go on at last all the same', async () => {
    const { time, store, applier } = rig(() => 1);
    store.crowded = true;
    const first = applier.apply(rows(1), to, NEVER);
    await time.advance(CROWDED_WAIT_MAX_MS / 2);
    expect(store.transactions).toHaveLength(0);
    store.crowded = false;
    await time.advance(CROWDED_STEP_MS);
    await first;
    store.crowded = true;
    const second = applier.apply(rows(1), to, NEVER);
    await time.advance(CROWDED_WAIT_MAX_MS - CROWDED_STEP_MS);
    expect(store.transactions).toHaveLength(1);
    await time.advance(CROWDED_STEP_MS);
    await second;
    expect(store.transactions).toHaveLength(2);
  });

  test('slow fsync (5 s): sales have the disk for as long after each slice, urgent rows wait for nothing', async () => {
    const { time, store, applier } = rig(() => 5_000);
    const page = applier.apply(rows(SLICE_FIRST_ROWS + 1), to, NEVER);
    await time.advance(5_000 - 100);
    expect(store.transactions).toHaveLength(1);
    await applier.apply(rows(1), undefined, NEVER);
    expect(store.transactions).toHaveLength(2);
    await time.advance(200);
    expect(store.transactions).toHaveLength(3);
    await page;
    expect(store.cursor()).toEqual(to);
  });

  test.each([
    [SLOW_SLICE_MS, SLOW_SLICE_MS * SLOW_REST_TIMES],
    [SLOW_SLICE_MS - 1, 0],
  ])('after a slice of %i ms give way for %i ms', async (sliceMs, restMs) => {
    const { time, store, applier } = rig(() => sliceMs);
    const page = applier.apply(rows(SLICE_FIRST_ROWS + 1), to, NEVER);
    await time.advance(Math.max(0, restMs - 100));
    expect(store.transactions).toHaveLength(restMs === 0 ? 2 : 1);
    await time.advance(200);
    await page;
    expect(store.transactions).toHaveLength(2);
  });

  test('slow fsync: all rests of a page together have a limit, and sales their turn between its slices all the same', async () => {
    let isIdle = true;
    const { time, store, applier } = rig(
      () => 6_000,
      () => isIdle,
    );
    const page = applier.apply(rows(SLICE_FIRST_ROWS + 3 * SLOW_SLICE_ROWS), to, NEVER);
    await time.advance(6_000);
    expect(store.transactions).toHaveLength(2);
    isIdle = false;
    await time.advance(SLOW_REST_MAX_MS - 6_000 + IDLE_WAIT_MAX_MS / 2);
    expect(store.transactions).toHaveLength(2);
    isIdle = true;
    // The rests are used up: what is left of the page takes the slices' own time.
    await time.advance(IDLE_WAIT_MAX_MS);
    await page;
    expect(store.cursor()).toEqual(to);
  });

  test.each([
    [SLOW_SLICE_MS, 80],
    [2_000, 25],
    [6_000, 8],
  ])(
    'on a disk whose flushes take %i ms come down at %i a second or faster',
    async (flushMs, rate) => {
      const { time, took, applier } = rig((count) => flushMs + count * 0.05);
      let restMs = 0;
      const pages = 4;
      for (let n = 0; n < pages; n++) {
        let done = false;
        void applier.apply(rows(PAGE_MAX_ROWS), to, NEVER).then(() => {
          done = true;
        });
        for (; !done; restMs += 100) await time.advance(100);
      }
      const tookMs = took.reduce((sum, ms) => sum + ms, restMs);
      expect((pages * PAGE_MAX_ROWS * 1_000) / tookMs).toBeGreaterThan(rate);
    },
  );

  test('come in slices that a slow flush does not shrink, and that do not grow over what a well disk takes at once', () => {
    expect(nextSliceRows(32, 32, SLOW_SLICE_MS, 8)).toBe(64);
    expect(nextSliceRows(100, 100, SLOW_SLICE_MS, 8)).toBe(SLOW_SLICE_ROWS);
    expect(nextSliceRows(400, 400, SLOW_SLICE_MS, 8)).toBe(400);
    // A page of three rows is no reason to plan more.
    expect(nextSliceRows(32, 3, SLOW_SLICE_MS, 8)).toBe(32);
    expect(nextSliceRows(100, 100, SLOW_SLICE_MS - 1, 8)).toBe(SLICE_MIN_ROWS);
  });

  test('of a till that closes do not rest', async () => {
    const { time, store, applier } = rig(() => 5_000);
    const closing = new AbortController();
    const page = applier.apply(rows(SLICE_FIRST_ROWS + 1), to, closing.signal);
    await time.advance(100);
    closing.abort();
    await time.advance(100);
    expect(await page).toMatchObject({ value: 'cancelled' });
    expect(store.transactions).toHaveLength(1);
  });

  test('of one page wait for a crowded log once for all their slices', async () => {
    const { time, store, applier } = rig(() => APPLY_BUDGET_MS);
    store.crowded = true;
    const page = applier.apply(rows(PAGE_MAX_ROWS), to, NEVER);
    await time.advance(CROWDED_WAIT_MAX_MS);
    await page;
    expect(store.transactions.length).toBeGreaterThan(1);
    expect(store.cursor()).toEqual(to);
  });

  test('of an express frame do not wait for a crowded log', async () => {
    const { store, applier } = rig(() => 1);
    store.crowded = true;
    await applier.apply(rows(1), undefined, NEVER);
    expect(store.transactions).toHaveLength(1);
  });

  test.each([
    ['crowded', true],
    ['at ease', false],
  ])(
    'of a till that closes end with the slice under way, also while the log is %s',
    async (_, crowded) => {
      const closing = new AbortController();
      const { time, store, applier } = rig(() => {
        closing.abort();
        return APPLY_BUDGET_MS;
      });
      const page = applier.apply(rows(PAGE_MAX_ROWS), to, closing.signal);
      store.crowded = crowded;
      if (crowded) {
        await time.advance(CROWDED_STEP_MS);
        closing.abort();
        await time.advance(CROWDED_STEP_MS);
      }
      expect(await page).toEqual({ ok: true, value: 'cancelled' });
      expect(store.transactions).toHaveLength(crowded ? 0 : 1);
      expect(store.cursor()).toBeUndefined();
    },
  );

  test('that the disk does not take leave the place in the feed alone', async () => {
    const { store, applier } = rig(() => 1);
    store.setCursor(createFeedModel().head());
    store.failWrites = 1;
    expect(await applier.apply(rows(3), to, NEVER)).toEqual({
      ok: false,
      error: { code: 'storage', detail: 'disk-full' },
    });
    expect(store.cursor()?.pos).toBe(0);
  });

  test('that break an invariant are no storage failure: the error goes on its way', async () => {
    const { time } = rig(() => 1);
    const applier = createApplier({
      store: {
        isCrowded: () => false,
        apply: () => {
          throw new Error('broken invariant: test');
        },
        applyAhead: () => {
          throw new Error('broken invariant: test');
        },
      },
      ...time,
      budgetMs: 8,
      idle: () => true,
      onApplied: () => {},
    });
    await expect(applier.apply(rows(1), to, NEVER)).rejects.toThrow('broken invariant');
  });
});
