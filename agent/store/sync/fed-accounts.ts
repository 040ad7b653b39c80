import { type PointsAccount, pointsAccountSchema } from '../../../sync/protocol/feed.ts';
import type { BookedUpTo } from '../incarnations.ts';
import { isLot, type LotRow } from '../repositories/lot-rows.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { FedTable } from './fed-table.ts';
import { createOwnMovements } from './own-movements.ts';
import { readBody } from './read-body.ts';

export interface FedAccountsParts {
  readonly connection: Connection;
  readonly bookedUpTo: BookedUpTo;
  /** The last entry that headquarters has received. */
  readonly receivedSeq: () => number;
}

/**
 * Accounts of points. Headquarters owns them: its lots replace the till's, and what the till's own entries moved that are
 * not in them yet is added again. So nothing that was sold here is lost, and nothing is counted twice.
 */
export function createFedAccounts({
  connection,
  bookedUpTo,
  receivedSeq,
}: FedAccountsParts): FedTable {
  const find = connection.statement<{ ver: number }>(
    'SELECT ver FROM points_accounts WHERE member_id = ?',
  );
  const upsert = connection.statement(`
    INSERT INTO points_accounts VALUES (?, ?, ?)
    ON CONFLICT (member_id) DO UPDATE SET ver = excluded.ver, body = excluded.body`);
  const remove = connection.statement('DELETE FROM points_accounts WHERE member_id = ?');
  const lotsOf = connection.statement<LotRow>('SELECT * FROM points_lots WHERE member_id = ?');
  const setPoints = connection.statement(
    'UPDATE points_lots SET points = ? WHERE member_id = ? AND lot_id = ?',
  );
  const removeLot = connection.statement(
    'DELETE FROM points_lots WHERE member_id = ? AND lot_id = ?',
  );
  const putLot = connection.statement(`
    INSERT INTO points_lots
      (member_id, lot_id, points, earned_at, expires_on, available_on, channel, bucket, source, made_seq)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
    ON CONFLICT (member_id, lot_id) DO UPDATE SET points = excluded.points, earned_at = excluded.earned_at,
      expires_on = excluded.expires_on, available_on = excluded.available_on, channel = excluded.channel, bucket = excluded.bucket, source = excluded.source`);
  // Lots may lie here without an account, from a time before headquarters fed this till.
  const keys = (where: string) =>
    connection.statement<{ key: string; ver: number }>(`
      SELECT key, max(ver) AS ver FROM (
        SELECT member_id AS key, ver FROM points_accounts WHERE ${where}
        UNION SELECT member_id, 0 FROM points_lots WHERE ${where}
      ) GROUP BY key ORDER BY key`);
  const between = keys('member_id > ? AND member_id <= ?');
  const rest = keys('member_id > ?');
  const own = createOwnMovements(connection);

  /** @param bookedSeq own entries after it are not in `lots` */
  function replaceLots(memberId: string, lots: PointsAccount['lots'], bookedSeq: number): void {
    const pending = own.after(memberId, bookedSeq);
    const theirs = new Set<string>(lots.map(({ lotId }) => lotId));
    const ours = new Map(lotsOf.all(memberId).map((lot) => [lot.lot_id, lot]));
    for (const lotId of ours.keys()) {
      if (theirs.has(lotId)) continue;
      // A lot that an entry here moved stays, at nothing where nothing waits: goods may come back to it.
      if (own.touched(memberId, lotId)) setPoints.run(pending.get(lotId) ?? 0, memberId, lotId);
      else removeLot.run(memberId, lotId);
    }
    for (const lot of lots) {
      const { lotId, earnedAt, channel, bucket, source } = lot;
      const points = lot.points + (pending.get(lotId) ?? 0);
      const here = ours.get(lotId);
      // An account comes whole whenever one of its lots moves; a member who buys daily has hundreds.
      if (here?.points === points && isLot(here, lot)) continue;
      const days = [lot.expiresOn ?? null, lot.availableOn ?? null] as const;
      putLot.run(memberId, lotId, points, earnedAt, ...days, channel, bucket, source);
    }
    // A movement whose lot is neither here nor theirs waits in the outbox, and headquarters makes the lot.
  }

  return {
    find: (key) => find.get(key),
    put(key, ver, body) {
      const account = readBody(body, pointsAccountSchema);
      if (!account.ok) return account.error;
      const { memberId, lots, booked } = account.value;
      if (memberId !== key) return 'memberId: is not the key';
      upsert.run(key, ver, body);
      replaceLots(key, lots, bookedUpTo(booked));
      return undefined;
    },
    remove(key) {
      remove.run(key);
      // Headquarters has booked what it has received; only the rest is still owed to the member here.
      replaceLots(key, [], receivedSeq());
    },
    range: (after, to) =>
      to === undefined ? rest.all(after, after) : between.all(after, to, after, to),
  };
}
