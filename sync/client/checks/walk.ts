import { err, ok, type Result } from '../../../agent/contract/result.ts';
import type { ChecksStore } from '../check-ports.ts';
import { tryStorage } from '../storage-failure.ts';
import { type CheckFailure, callFailed } from './check-failure.ts';
import { type Drift, NOTHING_REPAIRED, type Repair, type Repaired, together } from './repair.ts';
import { count, type TableWalk, type WalkParts, walkTable } from './walk-table.ts';

/** Rows whose sum is counted again in one slice, where no bucket but the root differs. */
export const RECOUNT_ROWS = 1_000;

/** What one comparison of everything with headquarters found and put right. */
export interface Walked extends Repaired {
  /** Rows of all tables at the till. */
  readonly rows: number;
  /** Own sums that were wrong and are right again. */
  readonly mended: number;
  /** Tables with more drift than is repaired row by row: nothing of them was changed. */
  readonly large: readonly {
    readonly table: string;
    readonly found: number;
    readonly rows: number;
  }[];
}

export interface WalkAllParts extends Omit<WalkParts, 'checks' | 'onRows'> {
  readonly checks: Pick<ChecksStore, 'roots' | 'digests' | 'recount'>;
  readonly repair: Repair;
  /** A table is being summed: rows done, and all of them as far as is known. */
  readonly onSummed: (done: number, all: number) => void;
}

/** Compares the roots of all tables and walks those that differ, one after the other. */
export async function walkAll(
  parts: WalkAllParts,
  signal: AbortSignal,
): Promise<Result<Walked, CheckFailure>> {
  const { checks, ask, repair, tally, onSummed } = parts;
  const read = tryStorage(() => checks.roots());
  if (!read.ok) return read;
  if (read.value === undefined) return err({ code: 'not-ready' });
  const { roots } = read.value;
  const rows = roots.reduce((sum, root) => sum + root.rows, 0);
  let walked: Walked = { ...NOTHING_REPAIRED, rows, mended: 0, large: [] };
  const answer = await ask(
    {
      t: 'roots',
      roots: roots.map(({ table, rows: own, sum }) => [table, own, Buffer.from(sum, 'hex')]),
    },
    signal,
  );
  if (!answer.ok) return err(callFailed(answer.error));
  count(tally, answer.value);
  for (const differing of answer.value.reply.differ) {
    const [table, rowsThere] = differing;
    const all = Math.max(roots.find((root) => root.table === table)?.rows ?? 0, rowsThere);
    const one = await walkTable(
      { ...parts, onRows: (done) => onSummed(done, all) },
      differing,
      signal,
    );
    if (!one.ok) return one;
    const after = await act(table, one.value);
    if (!after.ok) return after;
    walked = after.value;
  }
  return ok(walked);

  async function act(table: string, found: TableWalk): Promise<Result<Walked, CheckFailure>> {
    switch (found.code) {
      case 'same':
        return ok(walked);
      case 'large':
        return ok({
          ...walked,
          large: [...walked.large, { table, found: found.found, rows: found.rows }],
        });
      case 'root-only': {
        const mended = await recount(parts, table, signal);
        return mended.ok ? ok({ ...walked, mended: walked.mended + mended.value }) : mended;
      }
      case 'differs': {
        const drift: Drift = { table, ...found };
        const done = await repair.run(drift, signal);
        return done.ok ? ok({ ...walked, ...together(walked, done.value) }) : done;
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
