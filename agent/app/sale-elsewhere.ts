import { BASE_BUCKET } from '../domain/points/lots.ts';
import type { HoldRow } from '../store/store.ts';
import type { TillContext } from './context.ts';
import { readSoldRecord, type SoldRecord, undoneOf } from './sold-record.ts';
import { type SaleFound, type Sold, withReturns } from './sold-sale.ts';
import type { SoldMove } from './undo-points.ts';

/**
 * A sale of another till as headquarters tells it, with the returns of all tills.
 * @param row what this till keeps of it since goods of it came back here
 */
export function saleElsewhere(
  found: SaleFound,
  row: HoldRow | undefined,
  store: TillContext['store'],
): Sold {
  const fresh: SoldRecord = {
    v: 1,
    seq: 0,
    currency: found.currency,
    ruleSetVersion: found.ruleSetVersion,
    policyVersion: found.policyVersion,
    referenceId: found.referenceId,
    lines: found.lines,
    gifts: found.gifts,
    returned: {},
    clawedBack: 0,
    givenBack: 0,
  };
  const moves = found.movements.map((move) => ({
    ...move,
    bucket: move.lot?.bucket ?? BASE_BUCKET,
  })) as SoldMove[];
  const record = row === undefined ? fresh : readSoldRecord(row);
  const sold: Sold = {
    origin: 'headquarters',
    saleId: found.saleId,
    at: found.at,
    businessDay: found.businessDay,
    storeId: found.storeId,
    tillId: found.tillId,
    row,
    record,
    memberId: found.memberId ?? undefined,
    moves,
    undone: undoneOf(record, moves),
    entitlements: found.entitlements,
    tierAfter: found.tierAfter,
    couponsUsed: found.couponsUsed,
    names: new Map(Object.entries(found.names)),
    returnUntil: found.returnUntil,
    keptBecause: found.keptBecause,
    keptGoods: () => {
      throw new Error('broken invariant: the kept goods of a sale elsewhere are asked for first');
    },
  };
  return withReturns(sold, found.returns, store);
}
