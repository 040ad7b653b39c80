import {
  BASE_BUCKET,
  type BasketId,
  type EvaluationId,
  type EvaluationState,
  type MemberId,
  type SaleId,
} from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { HoldRow, HoldsRepository } from '../store.ts';

interface Row {
  readonly evaluation_id: string;
  readonly basket_id: string;
  readonly basket_hash: string;
  readonly member_id: string | null;
  readonly state: string;
  readonly deadline_ms: number;
  readonly points_reserved: number;
  readonly points_by_bucket: string | null;
  readonly coupons_reserved: string;
  readonly allowance_ids: string;
  readonly sale_id: string | null;
  readonly body: string;
}

/** By the index `holds_by_reference`, whose terms are the same to the letter. */
export const SOLD_BY_REFERENCE = `
  SELECT * FROM holds WHERE state = 'COMMITTED'
    AND json_extract(body, '$.referenceId') COLLATE NOCASE = ? AND json_extract(body, '$.seq') > 0
  ORDER BY json_extract(body, '$.seq') DESC LIMIT ?`;

/**
 * Evaluations and what they hold. Rows that hold nothing any more are pruned up to the first one that is young enough;
 * HELD ones never are. The points held are summed over all that is held, which at one till is little.
 */
export function createHolds(connection: Connection): HoldsRepository {
  const get = connection.statement<Row>('SELECT * FROM holds WHERE evaluation_id = ?');
  const put = connection.statement(`
    INSERT INTO holds (evaluation_id, basket_id, basket_hash, member_id, state, deadline_ms, points_reserved,
      points_by_bucket, coupons_reserved, allowance_ids, sale_id, body)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (evaluation_id) DO UPDATE SET basket_id = excluded.basket_id, basket_hash = excluded.basket_hash,
      member_id = excluded.member_id, state = excluded.state, deadline_ms = excluded.deadline_ms,
      points_reserved = excluded.points_reserved, points_by_bucket = excluded.points_by_bucket,
      coupons_reserved = excluded.coupons_reserved,
      allowance_ids = excluded.allowance_ids, sale_id = excluded.sale_id, body = excluded.body`);
  const setState = connection.statement(
    'UPDATE holds SET state = ?, sale_id = ? WHERE evaluation_id = ?',
  );
  const sold = connection.statement<Row>(SOLD_BY_REFERENCE);
  const overdue = connection.statement<Row>(
    `SELECT * FROM holds WHERE state = 'HELD' AND deadline_ms < ? ORDER BY deadline_ms LIMIT ?`,
  );
  const heldPoints = connection.statement<{ bucket: string; points: number }>(`
    SELECT bucket.key AS bucket, sum(bucket.value) AS points
    FROM holds, json_each(coalesce(points_by_bucket, json_object('${BASE_BUCKET}', points_reserved))) AS bucket
    WHERE state = 'HELD' AND member_id = ? AND evaluation_id <> ? AND bucket.value > 0 GROUP BY bucket.key`);
  const prune = connection.statement(`
    DELETE FROM holds WHERE state <> 'HELD' AND rowid < coalesce(
      (SELECT rowid FROM holds WHERE deadline_ms >= ? ORDER BY rowid LIMIT 1), (SELECT max(rowid) + 1 FROM holds))`);

  return {
    get(id) {
      const row = get.get(id);
      return row && toHold(row);
    },
    put: (hold) =>
      void put.run(
        hold.evaluationId,
        hold.basketId,
        hold.basketHash,
        hold.memberId,
        hold.state,
        hold.deadlineMs,
        hold.pointsReserved,
        hold.pointsByBucket === undefined ? null : JSON.stringify(hold.pointsByBucket),
        JSON.stringify(hold.couponsReserved),
        JSON.stringify(hold.allowanceIds),
        hold.saleId,
        hold.body,
      ),
    setState: (id, state, saleId) => void setState.run(state, saleId, id),
    sold: (referenceId, limit) => sold.all(referenceId, limit).map(toHold),
    overdue: (nowMs, limit) => overdue.all(nowMs, limit).map(toHold),
    heldPoints: (memberId, except = '' as EvaluationId) =>
      Object.fromEntries(
        heldPoints.all(memberId, except).map(({ bucket, points }) => [bucket, points]),
      ),
    pruneBefore: (ms) => prune.run(ms),
  };
}

function toHold(row: Row): HoldRow {
  return {
    evaluationId: row.evaluation_id as EvaluationId,
    basketId: row.basket_id as BasketId,
    basketHash: row.basket_hash,
    memberId: row.member_id as MemberId | null,
    state: row.state as EvaluationState,
    deadlineMs: row.deadline_ms,
    pointsReserved: row.points_reserved,
    ...(row.points_by_bucket === null
      ? {}
      : { pointsByBucket: JSON.parse(row.points_by_bucket) as Record<string, number> }),
    couponsReserved: JSON.parse(row.coupons_reserved) as string[],
    allowanceIds: JSON.parse(row.allowance_ids) as string[],
    saleId: row.sale_id as SaleId | null,
    body: row.body,
  };
}
