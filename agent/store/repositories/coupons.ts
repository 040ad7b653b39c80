import { assert, type EvaluationId } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { CouponsRepository } from '../store.ts';

interface Row {
  readonly state: 'reserved' | 'used';
  readonly evaluation_id: string;
}

/**
 * Single-use coupons as far as this till knows. Using one never fails: a paid sale that commits late is a fact, even
 * where somebody else used the coupon meanwhile; the first use then stays on record.
 */
export function createCoupons(connection: Connection): CouponsRepository {
  const get = connection.statement<Row>('SELECT state, evaluation_id FROM coupons WHERE code = ?');
  const insert = connection.statement(`INSERT INTO coupons VALUES (?, 'reserved', ?)`);
  const release = connection.statement(
    `DELETE FROM coupons WHERE code = ? AND evaluation_id = ? AND state = 'reserved'`,
  );
  const use = connection.statement(`
    INSERT INTO coupons VALUES (?, 'used', ?)
    ON CONFLICT (code) DO UPDATE SET state = 'used', evaluation_id = excluded.evaluation_id WHERE state <> 'used'`);

  return {
    state(code) {
      const row = get.get(code);
      if (row === undefined) return { state: 'free' };
      return { state: row.state, evaluationId: row.evaluation_id as EvaluationId };
    },
    reserve: (code, evaluationId) =>
      connection.together(() => {
        const row = get.get(code);
        if (row === undefined) {
          insert.run(code, evaluationId);
          return;
        }
        assert(row.evaluation_id === evaluationId, 'a coupon is reserved by one evaluation');
        assert(row.state === 'reserved', 'a used coupon is not reserved again');
      }),
    release: (code, evaluationId) => void release.run(code, evaluationId),
    use: (code, evaluationId) => void use.run(code, evaluationId),
  };
}
