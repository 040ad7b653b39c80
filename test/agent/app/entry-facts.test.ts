import { describe, expect, test } from 'vitest';
import type { EntryFacts, StaffId } from '../../../agent/contract/index.ts';
import { ruleFile } from '../../support/benefits.ts';
import {
  ANNA,
  basket,
  CASHIER,
  commitOf,
  hold,
  MANAGER,
  openTill,
  PIN,
  POS,
  RICE,
  type Rig,
  ringUp,
  SCREEN,
  sell,
  TEA,
  value,
} from './rig.ts';

/** Rules that are counted, one of them on campaign money. */
const LIMITED = `
ruleSet: test
version: 1
currency: CNY
points: { lotValidDays: 365 }
rules:
  - id: once
    name: { zh-CN: 每天一次, en: Once a day }
    lane: basket
    effect: { kind: fixed-off-order, amountMinor: 300 }
    limits: [{ scope: member-day, max: 5 }]
    budget: { id: spring, limitMinor: 100000 }
`;

/** What goes up with the entries, in their order. */
function factsOf(rig: Rig): EntryFacts[] {
  return rig.store.sync
    .nextUpload(200, 4_000_000)
    .flatMap((item) => (item.kind === 'entry' ? [item.facts] : []));
}

describe('what headquarters learns beside the sealed entry', () => {
  test('of coupons a sale tells how often those are good that are good for several uses', async () => {
    const coupon = (code: string, uses: unknown) => ({
      id: code.toLowerCase(),
      lane: 'coupon',
      effect: { kind: 'fixed-off-order', amountMinor: 100 },
      coupon: { code, uses },
    });
    const rig = openTill({
      rules: ruleFile([
        coupon('THREE', { times: 3 }),
        coupon('ONE', 'single'),
        coupon('LEAF', 'unlimited'),
      ]),
    });
    await sell(rig, null, basket('b1', [RICE], { codes: ['THREE', 'ONE', 'LEAF'] }));
    await sell(rig, null, basket('b2', [RICE], { codes: ['LEAF'] }));
    const [first, second] = factsOf(rig);
    expect(first).toMatchObject({ couponsUsed: ['ONE', 'THREE'], couponTimes: { THREE: 3 } });
    expect(second).not.toHaveProperty('couponTimes');
  });

  test('a sale tells whose it is, its points with their lots, coupons used, spend and one order', async () => {
    const rig = openTill();
    rig.givePoints(ANNA, 100, { lotId: 'old' as never });
    const card = value(await rig.till.identify(POS, { text: 'CARD-anna' }));
    value(
      await rig.till.identify(POS, {
        phoneDigits: '1234',
        identificationId: card.identificationId,
      }),
    );
    const reply = value(
      await rig.till.evaluate(
        POS,
        basket('b1', [RICE], {
          identificationId: card.identificationId,
          pointsToSpend: 50,
          codes: ['CP-5', 'CP-LEAF'],
        }),
      ),
    );
    await hold(rig, reply);
    const { allowanceIds } = rig.store.holds.get(reply.evaluationId) ?? {};
    const sale = value(await rig.till.commit(POS, commitOf(reply)));
    expect(factsOf(rig)).toEqual([
      {
        memberId: ANNA,
        movements: [
          { lotId: 'old', delta: -50 },
          {
            lotId: `${sale.saleId}.b.base`,
            delta: sale.pointsEarned,
            lot: expect.objectContaining({ bucket: 'base', source: `sale:${sale.saleId}` }),
          },
        ],
        couponsUsed: ['CP-5'],
        allowanceIds,
        spendMinor: sale.payableMinor,
        orders: 1,
        ruleUses: [],
      },
    ]);
    expect(allowanceIds).toHaveLength(2);
  });

  test("a guest's sale names nobody and counts for nobody's spend", async () => {
    const rig = openTill();
    await sell(rig, null, basket('b1', [TEA]));
    expect(factsOf(rig)).toMatchObject([{ memberId: null, movements: [], spendMinor: 0 }]);
  });

  test('a return takes spend and points back, and the order with the last unit', async () => {
    const rig = openTill();
    const sale = await sell(rig, ANNA, basket('b1', [{ ...RICE, qty: 2 }]));
    const back = (returnId: string) => ({
      returnId: returnId as never,
      saleId: sale.saleId,
      lines: [{ lineId: 'l1' as never, qty: 1 }],
      referenceId: 'R',
      reason: 'x',
      staffId: CASHIER as StaffId,
    });
    value(await rig.till.returnGoods(POS, back('ret-1')));
    value(await rig.till.returnGoods(POS, back('ret-2')));
    const [sold, ...returns] = factsOf(rig);
    expect(sold).toMatchObject({ spendMinor: 10_000, orders: 1 });
    expect(returns).toMatchObject([
      { memberId: ANNA, spendMinor: -5_000, orders: 0, movements: [{ delta: -50 }] },
      { memberId: ANNA, spendMinor: -5_000, orders: -1, movements: [{ delta: -50 }] },
    ]);
  });

  test('uses of counted rules and campaign money go up with a sale and come back with its return', async () => {
    const rig = openTill({ rules: LIMITED });
    const sale = await sell(rig, ANNA, basket('b1', [{ ...RICE, qty: 3 }]));
    const back = (returnId: string, qty: number) => ({
      returnId: returnId as never,
      saleId: sale.saleId,
      lines: [{ lineId: 'l1' as never, qty }],
      referenceId: 'R',
      reason: 'x',
      staffId: CASHIER as StaffId,
    });
    value(await rig.till.returnGoods(POS, back('ret-1', 1)));
    value(await rig.till.returnGoods(POS, back('ret-2', 2)));
    const use = { ruleId: 'once', day: '2026-11-21', budgetId: 'spring' };
    expect(factsOf(rig).map(({ ruleUses }) => ruleUses)).toEqual([
      [{ ...use, uses: 1, amountMinor: 300 }],
      [{ ...use, uses: 0, amountMinor: -100 }],
      [{ ...use, uses: -1, amountMinor: -200 }],
    ]);
  });

  test('a void and an override move nothing', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [RICE], { codes: ['CP-5'] }));
    await hold(rig, reply);
    value(
      await rig.till.voidEvaluation(POS, {
        id: reply.evaluationId,
        key: 'void-0001',
        body: { reason: 'x', staffId: CASHIER },
      }),
    );
    value(await rig.till.signIn(CASHIER, PIN));
    const card = value(await rig.till.identify(POS, { text: 'CARD-anna' }));
    value(
      await rig.till.override(SCREEN, {
        identificationId: card.identificationId,
        action: 'redeem-points',
        amountMinor: 1_000,
        reason: 'known to me',
        managerId: MANAGER,
        pin: PIN,
      }),
    );
    const nothing = {
      memberId: ANNA,
      movements: [],
      couponsUsed: [],
      allowanceIds: [],
      spendMinor: 0,
      orders: 0,
      ruleUses: [],
    };
    expect(factsOf(rig)).toEqual([nothing, nothing]);
  });
});
