import {
  assert,
  BASE_BUCKET,
  type LotId,
  type MemberId,
  type PointsLot,
} from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { BookedMovement, PointsMovement, PointsRepository } from '../store.ts';
import type { LotRow } from './lot-rows.ts';

interface MovementRow {
  readonly seq: number;
  readonly lot_id: string;
  readonly member_id: string;
  readonly delta: number;
  readonly bucket: string | null;
}

/** Points in lots. A balance is the sum of the lots as they stand; expiry is the reader's matter. */
export function createPoints(connection: Connection): PointsRepository {
  const lots = connection.statement<LotRow>(`
    SELECT * FROM points_lots WHERE member_id = ? AND points <> 0
    ORDER BY expires_on IS NULL, expires_on, lot_id`);
  const one = connection.statement<LotRow>(
    'SELECT * FROM points_lots WHERE member_id = ? AND lot_id = ?',
  );
  const balance = connection.statement<{ points: number }>(
    'SELECT coalesce(sum(points), 0) AS points FROM points_lots WHERE member_id = ?',
  );
  const columns =
    'member_id, lot_id, points, earned_at, expires_on, available_on, channel, bucket, source';
  const upsert = connection.statement(`
    INSERT INTO points_lots (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (member_id, lot_id) DO UPDATE SET points = excluded.points, earned_at = excluded.earned_at,
      expires_on = excluded.expires_on, available_on = excluded.available_on, channel = excluded.channel, bucket = excluded.bucket, source = excluded.source`);
  const add = connection.statement(
    `INSERT INTO points_lots (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (member_id, lot_id) DO NOTHING`,
  );
  // The first movement of a lot that begins empty is the one that made it.
  const change = connection.statement(`
    UPDATE points_lots SET points = points + ?, made_seq = coalesce(made_seq, iif(points = 0, ?, 0))
    WHERE member_id = ? AND lot_id = ?`);
  const record = connection.statement(`
    INSERT INTO points_movements (seq, n, lot_id, member_id, delta)
    VALUES (?, (SELECT coalesce(max(n), 0) + 1 FROM points_movements WHERE seq = ?), ?, ?, ?)`);
  const movements = connection.statement<MovementRow>(`
    SELECT m.seq, m.lot_id, m.member_id, m.delta, l.bucket FROM points_movements m
    LEFT JOIN points_lots l ON l.member_id = m.member_id AND l.lot_id = m.lot_id
    WHERE m.seq = ? ORDER BY m.n`);

  function moveOne({ seq, lotId, memberId, delta }: PointsMovement): void {
    assert(Number.isSafeInteger(delta), 'points move in whole numbers');
    assert(change.run(delta, seq, memberId, lotId) === 1, `the member has no lot ${lotId}`);
    record.run(seq, seq, lotId, memberId, delta);
  }

  const writer = (statement: typeof upsert) => (lot: PointsLot) => {
    const { lotId, memberId, points, earnedAt, expiresOn, availableOn, channel, bucket, source } =
      lot;
    const days = [expiresOn ?? null, availableOn ?? null] as const;
    statement.run(memberId, lotId, points, earnedAt, ...days, channel, bucket, source);
  };

  return {
    lots: (memberId) => lots.all(memberId).map(toLot),
    lot(memberId, lotId) {
      const row = one.get(memberId, lotId);
      return row && toLot(row);
    },
    balance: (memberId) => balance.get(memberId)?.points ?? 0,
    upsertLots: (all) => connection.together(() => all.forEach(writer(upsert))),
    addLots: (all) => connection.together(() => all.forEach(writer(add))),
    move: (all) => connection.together(() => all.forEach(moveOne)),
    movementsOf: (seq) => movements.all(seq).map(toMovement),
  };
}

function toLot(row: LotRow): PointsLot {
  return {
    lotId: row.lot_id as LotId,
    memberId: row.member_id as MemberId,
    points: row.points,
    earnedAt: row.earned_at,
    ...(row.expires_on === null ? {} : { expiresOn: row.expires_on }),
    ...(row.available_on === null ? {} : { availableOn: row.available_on }),
    channel: row.channel as PointsLot['channel'],
    bucket: row.bucket,
    source: row.source,
  };
}

function toMovement(row: MovementRow): BookedMovement {
  const { seq, lot_id: lotId, member_id: memberId, delta, bucket } = row;
  return { seq, lotId, memberId: memberId as MemberId, delta, bucket: bucket ?? BASE_BUCKET };
}
