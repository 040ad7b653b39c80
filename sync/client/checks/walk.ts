import { err, ok, type Result } from '../../../agent/contract/result.ts';
import type { ChecksStore } from '../check-ports.ts';
import { tryStorage } from '../storage-failure.ts';
import { type CheckFailure, callFailed } from './check-failure.ts';
import {
  type Broken,
  type Drift,
  NOTHING_REPAIRED,
  type Repair,
  type Repaired,
  together,
} from './repair.ts';
import { count, type WalkParts } from './walk-parts.ts';
import { type LargeDrift, type TableWalk, walkTable } from './walk-table.ts';

/** Rows whose sum is counted again in one slice, where no bucket but the root differs. */
export const RECOUNT_ROWS = 1_000;

/** What one comparison of everything with headquarters found and put right. */
export interface Walked extends Repaired {
  /** Rows of all tables at the till. */
  readonly rows: number;
  /** Own sums that were wrong and are right again. */
  readonly mended: number;
  /** Tables with more drift than is repaired row by row: none of it was changed. */
  readonly large: readonly ({ readonly table: string } & LargeDrift)[];
}

export interface WalkAllParts extends Omit<WalkParts, 'checks' | 'onRows'> {
  readonly checks: Pick<ChecksStore, 'roots' | 'digests' | 'recount'>;
  readonly repair: Repair;
  /** A table is being summed: rows done, and all of them as far as is known. */
  readonly onSummed: (done: number, all: number) => void;
}

/**
 * Compares the roots of all tables and walks those that differ, one after the other.
 * @returns what was found and put right, also beside a failure that came later
 */
export async function walkAll(
  parts: WalkAllParts,
  signal: AbortSignal,
): Promise<Result<Walked, Broken<Walked>>> {
  const { checks, ask, repair, tally, onSummed } = parts;
  let walked: Walked = { ...NOTHING_REPAIRED, rows: 0, mended: 0, large: [] };
  const broken = (failure: CheckFailure) => err({ failure, done: walked });
  const read = tryStorage(() => checks.roots());
  if (!read.ok) return broken(read.error);
  if (read.value === undefined) return broken({ code: 'not-ready' });
  const { roots } = read.value;
  walked = { ...walked, rows: roots.reduce((sum, root) => sum + root.rows, 0) };
  const answer = await ask(
    {
      t: 'roots',
      roots: roots.map(({ table, rows: own, sum }) => [table, own, Buffer.from(sum, 'hex')]),
    },
    signal,
  );
  if (!answer.ok) return broken(callFailed(answer.error));
  count(tally, answer.value);
  for (const differing of answer.value.reply.differ) {
    const [table, rowsThere] = differing;
    const all = Math.max(roots.find((root) => root.table === table)?.rows ?? 0, rowsThere);
    const one = await walkTable(
      { ...parts, onRows: (done) => onSummed(done, all) },
      differing,
      signal,
    );
    if (!one.ok) return broken(one.error);
    const failure = await act(table, one.value);
    if (failure !== null) return broken(failure);
  }
  return ok(walked);

  function addLarge(table: string, large: LargeDrift): void {
    walked = { ...walked, large: [...walked.large, { table, ...large }] };
  }

  /** @returns why it did not come to its end; `null` = it did */
  async function act(table: string, found: TableWalk): Promise<CheckFailure | null> {
    switch (found.code) {
      case 'same':
        return null;
      case 'large': {
        addLarge(table, found.large);
        return null;
      }
      case 'root-only': {
        const mended = await recount(parts, table, signal);
        if (!mended.ok) return mended.error;
        walked = { ...walked, mended: walked.mended + mended.value };
        return null;
      }
      case 'differs': {
        if (found.extras !== null) addLarge(table, found.extras);
        const drift: Drift = { table, ...found };
        const repaired = await repair.run(drift, signal);
        const done = repaired.ok ? repaired.value : repaired.error.done;
        walked = { ...walked, ...together(walked, done) };
        return repaired.ok ? null : repaired.error.failure;
      }
    }
  }
}

/** Sums a table's own digests again. @returns 1 where its root was wrong, else 0 */
async function recount(
  { checks, yieldNow }: Pick<WalkAllParts, 'checks' | 'yieldNow'>,
  table: string,
  signal: AbortSignal,
): Promise<Result<number, CheckFailure>> {
  for (;;) {
    await yieldNow(signal);
    if (signal.aborted) return err({ code: 'cancelled' });
    const slice = tryStorage(() => checks.recount(table, RECOUNT_ROWS));
    if (!slice.ok) return slice;
    if (slice.value.done) return ok(slice.value.wasRight === false ? 1 : 0);
  }
}
