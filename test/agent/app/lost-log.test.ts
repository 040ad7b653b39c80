import { expect, test } from 'vitest';
import type { BasketId, EvaluationId, ReturnId, SaleId } from '../../../agent/contract/index.ts';
import { imageOf } from '../../support/journal.ts';
import {
  ANNA,
  basket,
  CASHIER,
  commitOf,
  hold,
  openTill,
  POS,
  RICE,
  type Rig,
  RULES_WITH_BUDGET,
  ringUp,
  TEA,
  value,
} from './rig.ts';

type Put = ReturnType<typeof imageOf>;

/** The till starts on what `lose` puts back. */
function startOn(rig: Rig, lose: Put): void {
  lose(rig.files);
  rig.restart();
}

/** What stands of a sale beside its entry. */
function standing({ store }: Rig, saleId: string) {
  return {
    hold: store.holds.get(saleId as EvaluationId),
    coupon: store.coupons.state('CP-5'),
    uses: store.ruleUses.of(saleId as EvaluationId),
    budgetMinor: store.ruleUses.budgetUsedMinor('march'),
    lots: store.points.lots(ANNA),
    moved: store.points.movementsOf(1),
  };
}

test.each(['before its basket was rung up', 'between its hold and its commit'])(
  'a sale whose log is cut %s stands as it did: points, coupon, campaign money, and the answer to whoever asks again',
  async (when) => {
    const rig = openTill({ rules: RULES_WITH_BUDGET });
    rig.givePoints(ANNA, 100);
    const early = imageOf(rig.files);
    const card = value(await rig.till.identify(POS, { text: 'CARD-anna' }));
    const { identificationId } = card;
    value(await rig.till.identify(POS, { phoneDigits: '1234', identificationId }));
    const more = { codes: ['CP-5'], pointsToSpend: 20 };
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA, RICE], more));
    await hold(rig, reply);
    const lose = when.startsWith('before') ? early : imageOf(rig.files);
    const commit = commitOf(reply);
    const done = value(await rig.till.commit(POS, commit));
    const before = standing(rig, done.saleId);
    expect(before).toMatchObject({
      coupon: { state: 'used' },
      hold: { state: 'COMMITTED' },
      budgetMinor: 300,
    });
    expect(before.moved.map(({ delta }) => delta)).toEqual([-20, done.pointsEarned]);

    startOn(rig, lose);
    expect(standing(rig, done.saleId)).toEqual(before);
    expect(rig.store.baskets.get('b1' as BasketId)?.state).not.toBe('HELD');
    expect(value(await rig.till.commit(POS, commit))).toEqual(done);
    expect(rig.store.ledger.head().seq).toBe(1);
  },
);

test('goods of a sale whose log is lost come back like those of any other', async () => {
  const rig = openTill();
  const lose = imageOf(rig.files);
  const reply = await ringUp(rig, ANNA, basket('b1', [TEA, RICE]));
  await hold(rig, reply);
  const { saleId } = value(await rig.till.commit(POS, commitOf(reply)));
  startOn(rig, lose);
  const back = value(
    await rig.till.returnGoods(POS, {
      returnId: 'return-1' as ReturnId,
      saleId: saleId as SaleId,
      lines: [{ lineId: 'l2' as never, qty: 1 }],
      referenceId: 'R-9',
      reason: 'does not fit',
      staffId: CASHIER as never,
    }),
  );
  expect(back).toMatchObject({ kind: 'return', seq: 2 });
});
