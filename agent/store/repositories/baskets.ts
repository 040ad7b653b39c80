import type { BasketId, EvaluationId, EvaluationState, MemberId } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { BasketRow, BasketsRepository, BoundIdentification } from '../store.ts';

interface Row {
  readonly basket_id: string;
  readonly evaluation_id: string | null;
  readonly state: string;
  readonly member_id: string | null;
  readonly identification: string | null;
  readonly item_count: number;
  readonly payable_minor: number;
  readonly updated_at_ms: number;
  readonly business_day: string;
}

/** Baskets with the identification bound to each, so that parked sales never mix up their members. */
export function createBaskets(connection: Connection): BasketsRepository {
  const get = connection.statement<Row>('SELECT * FROM baskets WHERE basket_id = ?');
  const put = connection.statement(`
    INSERT INTO baskets VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (basket_id) DO UPDATE SET evaluation_id = excluded.evaluation_id, state = excluded.state,
      member_id = excluded.member_id, identification = excluded.identification, item_count = excluded.item_count,
      payable_minor = excluded.payable_minor, updated_at_ms = excluded.updated_at_ms,
      business_day = excluded.business_day`);
  const open = connection.statement<Row>(`
    SELECT * FROM baskets WHERE state NOT IN ('COMMITTED', 'VOIDED')
    ORDER BY updated_at_ms DESC, basket_id LIMIT ?`);
  const prune = connection.statement('DELETE FROM baskets WHERE updated_at_ms < ?');

  return {
    get(id) {
      const row = get.get(id);
      return row && toBasket(row);
    },
    put: (basket) =>
      void put.run(
        basket.basketId,
        basket.evaluationId,
        basket.state,
        basket.memberId,
        basket.identification === null ? null : JSON.stringify(basket.identification),
        basket.itemCount,
        basket.payableMinor,
        basket.updatedAtMs,
        basket.businessDay,
      ),
    open: (limit) => open.all(limit).map(toBasket),
    pruneBefore: (ms) => prune.run(ms),
  };
}

function toBasket(row: Row): BasketRow {
  return {
    basketId: row.basket_id as BasketId,
    evaluationId: row.evaluation_id as EvaluationId | null,
    state: row.state as EvaluationState,
    memberId: row.member_id as MemberId | null,
    identification:
      row.identification === null ? null : (JSON.parse(row.identification) as BoundIdentification),
    itemCount: row.item_count,
    payableMinor: row.payable_minor,
    updatedAtMs: row.updated_at_ms,
    businessDay: row.business_day,
  };
}
