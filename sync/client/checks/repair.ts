import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { AUDITED_ROWS_MAX, type DriftKind } from '../../protocol/check.ts';
import type { Cursor } from '../../protocol/feed.ts';
import type { ChecksStore, RightRow } from '../check-ports.ts';
import type { SyncClock } from '../deps.ts';
import type { Pause } from '../pause.ts';
import type { Applied } from '../ports.ts';
import { tryStorage } from '../storage-failure.ts';
import type { CheckFailure } from './check-failure.ts';
import { createSliceSize } from './slice-size.ts';

/** Rows that a till puts right in a minute, at most: repair never competes with sales for the disk. */
export const REPAIR_ROWS_A_MINUTE = 30_000;
/** One transaction of a repair holds the till's thread for about so long, in milliseconds. */
export const REPAIR_SLICE_MS = 6;
/** Rows of one transaction: one audit row names them all. */
export const REPAIR_SLICE = { first: 16, least: 8, most: AUDITED_ROWS_MAX } as const;
/** A row that differs again within this time after its repair stays as it is and is told, in milliseconds. */
export const REPAIRED_AGAIN_MS = 24 * 60 * 60_000;

/** What a repair did. */
export interface Repaired {
  readonly repaired: number;
  readonly kinds: Readonly<Record<DriftKind, number>>;
  /** Rows that were repaired before and differ again; they are kept with both images. */
  readonly stays: number;
  /** Rows of which only the digest was wrong. */
  readonly corrected: number;
  /** Rows that changed since they were compared. */
  readonly left: number;
}

export const NOTHING_REPAIRED: Repaired = {
  repaired: 0,
  kinds: { missing: 0, extra: 0, stale: 0, damaged: 0 },
  stays: 0,
  corrected: 0,
  left: 0,
};

/** Why something did not come to its end, and what it did before. */
export interface Broken<Done> {
  readonly failure: CheckFailure;
  readonly done: Done;
}

/** What two repairs did together. */
export function together(a: Repaired, b: Repaired): Repaired {
  return {
    repaired: a.repaired + b.repaired,
    kinds: {
      missing: a.kinds.missing + b.kinds.missing,
      extra: a.kinds.extra + b.kinds.extra,
      stale: a.kinds.stale + b.kinds.stale,
      damaged: a.kinds.damaged + b.kinds.damaged,
    },
    stays: a.stays + b.stays,
    corrected: a.corrected + b.corrected,
    left: a.left + b.left,
  };
}

/** Rows of one table that differ, and how they should be. */
export interface Drift {
  readonly table: string;
  readonly right: readonly RightRow[];
  readonly seen: ReadonlyMap<string, string>;
  readonly at: Cursor;
}

export interface Repair {
  /** Puts rows right in slices, what should not be there last. What was done before a failure stays, and is told beside it. */
  run(drift: Drift, signal: AbortSignal): Promise<Result<Repaired, Broken<Repaired>>>;
}

export interface RepairParts {
  readonly checks: Pick<ChecksStore, 'repair' | 'repairedSince' | 'keepStaying'>;
  readonly clock: SyncClock;
  readonly pause: Pause;
  readonly yieldNow: (signal: AbortSignal) => Promise<void>;
  readonly onApplied: (applied: Applied) => void;
  readonly onRows?: (done: number, all: number) => void;
}

/** Repairs rows at a rate that holds over all repairs of this run of the program. */
export function createRepair(parts: RepairParts): Repair {
  const { checks, clock, pause, yieldNow, onApplied, onRows = () => {} } = parts;
  /** When the rate has room again, on the clock that never goes back. */
  let freeAtMs = Number.NEGATIVE_INFINITY;

  async function keepToRate(rows: number, signal: AbortSignal): Promise<void> {
    const waitMs = freeAtMs - clock.monoMs();
    // A wake is for whoever waits for work; the rate holds all the same.
    while (freeAtMs > clock.monoMs() && !signal.aborted)
      await pause.wait(Math.max(1, freeAtMs - clock.monoMs()), signal);
    freeAtMs = (waitMs > 0 ? freeAtMs : clock.monoMs()) + (rows * 60_000) / REPAIR_ROWS_A_MINUTE;
  }

  return {
    async run({ table, right, seen, at }, signal) {
      const known = tryStorage(() => {
        const before = checks.repairedSince(table, clock.now() - REPAIRED_AGAIN_MS);
        const staying = right.filter(({ key }) => before.has(key));
        for (const { key, ver, body } of staying)
          checks.keepStaying({
            table,
            key,
            atMs: clock.now(),
            there: body === null ? null : { ver, body },
          });
        return staying;
      });
      if (!known.ok) return err({ failure: known.error, done: NOTHING_REPAIRED });
      const stays = new Set(known.value.map(({ key }) => key));
      const rows = right
        .filter(({ key }) => !stays.has(key))
        .toSorted((a, b) => Number(a.body === null) - Number(b.body === null));
      const size = createSliceSize(clock, REPAIR_SLICE_MS, REPAIR_SLICE);
      let done: Repaired = { ...NOTHING_REPAIRED, stays: stays.size };
      for (let next = 0; next < rows.length; ) {
        const slice = rows.slice(next, next + size.rows());
        await yieldNow(signal);
        await keepToRate(slice.length, signal);
        if (signal.aborted) return err({ failure: { code: 'cancelled' }, done });
        const put = tryStorage(() =>
          size.timed(
            () => checks.repair(table, slice, seen, at),
            () => slice.length,
          ),
        );
        if (!put.ok) return err({ failure: put.error, done });
        const { repaired, left } = put.value;
        const kinds = { ...NOTHING_REPAIRED.kinds };
        for (const { kind } of repaired) kinds[kind] += 1;
        const corrected = slice.length - repaired.length - left;
        done = together(done, { repaired: repaired.length, kinds, stays: 0, corrected, left });
        if (repaired.length > 0)
          onApplied({ changed: repaired.map(({ key }) => ({ table, key })), ignored: left });
        next += slice.length;
        onRows(next, rows.length);
      }
      return ok(done);
    },
  };
}
