import { describe, expect, test } from 'vitest';
import type { BasketId, IdentificationId } from '../../../agent/contract/index.ts';
import {
  ANNA,
  BO,
  basket,
  CASHIER,
  commitOf,
  failed,
  freshKey,
  hold,
  openTill,
  POS,
  RICE,
  type Rig,
  ringUp,
  TEA,
  value,
} from './rig.ts';

const B1 = 'B1' as BasketId;

async function scan(rig: Rig, text: string): Promise<IdentificationId> {
  return value(await rig.till.identify(POS, { text })).identificationId;
}

describe('while a basket waits for payment', () => {
  test('nobody else is identified into it, and its member stays', async () => {
    const rig = openTill();
    const held = await ringUp(rig, ANNA, basket(B1, [TEA]));
    await hold(rig, held);
    expect(failed(await rig.till.identify(POS, { text: 'CARD-bo', basketId: B1 }))).toMatchObject({
      code: 'basket-held',
      field: 'basketId',
    });
    expect(value(await rig.till.evaluate(POS, basket(B1, [TEA]))).evaluation.memberId).toBe(ANNA);
  });

  test('a card scanned late is not bound to what a guest is about to pay', async () => {
    const rig = openTill();
    await hold(rig, await ringUp(rig, null, basket(B1, [TEA])));
    const identificationId = await scan(rig, 'CARD-bo');
    expect(
      failed(await rig.till.evaluate(POS, basket(B1, [TEA], { identificationId }))),
    ).toMatchObject({ code: 'basket-held', field: 'identificationId' });
  });

  test('nothing is added to the proof of its member', async () => {
    const rig = openTill();
    const identificationId = await scan(rig, 'CARD-anna');
    const held = value(await rig.till.evaluate(POS, basket(B1, [TEA], { identificationId })));
    await hold(rig, held);
    expect(
      failed(await rig.till.identify(POS, { text: 'CARD-bo', identificationId })),
    ).toMatchObject({ code: 'basket-held', field: 'identificationId' });
    expect(value(await rig.till.identification(identificationId)).outcome).toBe('identified');
  });

  test('a choice between candidates waits until it is paid', async () => {
    const rig = openTill();
    rig.store.members.upsert([
      { ...rigMember(rig), memberId: 'twin' as never, cards: [], name: 'Tom Twin' },
    ]);
    const several = value(await rig.till.identify(POS, { phoneDigits: '1234', basketId: B1 }));
    expect(several.outcome).toBe('ambiguous');
    await hold(rig, value(await rig.till.evaluate(POS, basket(B1, [TEA]))));
    expect(failed(await rig.till.chooseCandidate(POS, several.identificationId, '1')).code).toBe(
      'basket-held',
    );
  });

  test('a payment code is still told apart from a member', async () => {
    const rig = openTill();
    await hold(rig, await ringUp(rig, null, basket(B1, [TEA])));
    const answer = value(
      await rig.till.identify(POS, { text: '134567890123456789', basketId: B1 }),
    );
    expect(answer).toMatchObject({ outcome: 'not-a-member-code', codeClass: 'payment' });
  });
});

describe('after a basket was settled', () => {
  test('nobody is left in it: not who was served and not who came in since', async () => {
    const rig = openTill();
    rig.givePoints(BO, 1_000);
    const reply = await ringUp(rig, null, basket(B1, [TEA]));
    // Known to the basket, but not to its evaluation.
    const late = value(await rig.till.identify(POS, { text: 'CARD-bo', basketId: B1 }));
    await hold(rig, reply);
    value(await rig.till.commit(POS, commitOf(reply)));
    expect(value(await rig.till.identification(late.identificationId))).toMatchObject({
      outcome: 'released',
      means: [],
    });
    const next = value(await rig.till.evaluate(POS, basket(B1, [RICE], { pointsToSpend: 100 })));
    expect(next.evaluation.memberId).toBeUndefined();
    expect(next.evaluation.points.spent).toBe(0);
    rig.restart();
    expect(
      value(await rig.till.evaluate(POS, basket(B1, [RICE]))).evaluation.memberId,
    ).toBeUndefined();
  });

  test('nobody is identified into a sale that is booked, until another began or the day is over', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket(B1, [TEA]));
    await hold(rig, reply);
    value(await rig.till.commit(POS, commitOf(reply)));
    const again = () => rig.till.identify(POS, { text: 'CARD-bo', basketId: B1 });
    expect(failed(await again())).toMatchObject({ code: 'basket-settled', field: 'basketId' });
    value(await rig.till.evaluate(POS, basket(B1, [TEA])));
    expect(value(await again()).member?.memberId).toBe(BO);
  });

  test('a number that begins again the next business day is free', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket(B1, [TEA]));
    await hold(rig, reply);
    value(await rig.till.commit(POS, commitOf(reply)));
    rig.time.pass(24 * 3_600_000);
    expect(value(await rig.till.identify(POS, { text: 'CARD-bo', basketId: B1 })).outcome).toBe(
      'identified',
    );
  });

  test('a void, too, clears everybody who is identified for the basket', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, null, basket(B1, [TEA]));
    const late = value(await rig.till.identify(POS, { text: 'CARD-bo', basketId: B1 }));
    const body = { reason: 'shopper left', staffId: CASHIER };
    value(await rig.till.voidEvaluation(POS, { id: reply.evaluationId, key: freshKey(), body }));
    expect(value(await rig.till.identification(late.identificationId)).outcome).toBe('released');
  });
});

describe('a late commit', () => {
  const paid = { payment: { paidMinor: 900 } };

  async function heldAndVoided(rig: Rig) {
    const reply = await ringUp(rig, ANNA, basket(B1, [TEA]));
    await hold(rig, reply);
    const body = { reason: 'terminal failed', staffId: CASHIER };
    value(await rig.till.voidEvaluation(POS, { id: reply.evaluationId, key: freshKey(), body }));
    return reply;
  }

  test('leaves the evaluation of the next shopper alone', async () => {
    const rig = openTill();
    const first = await heldAndVoided(rig);
    const next = await ringUp(rig, BO, basket(B1, [RICE]));
    const done = value(await rig.till.commit(POS, commitOf(first, paid)));
    expect(done.exception).toBe('commit-after-void');
    await hold(rig, next);
    const sale = value(await rig.till.commit(POS, commitOf(next)));
    expect(sale).toMatchObject({ payableMinor: 5_000, pointsEarned: 50 });
    expect(rig.store.points.balance(BO)).toBe(50);
  });

  test('settles the basket where nobody came since', async () => {
    const rig = openTill();
    const first = await heldAndVoided(rig);
    value(await rig.till.commit(POS, commitOf(first, paid)));
    expect(rig.store.baskets.get(B1)?.state).toBe('COMMITTED');
  });

  test('takes its own member out of a basket that was only evaluated again', async () => {
    const rig = openTill();
    const first = await ringUp(rig, ANNA, basket(B1, [TEA]));
    await hold(rig, first);
    rig.time.pass(700_000);
    const identified = rig.store.baskets.get(B1)?.identification?.identificationId ?? '';
    value(await rig.till.evaluate(POS, basket(B1, [TEA, RICE])));
    const done = value(await rig.till.commit(POS, commitOf(first, paid)));
    expect(done.exception).toBe('late-commit');
    expect(value(await rig.till.identification(identified)).outcome).toBe('done');
    expect(
      value(await rig.till.evaluate(POS, basket(B1, [RICE]))).evaluation.memberId,
    ).toBeUndefined();
    expect(JSON.stringify(rig.store.baskets.get(B1))).not.toContain(ANNA);
  });

  test('in time it settles its basket even when that was evaluated again since', async () => {
    const rig = openTill();
    const first = await ringUp(rig, ANNA, basket(B1, [TEA]));
    await hold(rig, first);
    value(await rig.till.evaluate(POS, basket(B1, [TEA, RICE])));
    value(await rig.till.commit(POS, commitOf(first)));
    expect(rig.store.baskets.get(B1)).toMatchObject({ state: 'COMMITTED', memberId: null });
  });
});

function rigMember(rig: Rig) {
  const anna = rig.store.members.byId(ANNA);
  if (anna === undefined) throw new Error('the test chain has no anna');
  return anna;
}
