import { ok, type Result } from '../../agent/contract/result.ts';
import { type Cursor, FEED_TABLES, type FeedRow, PAGE_MAX_ROWS } from '../protocol/feed.ts';
import type { SyncClock, SyncTimers } from './deps.ts';
import type { Applied, SyncStore } from './ports.ts';
import { type StorageFailure, tryStorage } from './storage-failure.ts';

/** One transaction of sync holds the till's thread for about so long at most, in milliseconds. */
export const APPLY_BUDGET_MS = 8;
/** Rows of the first slice, before it is known how fast this machine is. */
export const SLICE_FIRST_ROWS = 32;
/** A slice is never smaller than this: a transaction costs its time for the disk, however few rows it holds. */
export const SLICE_MIN_ROWS = 16;
/** While a sale is being held or committed a slice waits in steps of this length, in milliseconds ... */
export const IDLE_STEP_MS = 2;
/** ... and goes on after so long all the same: sales may come without a pause for hours. */
export const IDLE_WAIT_MAX_MS = 60;

/** While the database's log is crowded a slice waits in steps of this length, in milliseconds ... */
export const CROWDED_STEP_MS = 10;
/**
 * ... and goes on once all slices of a page have waited so long together: a disk that cannot keep up is no reason to know
 * nothing.
 */
export const CROWDED_WAIT_MAX_MS = 2_000;

/** A slice that took so long, in milliseconds, met a disk that hangs: an fsync may take seconds ... */
export const SLOW_SLICE_MS = 500;
/** ... after which sync leaves the till alone for so many times as long ... */
export const SLOW_REST_TIMES = 1;
/**
 * ... and for no longer than this after all slices of a page together, in milliseconds: a disk that is always slow is no
 * reason to fall behind for ever.
 */
export const SLOW_REST_MAX_MS = 10_000;
/**
 * There the flush takes the time, not the rows: slices grow up to so many rows, which are hardly above the budget once the
 * disk is well again.
 */
export const SLOW_SLICE_ROWS = 128;
const REST_STEP_MS = 50;

/** Part of the budget that a slice is planned for; the rest is for rows that are larger than those before. */
const BUDGET_SHARE = 0.75;

export interface Applier {
  /**
   * Applies rows in slices, the most urgent first; the cursor moves in the transaction of the last one. Rows without a
   * cursor are express ones, which do not wait for room in the database.
   * @returns `cancelled` where `signal` aborted before the last slice: the cursor stays, and the rows come again
   */
  apply(
    rows: readonly FeedRow[],
    cursor: Cursor | undefined,
    signal: AbortSignal,
  ): Promise<Result<'applied' | 'cancelled', StorageFailure>>;
  /** Lets waiting input and sales run first, and the database find room, unless `signal` aborts. */
  yieldNow(signal: AbortSignal): Promise<void>;
  /** The same for work that reads: it needs no room in the database. */
  stepAside(signal: AbortSignal): Promise<void>;
}

export interface ApplierParts {
  readonly store: Pick<SyncStore, 'apply' | 'applyAhead' | 'isCrowded'>;
  readonly clock: SyncClock;
  readonly timers: SyncTimers;
  readonly budgetMs: number;
  readonly idle: () => boolean;
  readonly onApplied: (applied: Applied) => void;
}

/** Brings rows into the till's database without ever delaying a checkout by more than one short transaction. */
export function createApplier({
  store,
  clock,
  timers,
  budgetMs,
  idle,
  onApplied,
}: ApplierParts): Applier {
  let sliceRows = SLICE_FIRST_ROWS;
  let restMs = 0;

  /**
   * Lets sales have the disk for a while after a slice that took long.
   * @returns how long, in milliseconds
   */
  async function rest(maxMs: number, signal: AbortSignal): Promise<number> {
    const forMs = Math.min(restMs, maxMs);
    restMs = 0;
    return await waitWhile(() => !signal.aborted, REST_STEP_MS, forMs);
  }

  /** @returns how long it waited for room in the database, in milliseconds */
  async function giveWay(crowdedMaxMs: number, signal: AbortSignal): Promise<number> {
    await new Promise<void>((resolve) => timers.immediate(resolve));
    const crowded = (): boolean => store.isCrowded() && !signal.aborted;
    const waitedMs = await waitWhile(crowded, CROWDED_STEP_MS, crowdedMaxMs);
    await waitWhile(() => !idle() && !signal.aborted, IDLE_STEP_MS, IDLE_WAIT_MAX_MS);
    return waitedMs;
  }

  async function waitWhile(busy: () => boolean, stepMs: number, maxMs: number): Promise<number> {
    let waitedMs = 0;
    for (; waitedMs < maxMs && busy(); waitedMs += stepMs)
      await new Promise<void>((resolve) => timers.set(stepMs, resolve));
    return waitedMs;
  }

  /** One transaction; its time decides how large the next one is. */
  function applySlice(
    rows: readonly FeedRow[],
    cursor: Cursor | undefined,
    isAhead: boolean,
  ): Result<Applied, StorageFailure> {
    const startMs = clock.monoMs();
    const applied = tryStorage(() =>
      isAhead ? store.applyAhead(rows) : store.apply(rows, cursor),
    );
    const tookMs = Math.max(clock.monoMs() - startMs, 0.01);
    if (tookMs >= SLOW_SLICE_MS) restMs = tookMs * SLOW_REST_TIMES;
    if (applied.ok && rows.length > 0)
      sliceRows = nextSliceRows(sliceRows, rows.length, tookMs, budgetMs);
    return applied;
  }

  return {
    async yieldNow(signal) {
      await rest(SLOW_REST_MAX_MS, signal);
      await giveWay(CROWDED_WAIT_MAX_MS, signal);
    },
    async stepAside(signal) {
      await giveWay(0, signal);
    },
    async apply(rows, cursor, signal) {
      const ordered = byUrgency(rows);
      let crowdedLeftMs = cursor === undefined ? 0 : CROWDED_WAIT_MAX_MS;
      let restLeftMs = SLOW_REST_MAX_MS;
      let at = 0;
      do {
        if (cursor !== undefined) restLeftMs -= await rest(restLeftMs, signal);
        crowdedLeftMs -= await giveWay(crowdedLeftMs, signal);
        if (signal.aborted) return ok('cancelled');
        const slice = ordered.slice(at, at + sliceRows);
        at += slice.length;
        const last = at >= ordered.length;
        const applied = applySlice(slice, last ? cursor : undefined, cursor === undefined);
        if (!applied.ok) return applied;
        onApplied(applied.value);
      } while (at < ordered.length);
      return ok('applied');
    },
  };
}

/**
 * Rows of the next slice after one of `rows` rows that took `tookMs`, planned for `planned` rows: smaller once the budget
 * was passed, larger only after a full slice that left room, and at most twofold, so that one lucky measurement costs
 * nobody a long wait. A slice of {@link SLOW_SLICE_MS} says nothing about rows.
 */
export function nextSliceRows(
  planned: number,
  rows: number,
  tookMs: number,
  budgetMs: number,
): number {
  if (tookMs >= SLOW_SLICE_MS)
    return rows < planned ? planned : Math.max(planned, Math.min(planned * 2, SLOW_SLICE_ROWS));
  const fitting = Math.floor((rows * budgetMs * BUDGET_SHARE) / tookMs);
  if (tookMs <= budgetMs && rows < planned) return planned;
  return Math.max(SLICE_MIN_ROWS, Math.min(fitting, planned * 2, PAGE_MAX_ROWS));
}

/** Rows in the order of {@link FEED_TABLES}, within a table as they came; tables of a later version at the end. */
export function byUrgency(rows: readonly FeedRow[]): FeedRow[] {
  const rank = (table: string): number => {
    const at = (FEED_TABLES as readonly string[]).indexOf(table);
    return at === -1 ? FEED_TABLES.length : at;
  };
  return rows.toSorted(([a], [b]) => rank(a) - rank(b));
}
