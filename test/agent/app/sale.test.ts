import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { assert, type EvaluationId, type SaleId } from '../../../agent/contract/index.ts';
import { openBody } from '../../../agent/domain/ledger/sealed-body.ts';
import { createLedgerCrypto } from '../../../agent/store/ledger-crypto.ts';
import {
  ANNA,
  BO,
  basket,
  CASHIER,
  commitOf,
  failed,
  freshKey,
  hold,
  MANAGER,
  openTill,
  POS,
  RICE,
  ringUp,
  sell,
  TEA,
  value,
} from './rig.ts';

describe('a sale from scan to receipt', () => {
  test('a member is scanned, gets the tier price and points, and the ledger has one entry', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA, RICE]));
    expect(reply.evaluation.payableMinor).toBe(5_900);
    await hold(rig, reply);
    const done = value(
      await rig.till.commit(POS, commitOf(reply, { payment: { paidMinor: 5_900 } })),
    );
    expect(done).toMatchObject({
      kind: 'sale',
      state: 'COMMITTED',
      payableMinor: 5_900,
      pointsEarned: 59,
      pointsBalance: 59,
      exception: null,
      seq: 1,
    });
    expect(done.receipt.lines.map((line) => line.en)).toEqual(
      expect.arrayContaining([
        'Oolong tea x 1  CNY 10.00',
        '  off -CNY 1.00',
        'To pay CNY 59.00',
        'Points earned 59',
        'Points balance 59',
      ]),
    );
    expect(rig.store.ledger.head()).toEqual({ seq: 1, hash: done.hash });
    expect(rig.store.outbox.waiting()).toBe(1);
    expect(rig.store.points.lots(ANNA)).toMatchObject([{ points: 59, expiresOn: '2027-11-21' }]);
  });

  test('evaluating books nothing and can be repeated with the same hash', async () => {
    const rig = openTill();
    const first = await ringUp(rig, ANNA, basket('b1', [TEA]));
    const second = value(await rig.till.evaluate(POS, basket('b1', [TEA])));
    expect(second.basketHash).toBe(first.basketHash);
    expect(second.evaluationId).not.toBe(first.evaluationId);
    expect(rig.store.ledger.head().seq).toBe(0);
    expect(rig.store.holds.get(first.evaluationId)).toBeUndefined();
  });

  test('a guest buys without a member and earns nothing', async () => {
    const rig = openTill();
    const done = await sell(rig, null, basket('b1', [TEA]));
    expect(done).toMatchObject({ payableMinor: 1_000, pointsEarned: 0 });
    expect(done).not.toHaveProperty('pointsBalance');
  });

  test('the same key answers the same reply and books once', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    await hold(rig, reply);
    const request = commitOf(reply);
    const first = value(await rig.till.commit(POS, request));
    expect(value(await rig.till.commit(POS, request))).toEqual(first);
    expect(value(await rig.till.commitByKey(POS, request.key))).toEqual(first);
    expect(rig.store.ledger.head().seq).toBe(1);
  });

  test('the same key with another body is refused', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    await hold(rig, reply);
    const request = commitOf(reply);
    value(await rig.till.commit(POS, request));
    const other = { ...request, body: { ...request.body, referenceId: 'R-2' } };
    expect(failed(await rig.till.commit(POS, other)).code).toBe('key-reused');
    expect(
      failed(
        await rig.till.voidEvaluation(POS, {
          id: request.id,
          key: request.key,
          body: { reason: 'x' },
        }),
      ).code,
    ).toBe('key-reused');
  });

  test('a key belongs to the client that sent it', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    await hold(rig, reply);
    const request = commitOf(reply);
    value(await rig.till.commit(POS, request));
    const other = { ...POS, clientId: 'pos-2' } as const;
    expect(failed(await rig.till.commitByKey(other, request.key)).code).toBe('key-unknown');
    expect(failed(await rig.till.commit(other, request)).code).toBe('evaluation-committed');
  });

  test('a commit without a hold is refused with the way out', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    expect(failed(await rig.till.commit(POS, commitOf(reply))).code).toBe('not-held');
    expect(failed(await rig.till.commit(POS, { ...commitOf(reply), id: 'nothing' })).code).toBe(
      'evaluation-unknown',
    );
  });

  test('a payment rounded at the drawer is booked as an exception, with what was due and what was paid', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    await hold(rig, reply);
    const done = value(
      await rig.till.commit(POS, commitOf(reply, { payment: { paidMinor: 890 } })),
    );
    expect(done).toMatchObject({
      state: 'COMMITTED',
      exception: 'payment-differs',
      payableMinor: 900,
      pointsEarned: 9,
    });
    const entry = rig.store.ledger.bySeq(done.seq);
    assert(entry !== undefined, 'the sale has its entry');
    const key = rig.store.keys.byId(entry.header.keyId)?.key;
    const body = openBody(createLedgerCrypto(randomBytes), entry, key);
    expect(body).toMatchObject({
      ok: true,
      value: { payment: { paidMinor: 890 }, evaluation: { payableMinor: 900 } },
    });
  });

  test('a late commit with another amount is first of all late', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    await hold(rig, reply);
    rig.time.pass(10 * 60_000 + 2_000);
    const done = value(
      await rig.till.commit(POS, commitOf(reply, { payment: { paidMinor: 890 } })),
    );
    expect(done.exception).toBe('late-commit');
  });
});

describe('commit of a changed, expired or already voided evaluation', () => {
  test('a basket that changed after it was evaluated cannot be held under its old evaluation', async () => {
    const rig = openTill();
    const old = await ringUp(rig, ANNA, basket('b1', [TEA]));
    value(await rig.till.evaluate(POS, basket('b1', [TEA, RICE])));
    const refused = await rig.till.hold(POS, {
      id: old.evaluationId,
      basketHash: old.basketHash,
      staffId: CASHIER,
    });
    expect(failed(refused).code).toBe('basket-changed');
  });

  test('a commit of a changed evaluation is refused', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    await hold(rig, reply);
    expect(
      failed(await rig.till.commit(POS, commitOf(reply, { basketHash: 'f'.repeat(64) }))),
    ).toMatchObject({ code: 'basket-changed', field: 'basketHash' });
  });

  test('a commit of an expired evaluation is refused without proof of payment and booked as an exception with it', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    await hold(rig, reply);
    rig.time.pass(10 * 60_000 + 2_000);
    expect(rig.store.holds.get(reply.evaluationId)?.state).toBe('EXPIRED');
    expect(failed(await rig.till.commit(POS, commitOf(reply))).code).toBe('evaluation-expired');
    const done = value(
      await rig.till.commit(POS, commitOf(reply, { payment: { paidMinor: 900 } })),
    );
    expect(done).toMatchObject({ state: 'COMMITTED', exception: 'late-commit', pointsEarned: 9 });
  });

  test('a deadline that passed is kept even when the sweeper has not come yet', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    await hold(rig, reply);
    rig.time.wallMs += 10 * 60_000 + 1;
    rig.time.monoMs += 10 * 60_000 + 1;
    expect(failed(await rig.till.commit(POS, commitOf(reply))).code).toBe('evaluation-expired');
  });

  test('a commit at the last millisecond of the deadline is in time', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    await hold(rig, reply);
    rig.time.wallMs += 10 * 60_000;
    rig.time.monoMs += 10 * 60_000;
    expect(value(await rig.till.commit(POS, commitOf(reply))).exception).toBeNull();
  });

  test('a commit of an already voided evaluation is refused without proof of payment and booked as an exception with it', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    await hold(rig, reply);
    value(
      await rig.till.voidEvaluation(POS, {
        id: reply.evaluationId,
        key: freshKey(),
        body: { reason: 'changed their mind', staffId: CASHIER },
      }),
    );
    expect(failed(await rig.till.commit(POS, commitOf(reply))).code).toBe('evaluation-voided');
    expect(
      value(await rig.till.commit(POS, commitOf(reply, { payment: { paidMinor: 900 } }))).exception,
    ).toBe('commit-after-void');
  });

  test('a commit of a committed evaluation under another key is refused', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    await hold(rig, reply);
    value(await rig.till.commit(POS, commitOf(reply)));
    expect(
      failed(await rig.till.commit(POS, commitOf(reply, { payment: { paidMinor: 900 } }))).code,
    ).toBe('evaluation-committed');
  });

  test('an evaluation cannot be held after its own time', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, null, basket('b1', [TEA]));
    rig.time.pass(10 * 60_000);
    const refused = await rig.till.hold(POS, {
      id: reply.evaluationId,
      basketHash: reply.basketHash,
      staffId: CASHIER,
    });
    expect(failed(refused).code).toBe('evaluation-expired');
  });
});

describe('hold', () => {
  test('holding twice answers the same', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    const request = { id: reply.evaluationId, basketHash: reply.basketHash, staffId: CASHIER };
    const first = value(await rig.till.hold(POS, request));
    rig.time.pass(5_000);
    expect(value(await rig.till.hold(POS, request))).toEqual(first);
    expect(
      rig.events().filter(({ body }) => body.kind === 'basket' && body.state === 'HELD'),
    ).toHaveLength(1);
  });

  test('holding the same evaluation twice at once reserves once', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    const request = { id: reply.evaluationId, basketHash: reply.basketHash, staffId: CASHIER };
    const [a, b] = await Promise.all([rig.till.hold(POS, request), rig.till.hold(POS, request)]);
    expect(value(a)).toEqual(value(b));
  });

  test('a new hold of a basket voids the one before and gives its points back', async () => {
    const rig = openTill();
    rig.givePoints(ANNA, 100);
    value(await rig.till.identify(POS, { text: 'CARD-anna' }));
    const first = await recognised(rig, basket('b1', [TEA], { pointsToSpend: 80 }));
    await hold(rig, first);
    expect(rig.store.holds.heldPoints(ANNA)).toEqual({ base: 80 });
    const second = value(
      await rig.till.evaluate(POS, basket('b1', [TEA, TEA], { pointsToSpend: 90 })),
    );
    expect(second.evaluation.points.spent).toBe(90);
    await hold(rig, second);
    expect(rig.store.holds.get(first.evaluationId)?.state).toBe('VOIDED');
    expect(rig.store.holds.heldPoints(ANNA)).toEqual({ base: 90 });
    expect(failed(await rig.till.commit(POS, commitOf(first))).code).toBe('evaluation-voided');
  });

  test('a hold survives a restart and can be committed after it', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    await hold(rig, reply);
    const till = rig.restart();
    expect(value(await till.showBasket('b1'))).toMatchObject({
      evaluationId: reply.evaluationId,
      state: 'HELD',
    });
    expect(value(await till.commit(POS, commitOf(reply))).pointsEarned).toBe(9);
  });

  test('no member of staff means no hold, an unknown one neither', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    const request = { id: reply.evaluationId as string, basketHash: reply.basketHash as string };
    expect(failed(await rig.till.hold(POS, request)).code).toBe('staff-required');
    expect(failed(await rig.till.hold(POS, { ...request, staffId: 'ghost' }))).toMatchObject({
      code: 'staff-unknown',
      field: 'staffId',
    });
  });

  test('a commit in time is booked by whoever held the sale, even when nobody is signed in any more', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    await hold(rig, reply);
    rig.store.staff.upsert(
      { staffId: CASHIER as never, name: 'gone', role: 'cashier', active: false },
      'plain:1',
    );
    const done = value(await rig.till.commit(POS, commitOf(reply, { staffId: undefined })));
    expect(rig.store.ledger.bySeq(done.seq)?.header.staffId).toBe(CASHIER);
  });
});

describe('points and coupons', () => {
  test('points are spent from the lot that expires first', async () => {
    const rig = openTill();
    rig.givePoints(ANNA, 60, { lotId: 'late' as never, expiresOn: '2027-06-30' });
    rig.givePoints(ANNA, 50, { lotId: 'soon' as never, expiresOn: '2026-12-31' });
    const reply = await recognised(rig, basket('b1', [RICE], { pointsToSpend: 70 }));
    expect(reply.evaluation.points).toMatchObject({ spent: 70, spentMinor: 700 });
    await hold(rig, reply);
    const done = value(await rig.till.commit(POS, commitOf(reply)));
    expect(done).toMatchObject({ pointsSpent: 70, pointsEarned: 43, pointsBalance: 83 });
    expect(rig.store.points.movementsOf(done.seq)).toMatchObject([
      { lotId: 'soon', delta: -50 },
      { lotId: 'late', delta: -20 },
      { delta: 43 },
    ]);
  });

  test('what one sale holds, another is not offered', async () => {
    const rig = openTill();
    rig.givePoints(ANNA, 100);
    await hold(rig, await recognised(rig, basket('b1', [RICE], { pointsToSpend: 80 })));
    const other = await recognised(rig, basket('b2', [RICE], { pointsToSpend: 100 }));
    expect(other.evaluation.points.spent).toBe(20);
  });

  test('two sales cannot be promised the same points', async () => {
    const rig = openTill();
    rig.givePoints(ANNA, 100);
    const one = await recognised(rig, basket('b1', [RICE], { pointsToSpend: 100 }));
    const two = await recognised(rig, basket('b2', [RICE], { pointsToSpend: 100 }));
    const held = await Promise.all(
      [one, two].map((reply) =>
        rig.till.hold(POS, {
          id: reply.evaluationId,
          basketHash: reply.basketHash,
          staffId: CASHIER,
        }),
      ),
    );
    expect(held.filter((answer) => answer.ok)).toHaveLength(1);
    const refused = held.find((answer) => !answer.ok);
    expect(refused).toMatchObject({
      error: {
        code: 'allowance-refused',
        data: { evaluation: { evaluation: { points: { spent: 0 } } } },
      },
    });
  });

  test('a refused allowance comes with a fresh evaluation that can be held at once', async () => {
    const rig = openTill();
    rig.givePoints(ANNA, 100);
    const reply = await recognised(rig, basket('b1', [RICE], { pointsToSpend: 100 }));
    rig.store.points.upsertLots(rig.store.points.lots(ANNA).map((lot) => ({ ...lot, points: 40 })));
    const refused = failed(
      await rig.till.hold(POS, {
        id: reply.evaluationId,
        basketHash: reply.basketHash,
        staffId: CASHIER,
      }),
    );
    expect(refused.code).toBe('allowance-refused');
    const fresh = (refused.data as { evaluation: typeof reply }).evaluation;
    expect(fresh.evaluation.points.spent).toBe(40);
    await hold(rig, fresh);
  });

  test('a single-use coupon is reserved by the hold, used by the commit, and free again after a void', async () => {
    const rig = openTill();
    const first = await ringUp(rig, ANNA, basket('b1', [RICE], { codes: ['CP-5'] }));
    expect(first.evaluation).toMatchObject({ couponsUsed: ['CP-5'], payableMinor: 4_500 });
    await hold(rig, first);
    const second = await ringUp(rig, BO, basket('b2', [RICE], { codes: ['CP-5'] }));
    expect(
      second.evaluation.outcomes.find((outcome) => outcome.ruleId === 'single-coupon')?.code,
    ).toBe('coupon-used');
    value(
      await rig.till.voidEvaluation(POS, {
        id: first.evaluationId,
        key: freshKey(),
        body: { reason: 'gone', staffId: CASHIER },
      }),
    );
    expect(rig.store.coupons.state('CP-5').state).toBe('free');
    const again = value(await rig.till.evaluate(POS, basket('b2', [RICE], { codes: ['CP-5'] })));
    await hold(rig, again);
    value(await rig.till.commit(POS, commitOf(again)));
    expect(rig.store.coupons.state('CP-5')).toEqual({
      state: 'used',
      evaluationId: again.evaluationId,
    });
  });

  test('a leaflet coupon needs no reservation', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, null, basket('b1', [RICE], { codes: ['CP-LEAF'] }));
    expect(reply.evaluation.payableMinor).toBe(4_900);
    const held = value(
      await rig.till.hold(POS, {
        id: reply.evaluationId,
        basketHash: reply.basketHash,
        staffId: CASHIER,
      }),
    );
    expect(held.couponsReserved).toEqual([]);
  });

  test('expired reservations are given back', async () => {
    const rig = openTill();
    rig.givePoints(ANNA, 100);
    const reply = await recognised(
      rig,
      basket('b1', [RICE], { pointsToSpend: 100, codes: ['CP-5'] }),
    );
    await hold(rig, reply);
    rig.time.pass(10 * 60_000 + 2_000);
    expect(rig.store.holds.heldPoints(ANNA)).toEqual({});
    expect(rig.store.coupons.state('CP-5').state).toBe('free');
  });

  test('redeeming needs both card and phone, and the cashier reads why', async () => {
    const rig = openTill();
    rig.givePoints(ANNA, 100);
    const reply = await ringUp(rig, ANNA, basket('b1', [RICE], { pointsToSpend: 50 }));
    expect(reply.evaluation.points.spent).toBe(0);
    const outcome = reply.evaluation.outcomes.find((one) => one.ruleId === 'redeem');
    expect(outcome).toMatchObject({ status: 'refused', code: 'proof-needed' });
    expect(outcome?.text['zh-CN']).toContain('请会员报手机号');
    expect(reply.decisions.find((one) => one.action === 'redeem-points')).toMatchObject({
      outcome: 'need-more',
      level: 'claimed',
      needed: 'recognised',
      amountMinor: 500,
    });
  });

  test('redeeming above the limit of the policy needs more than card and phone', async () => {
    const rig = openTill();
    rig.givePoints(ANNA, 1_000);
    const above = await recognised(rig, basket('b1', [RICE, RICE], { pointsToSpend: 501 }));
    expect(above.evaluation.points.spent).toBe(0);
    const at = value(
      await rig.till.evaluate(POS, basket('b1', [RICE, RICE], { pointsToSpend: 500 })),
    );
    expect(at.evaluation.points.spent).toBe(500);
  });
});

describe('void', () => {
  test('a void is an entry that moves nothing, and closes the basket', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    const request = {
      id: reply.evaluationId as string,
      key: freshKey() as string,
      body: { reason: 'left the shop', staffId: MANAGER },
    };
    const done = value(await rig.till.voidEvaluation(POS, request));
    expect(done).toMatchObject({ kind: 'void', state: 'VOIDED', payableMinor: 0 });
    expect(value(await rig.till.voidEvaluation(POS, request))).toEqual(done);
    expect(value(await rig.till.openBaskets())).toEqual([]);
    expect(rig.store.ledger.bySale(reply.evaluationId as string as SaleId)).toHaveLength(1);
    expect(failed(await rig.till.voidEvaluation(POS, { ...request, key: freshKey() })).code).toBe(
      'evaluation-voided',
    );
  });

  test('a committed sale cannot be voided', async () => {
    const rig = openTill();
    const done = await sell(rig, ANNA, basket('b1', [TEA]));
    const refused = await rig.till.voidEvaluation(POS, {
      id: done.evaluationId as EvaluationId,
      key: freshKey(),
      body: { reason: 'late', staffId: CASHIER },
    });
    expect(failed(refused).code).toBe('evaluation-committed');
  });
});

/** Card and phone of Anna: recognised by the default policy. */
async function recognised(rig: ReturnType<typeof openTill>, request: ReturnType<typeof basket>) {
  const card = value(await rig.till.identify(POS, { text: 'CARD-anna' }));
  const both = value(
    await rig.till.identify(POS, { phoneDigits: '1234', identificationId: card.identificationId }),
  );
  return value(
    await rig.till.evaluate(POS, { ...request, identificationId: both.identificationId }),
  );
}
