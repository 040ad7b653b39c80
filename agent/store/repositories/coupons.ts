import { assert, type EvaluationId } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { CouponsRepository } from '../store.ts';

type State = 'reserved' | 'used';

/** By an index alone: a code may have as many uses as COUPON_MAX_TIMES, and is asked for at each evaluation. */
export const COUPON_COUNTS =
  'SELECT state, count(*) AS uses FROM coupon_uses WHERE code = ? GROUP BY state';
/** Used before reserved, each in the order in which it was written. */
export const COUPON_FIRST = `SELECT evaluation_id FROM coupon_uses WHERE code = ? AND evaluation_id <> ?
  ORDER BY state DESC, n LIMIT 1`;

/**
 * Uses of counted coupons and vouchers as far as this till knows. Using one never fails: a paid sale that commits late is
 * a fact, even where somebody else used the coupon meanwhile; every use stays on record, the first one first.
 */
export function createCoupons(connection: Connection): CouponsRepository {
  const get = connection.statement<{ state: State }>(
    'SELECT state FROM coupon_uses WHERE code = ? AND evaluation_id = ?',
  );
  const counts = connection.statement<{ state: State; uses: number }>(COUPON_COUNTS);
  const first = connection.statement<{ evaluation_id: string }>(COUPON_FIRST);
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
    const taken = { reserved: 0, used: 0 };
    for (const row of counts.all(code)) taken[row.state] = row.uses;
    const own = except === undefined ? undefined : get.get(code, except);
    if (own !== undefined) taken[own.state] -= 1;
    if (taken.reserved + taken.used < times) return { state: 'free' };
    const by = first.get(code, except ?? '');
    assert(by !== undefined, 'a use that is counted is there');
    return {
      state: taken.used >= times ? 'used' : 'reserved',
      evaluationId: by.evaluation_id as EvaluationId,
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
