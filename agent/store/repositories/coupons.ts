import { assert, type EvaluationId } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { CouponsRepository } from '../store.ts';

interface Row {
  readonly state: 'reserved' | 'used';
  readonly evaluation_id: string;
}

/**
 * Uses of counted coupons and vouchers as far as this till knows. Using one never fails: a paid sale that commits late is
 * a fact, even where somebody else used the coupon meanwhile; every use stays on record, the first one first.
 */
export function createCoupons(connection: Connection): CouponsRepository {
  const get = connection.statement<Row>(
    'SELECT state, evaluation_id FROM coupon_uses WHERE code = ? AND evaluation_id = ?',
  );
  // Used before reserved, each in the order in which it was written.
  const taken = connection.statement<Row>(
    `SELECT state, evaluation_id FROM coupon_uses WHERE code = ? AND evaluation_id <> ?
     ORDER BY state DESC, n LIMIT ?`,
  );
  const insert = connection.statement(
    'INSERT INTO coupon_uses (code, evaluation_id, state) VALUES (?, ?, ?)',
  );
  const release = connection.statement(
    `DELETE FROM coupon_uses WHERE code = ? AND evaluation_id = ? AND state = 'reserved'`,
  );

  function state(
    code: string,
    { times = 1, except }: { times?: number; except?: EvaluationId | undefined } = {},
  ): ReturnType<CouponsRepository['state']> {
    const rows = taken.all(code, except ?? '', times);
    const [first] = rows;
    if (first === undefined || rows.length < times) return { state: 'free' };
    const isUsedUp = rows.every((row) => row.state === 'used');
    return {
      state: isUsedUp ? 'used' : 'reserved',
      evaluationId: first.evaluation_id as EvaluationId,
    };
  }

  return {
    state,
    reserve: (code, evaluationId, times = 1) =>
      connection.together(() => {
        const own = get.get(code, evaluationId);
        assert(own?.state !== 'used', 'a used coupon is not reserved again');
        assert(
          state(code, { times, except: evaluationId }).state === 'free',
          'a coupon is reserved by no more evaluations than it has uses',
        );
        if (own === undefined) insert.run(code, evaluationId, 'reserved');
      }),
    release: (code, evaluationId) => void release.run(code, evaluationId),
    use: (code, evaluationId) =>
      connection.together(() => {
        if (get.get(code, evaluationId)?.state === 'used') return;
        release.run(code, evaluationId);
        insert.run(code, evaluationId, 'used');
      }),
  };
}
