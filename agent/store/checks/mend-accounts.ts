import { type PointsAccount, pointsAccountSchema } from '../../../sync/protocol/feed.ts';
import { isLot, type LotRow } from '../repositories/lot-rows.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { HeldRow } from '../sync/held-rows.ts';
import { readBody } from '../sync/read-body.ts';
import type { ChecksParts } from './create-checks-store.ts';
import type { Mend } from './scrub.ts';

interface MovementRow {
  readonly member_id: string;
  readonly lot_id: string;
  readonly seq: number;
  readonly delta: number;
}

/**
 * Lots of points are what the account says, and what this till's own entries moved that it has not booked. Of pruned entries
 * nothing is added: they went once the account here had them.
 */
export function createMendAccounts(
  connection: Connection,
  { tableOf, bookedUpTo }: Pick<ChecksParts, 'tableOf' | 'bookedUpTo'>,
): Mend {
  const lots = connection.statement<LotRow>(
    'SELECT * FROM points_lots WHERE member_id >= ? AND member_id <= ?',
  );
  const movements = connection.statement<MovementRow>(`
    SELECT member_id, lot_id, seq, delta FROM points_movements WHERE member_id >= ? AND member_id <= ?`);
  const base = connection.statement<{ seq: number }>('SELECT seq FROM ledger_base');

  function fits(
    { lots: theirs, booked }: PointsAccount,
    here: readonly LotRow[],
    own: readonly MovementRow[],
    hasPruned: boolean,
  ): boolean {
    const bookedSeq = bookedUpTo(booked);
    const pending = new Map<string, number>();
    for (const { lot_id, seq, delta } of own)
      if (seq > bookedSeq) pending.set(lot_id, (pending.get(lot_id) ?? 0) + delta);
    const left = new Map(here.map((lot) => [lot.lot_id, lot]));
    for (const lot of theirs) {
      const row = left.get(lot.lotId);
      left.delete(lot.lotId);
      if (row === undefined || row.points !== lot.points + (pending.get(lot.lotId) ?? 0))
        return false;
      if (!isLot(row, lot)) return false;
    }
    for (const [lotId, { points }] of left) {
      const isOwn = own.some(({ lot_id }) => lot_id === lotId);
      // A lot that entries moved stays at nothing after they were pruned.
      if (!isOwn && !(hasPruned && points === 0)) return false;
      if (points !== (pending.get(lotId) ?? 0)) return false;
    }
    // The lot of a movement that is not here and not theirs is looked for behind the accounts (mend-lots).
    return true;
  }

  return (rows) => {
    const [first, last] = [rows[0]?.key, rows.at(-1)?.key];
    if (first === undefined || last === undefined) return 0;
    const here = byMember(lots.all(first, last));
    const own = byMember(movements.all(first, last));
    const hasPruned = (base.get()?.seq ?? 0) > 0;
    let mended = 0;
    for (const row of rows) {
      const account = readBody(row.body, pointsAccountSchema);
      if (!account.ok) continue;
      const [lotsHere, ownHere] = [here.get(row.key) ?? [], own.get(row.key) ?? []];
      if (fits(account.value, lotsHere, ownHere, hasPruned)) continue;
      if (canMend(row, account.value, lotsHere, ownHere)) mended += 1;
    }
    return mended;
  };

  function canMend(
    { key, ver, body }: HeldRow,
    { lots: theirs, booked }: PointsAccount,
    here: readonly LotRow[],
    own: readonly MovementRow[],
  ): boolean {
    const known = new Set([
      ...theirs.map(({ lotId }) => lotId as string),
      ...here.map(({ lot_id }) => lot_id),
    ]);
    const bookedSeq = bookedUpTo(booked);
    // A lot that an entry here made and that is lost is made again first: only the ledger says what it was.
    if (own.some(({ seq, lot_id }) => seq > bookedSeq && !known.has(lot_id))) return false;
    return tableOf('points').put(key, ver, body, { ver }) === undefined;
  }
}

function byMember<Row extends { readonly member_id: string }>(
  rows: readonly Row[],
): ReadonlyMap<string, Row[]> {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const some = found.get(row.member_id);
    if (some === undefined) found.set(row.member_id, [row]);
    else some.push(row);
  }
  return found;
}
