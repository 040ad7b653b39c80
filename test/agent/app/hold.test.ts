import { describe, expect, test } from 'vitest';
import { IDENTIFICATIONS_MAX } from '../../../agent/app/identifications.ts';
import {
  createNoAllowance,
  createSelfAllowance,
  SELF_ALLOWANCE_GRANTED_MAX,
} from '../../../agent/app/self-allowance.ts';
import type { BasketId, EvaluateReply, EvaluationId } from '../../../agent/contract/index.ts';
import type { HoldRow } from '../../../agent/store/store.ts';
import { openTestStore, TEST_PLACE } from '../../support/store.ts';
import {
  ANNA,
  basket,
  CASHIER,
  commitOf,
  failed,
  headquartersPort,
  hold,
  MANAGER,
  member,
  openTill,
  PIN,
  POS,
  RICE,
  type Rig,
  type RigOptions,
  ringUp,
  TEA,
  value,
} from './rig.ts';

const REDEEM = {
  action: 'redeem-points' as const,
  amountMinor: 5_000,
  reason: 'regular customer, phone left at home',
  managerId: MANAGER,
  pin: PIN,
};

/** A till where a manager let the member redeem, and the basket that does. */
async function redeeming(rig: Rig, points: number): Promise<EvaluateReply> {
  rig.givePoints(ANNA, 500);
  const { identificationId } = value(await rig.till.identify(POS, { text: 'CARD-anna' }));
  value(await rig.till.override(POS, { ...REDEEM, identificationId }));
  return value(
    await rig.till.evaluate(POS, basket('B1', [RICE], { identificationId, pointsToSpend: points })),
  );
}

describe('a second hold of a basket', () => {
  /** The holder says no from the second request on. */
  const refusing: RigOptions['headquarters'] = (store) => {
    const clock = { now: () => Date.parse('2026-11-21T08:00:00Z') };
    const own = createSelfAllowance(store, clock, TEST_PLACE.store.timeZone);
    let asked = 0;
    return headquartersPort({
      state: () => ({ state: 'online', sinceMs: 0 }),
      allowance: {
        ...own,
        reserve(request) {
          asked += 1;
          return asked > 1 ? createNoAllowance().reserve(request) : own.reserve(request);
        },
      },
    });
  };

  test('that is refused leaves the one in force standing: its commit is booked', async () => {
    const rig = openTill({ headquarters: refusing });
    const first = value(await rig.till.evaluate(POS, basket('B1', [RICE], { codes: ['CP-5'] })));
    await hold(rig, first);
    const more = value(
      await rig.till.evaluate(POS, basket('B1', [RICE, TEA], { codes: ['CP-5'] })),
    );
    const request = { id: more.evaluationId, basketHash: more.basketHash, staffId: CASHIER };
    expect(failed(await rig.till.hold(POS, request)).code).toBe('allowance-refused');
    const done = value(await rig.till.commit(POS, commitOf(first)));
    expect(done).toMatchObject({ payableMinor: 4_500, exception: null });
    expect(rig.store.coupons.state('CP-5').state).toBe('used');
  });

  test('takes over the coupon and the points of the first, which is then void', async () => {
    const rig = openTill();
    rig.givePoints(ANNA, 500);
    const { identificationId } = value(await rig.till.identify(POS, { text: 'CARD-anna' }));
    value(await rig.till.identify(POS, { phoneDigits: '1234', identificationId }));
    const spend = { codes: ['CP-5'], pointsToSpend: 100 };
    const first = value(
      await rig.till.evaluate(POS, basket('B1', [RICE], { identificationId, ...spend })),
    );
    await hold(rig, first);
    const second = value(
      await rig.till.evaluate(
        POS,
        basket('B1', [RICE, TEA], { codes: ['CP-5'], pointsToSpend: 500 }),
      ),
    );
    expect(second.evaluation.points.spent).toBeGreaterThan(400);
    await hold(rig, second);
    expect(rig.store.holds.get(first.evaluationId)?.state).toBe('VOIDED');
    expect(rig.store.holds.heldPoints(ANNA)).toEqual({ base: second.evaluation.points.spent });
    expect(rig.store.coupons.state('CP-5')).toEqual({
      state: 'reserved',
      evaluationId: second.evaluationId,
    });
  });
});

describe("a manager's override", () => {
  test('is used up by the hold that rests on it', async () => {
    const rig = openTill();
    const first = await redeeming(rig, 100);
    expect(first.evaluation.points.spent).toBe(100);
    await hold(rig, first);
    const again = value(
      await rig.till.evaluate(POS, basket('B1', [RICE, TEA], { pointsToSpend: 200 })),
    );
    expect(again.evaluation.points.spent).toBe(0);
  });

  test('stays for later where the hold did not need it', async () => {
    const rig = openTill();
    const first = await redeeming(rig, 0);
    await hold(rig, first);
    const later = value(await rig.till.evaluate(POS, basket('B1', [RICE], { pointsToSpend: 100 })));
    expect(later.evaluation.points.spent).toBe(100);
  });

  test.each(['redeem-points', 'use-coupon'] as const)(
    'of %s without an amount is refused: nobody allows any amount',
    async (action) => {
      const rig = openTill();
      const { identificationId } = value(await rig.till.identify(POS, { text: 'CARD-anna' }));
      const request = { ...REDEEM, action, identificationId, amountMinor: undefined };
      expect(failed(await rig.till.override(POS, request))).toEqual({
        code: 'invalid-input',
        field: 'amountMinor',
      });
      expect(rig.store.ledger.head().seq).toBe(0);
    },
  );
});

test('a commit inside the hold with a staff id that nobody has is booked for whoever held, and noted', async () => {
  const rig = openTill();
  const reply = await ringUp(rig, ANNA, basket('B1', [TEA]));
  await hold(rig, reply);
  const done = value(await rig.till.commit(POS, commitOf(reply, { staffId: 'gone-77' })));
  expect(rig.store.ledger.bySeq(done.seq)?.header.staffId).toBe(CASHIER);
  expect(rig.store.audit.recent(5)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        action: 'commit-staff-unknown',
        staffId: CASHIER,
        detail: { evaluationId: reply.evaluationId, requested: 'gone-77' },
      }),
    ]),
  );
});

test('a hold that is refused tells no more of the member than their id', async () => {
  const rig = openTill();
  rig.givePoints(ANNA, 100);
  const reply = await redeeming(rig, 600);
  const own = rig.store.points.lots(ANNA);
  // Spent elsewhere between evaluate and hold.
  rig.store.points.upsertLots(own.map((lot) => ({ ...lot, points: 0 })));
  const refused = failed(
    await rig.till.hold(POS, {
      id: reply.evaluationId,
      basketHash: reply.basketHash,
      staffId: CASHIER,
    }),
  );
  expect(refused.code).toBe('allowance-refused');
  expect(refused.data).toMatchObject({ evaluation: { evaluation: { points: { spent: 0 } } } });
  expect(JSON.stringify(refused)).not.toMatch(/maskedName|phoneLast4|王|1234"/);
});

test('held sales count against no limit of reservations that wait for their hold', async () => {
  const { store, clock } = openTestStore();
  store.members.upsert([member(ANNA)]);
  const allowance = createSelfAllowance(store, clock, 'Asia/Shanghai');
  const reserve = (n: number) =>
    allowance.reserve({
      allowanceId: `a${n}`,
      memberId: ANNA,
      evaluationId: `e${n}` as EvaluationId,
      what: { kind: 'coupon', code: `C${n}` },
      holdUntilMs: 0,
    });
  for (let n = 0; n < SELF_ALLOWANCE_GRANTED_MAX; n += 1) {
    expect((await reserve(n)).ok).toBe(true);
    store.holds.put(heldRow(n));
  }
  expect((await reserve(SELF_ALLOWANCE_GRANTED_MAX)).ok).toBe(true);
});

test('no open sale loses its member for another: one identification too many is turned away', async () => {
  const rig = openTill();
  for (let n = 0; n < IDENTIFICATIONS_MAX; n += 1)
    value(await rig.till.identify(POS, { text: 'CARD-anna', basketId: `b${n}` as BasketId }));
  expect(
    failed(await rig.till.identify(POS, { text: 'CARD-bo', basketId: 'more' as BasketId })).code,
  ).toBe('busy');
  expect(value(await rig.till.evaluate(POS, basket('b0', [TEA]))).evaluation.memberId).toBe(ANNA);
  // The member of a basket may still change: that begins one and ends one.
  value(await rig.till.identify(POS, { text: 'CARD-bo', basketId: 'b1' as BasketId }));
});

function heldRow(n: number): HoldRow {
  return {
    evaluationId: `e${n}` as EvaluationId,
    basketId: `b${n}` as BasketId,
    basketHash: '',
    memberId: ANNA,
    state: 'HELD',
    deadlineMs: Number.MAX_SAFE_INTEGER,
    pointsReserved: 0,
    couponsReserved: [`C${n}`],
    allowanceIds: [`a${n}`],
    saleId: null,
    body: '{}',
  };
}
