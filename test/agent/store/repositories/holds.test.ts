import { describe, expect, test } from 'vitest';
import type { EvaluationId, MemberId, SaleId } from '../../../../agent/contract/index.ts';
import { COUPON_COUNTS, COUPON_FIRST } from '../../../../agent/store/repositories/coupons.ts';
import { SOLD_BY_REFERENCE } from '../../../../agent/store/repositories/holds.ts';
import type { HoldRow } from '../../../../agent/store/store.ts';
import { openTestStore } from '../../../support/store.ts';

const id = (text: string) => text as EvaluationId;
const member = 'm-1' as MemberId;

function hold(evaluationId: string, more: Partial<HoldRow> = {}): HoldRow {
  return {
    evaluationId: id(evaluationId),
    basketId: 'basket-1' as HoldRow['basketId'],
    basketHash: 'a'.repeat(64),
    memberId: member,
    state: 'HELD',
    deadlineMs: 1_000,
    pointsReserved: 100,
    couponsReserved: ['C-1'],
    allowanceIds: ['al-1', 'al-2'],
    saleId: null,
    body: '{"request":{}}',
    ...more,
  };
}

describe('holds', () => {
  test('are found as written, also after a restart, and replaced whole', () => {
    const till = openTestStore();
    till.store.holds.put(hold('e-1', { state: 'EVALUATED', pointsReserved: 0, memberId: null }));
    till.store.holds.put(hold('e-1'));
    expect(till.reopen().holds.get(id('e-1'))).toEqual(hold('e-1'));
    expect(till.store.holds.get(id('e-2'))).toBeUndefined();
    till.store.holds.setState(id('e-1'), 'COMMITTED', 'sale-1' as SaleId);
    expect(till.store.holds.get(id('e-1'))).toEqual(
      hold('e-1', { state: 'COMMITTED', saleId: 'sale-1' as SaleId }),
    );
  });

  test('are overdue only when held and past their deadline, the longest overdue first', () => {
    const { holds } = openTestStore().store;
    holds.put(hold('late', { deadlineMs: 900 }));
    holds.put(hold('later', { deadlineMs: 500 }));
    holds.put(hold('just', { deadlineMs: 1_000 }));
    holds.put(hold('over', { deadlineMs: 1, state: 'EXPIRED' }));
    expect(holds.overdue(1_000, 10).map(({ evaluationId }) => evaluationId)).toEqual([
      'later',
      'late',
    ]);
    expect(holds.overdue(1_000, 1)).toHaveLength(1);
    expect(holds.overdue(1_001, 10)).toHaveLength(3);
  });

  test('of sales of this till are found by the number of their receipt, newest first, through an index', () => {
    const till = openTestStore();
    const { holds } = till.store;
    const sold = (evaluationId: string, referenceId: string, seq: number, more = {}) =>
      holds.put(
        hold(evaluationId, {
          state: 'COMMITTED',
          body: JSON.stringify({ v: 1, seq, referenceId }),
          ...more,
        }),
      );
    sold('e-1', 'POS-7', 3);
    sold('e-2', 'pos-7', 11);
    sold('e-3', 'POS-8', 4);
    sold('of-another-till', 'POS-7', 0);
    sold('held', 'POS-7', 5, { state: 'HELD' });
    sold('pos-7', 'other', 6);
    const found = (referenceId: string, limit = 10) =>
      holds.sold(referenceId, limit).map(({ evaluationId }) => evaluationId);
    expect(found('POS-7')).toEqual(['e-2', 'e-1']);
    expect(found('POS-7', 1)).toEqual(['e-2']);
    expect(found('POS-')).toEqual([]);
    const plan = till.withSql((db) =>
      db.prepare(`EXPLAIN QUERY PLAN ${SOLD_BY_REFERENCE}`).all('POS-7', 10),
    );
    expect(plan).toEqual([
      expect.objectContaining({
        detail: expect.stringMatching(
          /^SEARCH holds USING INDEX holds_by_reference \(<expr>=\? AND <expr>>\?\)$/,
        ),
      }),
    ]);
  });

  test('reserve points of their member while they are held, and no longer', () => {
    const { holds } = openTestStore().store;
    holds.put(hold('e-1'));
    holds.put(hold('e-2', { pointsReserved: 50 }));
    holds.put(hold('e-3', { memberId: 'm-2' as MemberId }));
    holds.put(hold('e-4', { state: 'EVALUATED' }));
    expect(holds.heldPoints(member)).toEqual({ base: 150 });
    holds.setState(id('e-1'), 'VOIDED', null);
    expect(holds.heldPoints(member)).toEqual({ base: 50 });
    expect(holds.heldPoints('m-3' as MemberId)).toEqual({});
  });

  test('reserve points of each category by itself; without categories all are of base', () => {
    const till = openTestStore();
    const pointsByBucket = { base: 70, 'it"s': 30 };
    till.store.holds.put(hold('e-1', { pointsByBucket }));
    till.store.holds.put(hold('e-2', { pointsReserved: 50 }));
    till.store.holds.put(hold('e-3', { pointsReserved: 9, pointsByBucket: { green: 9 } }));
    const { holds } = till.reopen();
    expect(holds.get(id('e-1'))?.pointsByBucket).toEqual(pointsByBucket);
    expect(holds.get(id('e-2'))).not.toHaveProperty('pointsByBucket');
    expect(holds.heldPoints(member)).toEqual({ base: 120, 'it"s': 30, green: 9 });
    expect(holds.heldPoints(member, id('e-1'))).toEqual({ base: 50, green: 9 });
  });

  test('are pruned by deadline, but never while held', () => {
    const { holds } = openTestStore().store;
    holds.put(hold('held', { deadlineMs: 1 }));
    holds.put(hold('old', { deadlineMs: 999, state: 'COMMITTED' }));
    holds.put(hold('young', { deadlineMs: 1_000, state: 'EXPIRED' }));
    expect(holds.pruneBefore(1_000)).toBe(1);
    expect(['held', 'old', 'young'].map((e) => holds.get(id(e)) !== undefined)).toEqual([
      true,
      false,
      true,
    ]);
  });
});

describe('a single-use coupon', () => {
  const [first, second] = [id('e-1'), id('e-2')];

  test('is free, then reserved by one evaluation, then free again', () => {
    const { coupons } = openTestStore().store;
    expect(coupons.state('C')).toEqual({ state: 'free' });
    coupons.reserve('C', first);
    coupons.reserve('C', first);
    expect(coupons.state('C')).toEqual({ state: 'reserved', evaluationId: first });
    expect(() => coupons.reserve('C', second)).toThrow('no more evaluations');
    coupons.release('C', second);
    expect(coupons.state('C')).toEqual({ state: 'reserved', evaluationId: first });
    coupons.release('C', first);
    expect(coupons.state('C')).toEqual({ state: 'free' });
  });

  test('that is good for several uses is free while one is left, those of one evaluation left out', () => {
    const { coupons } = openTestStore().store;
    coupons.use('C', second);
    coupons.reserve('C', first, 2);
    expect(coupons.state('C', { times: 3 }).state).toBe('free');
    expect(coupons.state('C', { times: 2 })).toEqual({ state: 'reserved', evaluationId: second });
    expect(coupons.state('C', { times: 2, except: first }).state).toBe('free');
    expect(coupons.state('C', { times: 2, except: id('e-3') }).state).toBe('reserved');
    expect(coupons.state('C', { except: second })).toEqual({
      state: 'reserved',
      evaluationId: first,
    });
    coupons.use('C', first);
    expect(coupons.state('C', { times: 2 })).toEqual({ state: 'used', evaluationId: second });
  });

  test('is counted without reading its uses, of which there may be many', () => {
    const till = openTestStore();
    const plans = till.withSql((db) =>
      [COUPON_COUNTS, COUPON_FIRST].map((sql) =>
        db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...(sql === COUPON_FIRST ? ['C', ''] : ['C'])),
      ),
    );
    expect(plans).toEqual([
      [expect.objectContaining({ detail: expect.stringContaining('USING COVERING INDEX') })],
      [expect.objectContaining({ detail: expect.stringContaining('coupon_uses_by_state') })],
    ]);
  });

  test('stays used once it was', () => {
    const { coupons } = openTestStore().store;
    coupons.reserve('C', first);
    coupons.use('C', first);
    coupons.release('C', first);
    expect(coupons.state('C')).toEqual({ state: 'used', evaluationId: first });
    expect(() => coupons.reserve('C', first)).toThrow('not reserved again');
  });

  test('is used by a late paid sale even where another holds it, and the first use stays on record', () => {
    const { coupons } = openTestStore().store;
    coupons.reserve('C', second);
    coupons.use('C', first);
    coupons.use('C', second);
    expect(coupons.state('C')).toEqual({ state: 'used', evaluationId: first });
  });
});

describe('a coupon of several uses', () => {
  const [first, second, third] = [id('e-1'), id('e-2'), id('e-3')];

  test('is free while fewer than its uses are taken, and each evaluation takes one', () => {
    const { coupons } = openTestStore().store;
    coupons.reserve('C', first, 2);
    coupons.reserve('C', first, 2);
    expect(coupons.state('C', { times: 2 })).toEqual({ state: 'free' });
    coupons.reserve('C', second, 2);
    expect(coupons.state('C', { times: 2 })).toMatchObject({ state: 'reserved' });
    expect(coupons.state('C', { times: 2, except: second })).toEqual({ state: 'free' });
    expect(() => coupons.reserve('C', third, 2)).toThrow('no more evaluations');
    coupons.use('C', first);
    coupons.use('C', second);
    expect(coupons.state('C', { times: 2 })).toMatchObject({ state: 'used' });
    expect(coupons.state('C', { times: 3 })).toEqual({ state: 'free' });
  });

  test('gets back what a hold gives back, and keeps its uses over a restart', () => {
    const till = openTestStore();
    till.store.coupons.reserve('C', first, 2);
    till.store.coupons.reserve('C', second, 2);
    till.store.coupons.release('C', first);
    till.store.coupons.use('C', second);
    const { coupons } = till.reopen();
    expect(coupons.state('C', { times: 2 })).toEqual({ state: 'free' });
    expect(coupons.state('C')).toEqual({ state: 'used', evaluationId: second });
  });
});
