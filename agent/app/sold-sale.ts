import type { MemberId, SaleId, SoldSale, Text, Undone } from '../contract/index.ts';
import { fittingReturn } from '../domain/benefits/fitting-return.ts';
import type { KeptTarget } from '../domain/benefits/kept-target.ts';
import type { KeptBecause } from '../domain/benefits/return-basis.ts';
import type { UnitsByLine } from '../domain/benefits/return-share.ts';
import { undoByBucket } from '../domain/points/undo-by-bucket.ts';
import type { HoldRow } from '../store/store.ts';
import type { TillContext } from './context.ts';
import { type SoldRecord, undoneOf, withReturn } from './sold-record.ts';
import type { SoldMove } from './undo-points.ts';

/** What the kept goods come to before a return and with it. */
export interface KeptGoods {
  readonly before: KeptTarget;
  readonly after: KeptTarget;
}

/** A sale that goods may come back to, wherever it was made. */
export interface Sold {
  readonly origin: SoldSale['origin'];
  readonly saleId: SaleId;
  readonly at: string;
  readonly businessDay: string;
  readonly storeId: string;
  readonly tillId: string;
  /** Where its record is kept here; absent for a sale of another till to which nothing came back here. */
  readonly row: HoldRow | undefined;
  readonly record: SoldRecord;
  /** Absent for guests, and once the member was erased: then only money goes back. */
  readonly memberId: MemberId | undefined;
  readonly moves: readonly SoldMove[];
  readonly undone: Undone;
  readonly entitlements: readonly string[];
  readonly tierAfter?: string | undefined;
  readonly couponsUsed: readonly string[];
  /** Names of rules, for people. */
  readonly names: ReadonlyMap<string, Text>;
  readonly returnUntil?: string | undefined;
  readonly keptBecause?: KeptBecause | undefined;
  readonly keptGoods: (before: UnitsByLine, after: UnitsByLine) => KeptGoods;
}

type FoundReply = Awaited<ReturnType<TillContext['deps']['headquarters']['sales']['find']>>;
export type SaleFound = NonNullable<Extract<FoundReply, { ok: true }>['value']['sale']>;
type BookedReturn = SaleFound['returns'][number];

/**
 * The sale with the returns of other tills. This till's own are in its record, unless it has none, or its database was set
 * back to a time before them. Of units that came back twice only the first return counts, so that the rest of the sale
 * can come back as if they had come back once.
 */
export function withReturns(
  sold: Sold,
  returns: readonly BookedReturn[],
  { tillId: ownTillId, ledger }: Pick<TillContext['store'], 'tillId' | 'ledger'>,
): Sold {
  let { record, undone } = sold;
  for (const { returnId, tillId, undone: told } of returns) {
    const isOwn =
      sold.row !== undefined && tillId === ownTillId && ledger.byReturn(returnId) !== undefined;
    if (isOwn || record.elsewhere?.includes(returnId) === true) continue;
    const { moves: movesTold, ...more } = fittingReturn(
      { lines: [...record.lines] },
      undone.units,
      told,
    );
    const moves = movesTold ?? undoByBucket(sold.moves, undone.moves ?? [], more);
    record = withReturn(record, undone, { ...more, moves }, returnId);
    undone = undoneOf(record, sold.moves);
  }
  return { ...sold, record, undone };
}
