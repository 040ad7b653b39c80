import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  assert,
  type EvaluationId,
  type LineId,
  type ReturnRequest,
  type SaleId,
} from '../../../agent/contract/index.ts';
import {
  ANNA,
  BO,
  basket,
  CASHIER,
  failed,
  member,
  openTill,
  POS,
  RICE,
  type Rig,
  RULES,
  sell,
  TEA,
  value,
} from './rig.ts';

const DAY_MS = 24 * 60 * 60_000;

/** 60 off from 300 (computed again where goods come back), a mug for each two rice, and seven days for returns. */
const TERMS = `${RULES}
  - id: threshold
    name: { zh-CN: 满300减60, en: 60 off 300 }
    lane: basket
    when: basket.listMinor >= 30000
    effect: { kind: fixed-off-order, amountMinor: 6000 }
    returnPolicy: recompute
    budget: { id: spring, limitMinor: 100000 }
    limits: [{ scope: member, max: 2 }]
  - id: mug
    name: { zh-CN: 送杯子, en: A free mug }
    lane: entitlement
    effect:
      kind: gift-item
      buy: { target: { sku: [rice] }, qty: 2 }
      gift: { sku: mug, qty: 1, valueMinor: 1500 }
      repeat: true
`.replace('version: 1\n', 'version: 1\nreturns: { windowDays: 7 }\n');

const BIG = { sku: 'rice', unitPriceMinor: 10_000 };

/** Without the till's heartbeat, which would beat once a second. */
function letDaysPass(rig: Rig, days: number): void {
  rig.time.wallMs += days * DAY_MS;
  rig.time.monoMs += days * DAY_MS;
}

let returns = 0;
function back(
  saleId: string,
  lines: readonly (readonly [string, number, string?])[],
  more: Partial<ReturnRequest> = {},
): ReturnRequest {
  returns += 1;
  return {
    returnId: `ret-${returns}` as ReturnRequest['returnId'],
    saleId: saleId as SaleId,
    lines: lines.map(([lineId, qty, sku]) => ({
      lineId: lineId as LineId,
      qty,
      ...(sku === undefined ? {} : { sku: sku as never }),
    })),
    referenceId: 'R-9',
    reason: 'does not fit',
    staffId: CASHIER as never,
    ...more,
  };
}

const quote = (rig: Rig, request: ReturnRequest) =>
  rig.till.quoteReturn(POS, {
    saleId: request.saleId,
    lines: request.lines,
    ...(request.gifts === undefined ? {} : { gifts: request.gifts }),
  });

describe('a quote', () => {
  test('says what comes back and what the member would lose, and books nothing', async () => {
    const rig = openTill();
    const sale = await sell(rig, ANNA, basket('b1', [{ ...TEA, qty: 3 }, RICE]));
    const request = back(sale.saleId, [['l1', 2]]);
    const quoted = value(await quote(rig, request));
    expect(quoted).toMatchObject({
      mode: 'keep',
      origin: 'this-till',
      paidMinor: 1_800,
      takenBackMinor: 0,
      giftsMinor: 0,
      refundMinor: 1_800,
      pointsToClawBack: 18,
      pointsBalance: { before: 77, after: 59 },
      losses: [{ code: 'points-earned', points: 18 }],
    });
    expect(rig.store.ledger.head().seq).toBe(1);
    const done = value(
      await rig.till.returnGoods(POS, { ...request, quoteHash: quoted.quoteHash }),
    );
    expect(done).toMatchObject({ payableMinor: -1_800, pointsBalance: 59 });
  });

  test('that another return has overtaken is refused with the fresh one', async () => {
    const rig = openTill({ rules: TERMS });
    const sale = await sell(rig, ANNA, basket('b1', [{ ...BIG, qty: 3 }]));
    const first = back(sale.saleId, [['l1', 1]]);
    const quoted = value(await quote(rig, first));
    expect(quoted.refundMinor).toBe(4_000);
    value(await rig.till.returnGoods(POS, back(sale.saleId, [['l1', 1]])));
    const refused = failed(
      await rig.till.returnGoods(POS, { ...first, quoteHash: quoted.quoteHash }),
    );
    expect(refused).toMatchObject({
      code: 'return-quote-differs',
      field: 'quoteHash',
      data: { quote: { refundMinor: 10_000, addedMinor: 2_000 } },
    });
    const fresh = (refused.data as { quote: { quoteHash: string } }).quote.quoteHash;
    expect(
      value(await rig.till.returnGoods(POS, { ...first, quoteHash: fresh })).payableMinor,
    ).toBe(-10_000);
  });

  test('owes the points that were spent since', async () => {
    const rig = openTill();
    const sale = await sell(rig, ANNA, basket('b1', [RICE]));
    rig.store.points.upsertLots(rig.store.points.lots(ANNA).map((lot) => ({ ...lot, points: 0 })));
    const { losses } = value(await quote(rig, back(sale.saleId, [['l1', 1]])));
    expect(losses.map(({ code, points }) => [code, points])).toEqual([
      ['points-earned', 50],
      ['points-owed', 50],
    ]);
    expect(losses[1]?.text.en).toContain('50 are owed');
  });
});

describe('a sale that goods may come back to', () => {
  test('names its lines with what is left of them, and the last day', async () => {
    const rig = openTill({ rules: TERMS });
    const sale = await sell(rig, ANNA, basket('b1', [{ ...BIG, qty: 3 }, TEA]));
    value(await rig.till.returnGoods(POS, back(sale.saleId, [['l1', 1]])));
    expect(value(await rig.till.soldSale(sale.saleId))).toMatchObject({
      saleId: sale.saleId,
      origin: 'this-till',
      tillId: 'till-1',
      referenceId: 'R-1',
      maskedName: '王*明',
      returnUntil: '2026-11-28',
      lines: [
        { lineId: 'l1', sku: 'rice', qty: 3, unitsLeft: 2, benefits: [{ en: '60 off 300' }] },
        { lineId: 'l2', unitsLeft: 1 },
      ],
      gifts: [{ ruleId: 'mug', sku: 'mug', qty: 1 }],
    });
  });
});

describe('bad input', () => {
  test('a return after the window is refused with the last day', async () => {
    const rig = openTill({ rules: TERMS });
    const sale = await sell(rig, null, basket('b1', [TEA, RICE]));
    letDaysPass(rig, 7);
    value(await rig.till.returnGoods(POS, back(sale.saleId, [['l1', 1]])));
    letDaysPass(rig, 1);
    expect(failed(await rig.till.returnGoods(POS, back(sale.saleId, [['l2', 1]])))).toMatchObject({
      code: 'return-window-over',
      data: { until: '2026-11-28' },
    });
  });

  test('a return with a changed article is refused, and both are named', async () => {
    const rig = openTill();
    const sale = await sell(rig, null, basket('b1', [TEA, RICE]));
    expect(
      failed(
        await rig.till.returnGoods(
          POS,
          back(sale.saleId, [
            ['l1', 1, 'tea'],
            ['l2', 1, 'tea'],
          ]),
        ),
      ),
    ).toMatchObject({
      code: 'return-article-differs',
      field: 'lines.1.sku',
      data: { sold: 'rice', stated: 'tea' },
    });
    // The number on the package is the article's as well.
    value(await rig.till.returnGoods(POS, back(sale.saleId, [['l1', 1, '2000000000015']])));
  });
});

test.each([
  ['gave it', BO, ['tier']],
  ['found the member at it', ANNA, []],
])('a tier is said to be looked at again where the sale %s (%s)', async (_, who, said) => {
  const rules = `${RULES}
  - id: climb
    name: { zh-CN: 升级, en: Climb }
    lane: entitlement
    effect: { kind: spend-tier, steps: [{ tier: gold, fromMinor: 1 }] }
`;
  const rig = openTill({ rules });
  const sale = await sell(rig, who, basket('b1', [TEA]));
  const { losses } = value(await quote(rig, back(sale.saleId, [['l1', 1]])));
  expect(losses.map(({ code }) => code).filter((code) => code === 'tier')).toEqual(said);
});

describe('the kept goods computed again', () => {
  test('lose the discount that they do not reach, and the member is told', async () => {
    const rig = openTill({ rules: TERMS });
    const sale = await sell(rig, ANNA, basket('b1', [{ ...BIG, qty: 3 }]));
    expect(sale).toMatchObject({ payableMinor: 24_000, pointsEarned: 240 });
    const request = back(sale.saleId, [['l1', 1]]);
    expect(value(await quote(rig, request))).toMatchObject({
      mode: 'recompute',
      paidMinor: 8_000,
      takenBackMinor: 4_000,
      refundMinor: 4_000,
      // 200 yuan are kept, which earn 200 points.
      pointsToClawBack: 40,
      losses: [
        { code: 'benefit', ruleId: 'threshold', amountMinor: 4_000 },
        { code: 'points-earned' },
      ],
    });
    const done = value(await rig.till.returnGoods(POS, request));
    expect(done.payableMinor).toBe(-4_000);
    expect(rig.store.ruleUses.budgetUsedMinor('spring')).toBe(0);
    const mug = { gifts: [{ sku: 'mug' as never, qty: 1 }] };
    const rest = value(await rig.till.returnGoods(POS, back(sale.saleId, [['l1', 2]], mug)));
    expect(rest).toMatchObject({ payableMinor: -20_000, pointsBalance: 0 });
  });

  test('cost no more than was paid, so the refund is never negative', async () => {
    const rig = openTill({ rules: TERMS });
    const lines = [BIG, { ...TEA, qty: 20 }];
    const sale = await sell(rig, ANNA, basket('b1', lines));
    expect(sale.payableMinor).toBe(22_000);
    const request = back(sale.saleId, [['l2', 1]]);
    // 290 yuan of goods reach no discount but the price for members: 271 yuan, more than was paid for all.
    expect(value(await quote(rig, request))).toMatchObject({
      refundMinor: 0,
      takenBackMinor: 708,
      pointsToClawBack: 0,
    });
    value(await rig.till.returnGoods(POS, request));
    const rest = back(sale.saleId, [
      ['l1', 1],
      ['l2', 19],
    ]);
    expect(value(await rig.till.returnGoods(POS, rest))).toMatchObject({
      payableMinor: -22_000,
      pointsBalance: 0,
    });
  });

  test('are left as they are once the member was erased, and the quote says so', async () => {
    const rig = openTill({ rules: TERMS });
    const sale = await sell(rig, ANNA, basket('b1', [{ ...BIG, qty: 3 }]));
    rig.store.keys.erase(ANNA);
    const quoted = value(await quote(rig, back(sale.saleId, [['l1', 1]])));
    expect(quoted).toMatchObject({ mode: 'keep', refundMinor: 8_000, losses: [] });
    expect(quoted.keptBecause?.en).toContain('erased');
    expect(quoted).not.toHaveProperty('pointsBalance');
  });
});

describe('gifts', () => {
  test('are due by the share of the goods that earned them, and paid for where they do not come', async () => {
    const rig = openTill({ rules: TERMS });
    const sale = await sell(rig, null, basket('b1', [{ ...RICE, qty: 5 }, TEA]));
    const request = back(sale.saleId, [['l1', 3]]);
    // Two mugs for five bags: three of them are 1.2 mugs, so one is due.
    expect(value(await quote(rig, request))).toMatchObject({
      gifts: [{ sku: 'mug', due: 1, missing: 1, payMinor: 1_500 }],
      giftsMinor: 1_500,
      refundMinor: 13_500,
      losses: [{ code: 'gift' }],
    });
    const brought = { ...request, gifts: [{ sku: 'mug' as never, qty: 1 }] };
    expect(value(await rig.till.returnGoods(POS, brought)).payableMinor).toBe(-15_000);
    const rest = back(sale.saleId, [
      ['l1', 2],
      ['l2', 1],
    ]);
    expect(value(await rig.till.returnGoods(POS, rest)).payableMinor).toBe(-11_000 + 1_500);
  });

  test('more of one than is due is handed back to the shopper', async () => {
    const rig = openTill({ rules: TERMS });
    const sale = await sell(rig, null, basket('b1', [{ ...RICE, qty: 2 }]));
    const request = back(sale.saleId, [['l1', 1]], { gifts: [{ sku: 'mug' as never, qty: 1 }] });
    expect(failed(await rig.till.returnGoods(POS, request))).toMatchObject({
      code: 'gift-not-due',
      field: 'gifts.0.qty',
      data: { due: 0 },
    });
  });
});

describe('spent points', () => {
  async function paidWithPoints(rig: Rig) {
    const card = value(await rig.till.identify(POS, { text: 'CARD-anna' }));
    value(
      await rig.till.identify(POS, {
        phoneDigits: '1234',
        identificationId: card.identificationId,
      }),
    );
    return sell(rig, ANNA, basket('b1', [RICE], { pointsToSpend: 100 }));
  }

  test('return to a lot that lasts 30 days where their own is gone by then', async () => {
    const rig = openTill();
    rig.givePoints(ANNA, 40, { lotId: 'gone' as never, expiresOn: '2026-11-25' });
    rig.givePoints(ANNA, 40, { lotId: 'short' as never, expiresOn: '2026-12-30' });
    rig.givePoints(ANNA, 20, { lotId: 'long' as never, expiresOn: '2026-12-31' });
    const sale = await paidWithPoints(rig);
    letDaysPass(rig, 10);
    const done = value(await rig.till.returnGoods(POS, back(sale.saleId, [['l1', 1]])));
    expect(done.pointsBalance).toBe(100);
    const lots = rig.store.points.lots(ANNA);
    expect(lots.map(({ points, expiresOn }) => [points, expiresOn])).toEqual(
      [40, 40, 20].map((points) => [points, '2026-12-31']),
    );
    expect(lots.map(({ lotId }) => lotId)).toContain('long');
    expect(rig.store.points.lot(ANNA, 'gone')).toMatchObject({ points: 0 });
  });

  test('return to their own lot on the day of the sale, however short it lasts', async () => {
    const rig = openTill();
    rig.givePoints(ANNA, 100, { lotId: 'first' as never, expiresOn: '2026-11-22' });
    const sale = await paidWithPoints(rig);
    value(await rig.till.returnGoods(POS, back(sale.saleId, [['l1', 1]])));
    expect(rig.store.points.lots(ANNA)).toMatchObject([{ lotId: 'first', points: 100 }]);
  });
});

test('a sale that was booked before gifts and returns were noted by line comes back as it did', async () => {
  const rig = openTill();
  const sale = await sell(rig, ANNA, basket('b1', [{ ...TEA, qty: 3 }, RICE]));
  value(await rig.till.returnGoods(POS, back(sale.saleId, [['l1', 1]])));
  const row = rig.store.holds.get(sale.evaluationId as never);
  if (row === undefined) throw new Error('the sale has its record');
  const { undone: _undone, gifts: _gifts, uses: _uses, ...older } = JSON.parse(row.body);
  rig.store.holds.put({ ...row, body: JSON.stringify(older) });
  const rest = value(
    await rig.till.returnGoods(
      POS,
      back(sale.saleId, [
        ['l1', 2],
        ['l2', 1],
      ]),
    ),
  );
  expect(rest).toMatchObject({ payableMinor: -6_800, pointsBalance: 0 });
});

/** Categories of points, two budgets and a coupon beside the terms; what is `again` is computed again. */
const everything = (again: boolean): string =>
  `${TERMS}
  - id: meal-points
    name: { zh-CN: 餐饮积分, en: Meal points }
    lane: points-earn
    target: { category: [drinks] }
    effect: { kind: points-earn, perMinor: 150, points: 1, bucket: meal }
  - id: five
    name: { zh-CN: 满百减五, en: 5 off each 100 }
    lane: basket
    step: 2
    effect: { kind: every-amount-off, everyMinor: 10000, amountMinor: 500 }
    limits: [{ scope: member-day, max: 3 }]
    budget: { id: autumn, limitMinor: 500000 }
`.replace('returnPolicy: recompute', again ? 'returnPolicy: recompute' : 'returnPolicy: keep');

test('a sale and its full return in any order of parts restore every balance, counter, lot and budget', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.array(
        fc.tuple(
          fc.constantFrom('tea', 'rice'),
          fc.integer({ min: 1, max: 4 }),
          fc.integer({ min: 0, max: 20_000 }),
        ),
        {
          minLength: 1,
          maxLength: 3,
        },
      ),
      fc.integer({ min: 0, max: 400 }),
      fc.boolean(),
      fc.array(fc.nat(), { minLength: 24, maxLength: 24 }),
      async (again, lines, pointsToSpend, coupon, picks) => {
        const rig = openTill({ rules: everything(again) });
        rig.givePoints(ANNA, 100, { lotId: 'first' as never, expiresOn: '2026-11-30' });
        rig.givePoints(ANNA, 200, { lotId: 'second' as never });
        const card = value(await rig.till.identify(POS, { text: 'CARD-anna' }));
        const { identificationId } = card;
        value(await rig.till.identify(POS, { phoneDigits: '1234', identificationId }));
        const request = basket(
          'b1',
          lines.map(([sku, qty, unitPriceMinor]) => ({ sku, qty, unitPriceMinor })),
          { pointsToSpend, codes: coupon ? ['CP-5'] : [] },
        );
        const sale = await sell(rig, ANNA, request);
        const mugs = lines.flatMap(([sku, qty]) => (sku === 'rice' ? [qty] : []));
        let gifts = Math.floor(mugs.reduce((sum, qty) => sum + qty, 0) / 2);
        const left = lines.map(([, qty]) => qty);
        for (let n = 0; left.some((qty) => qty > 0); n++) {
          const open = left.flatMap((qty, index) => (qty > 0 ? [index] : []));
          const index = open[(picks[n % picks.length] ?? 0) % open.length] ?? 0;
          const qty = 1 + ((picks[(n + 7) % picks.length] ?? 0) % (left[index] ?? 1));
          left[index] = (left[index] ?? 0) - qty;
          const one = back(sale.saleId, [[`l${index + 1}`, qty]]);
          const due = value(await quote(rig, one)).gifts.map((gift) => ({
            sku: gift.sku,
            qty: gift.due,
          }));
          for (const gift of due) gifts -= gift.qty;
          value(await rig.till.returnGoods(POS, { ...one, gifts: due }));
        }
        const rows = rig.store.ledger.after(0, 100).map(({ header }) => header);
        for (const key of ['listMinor', 'payableMinor', 'pointsEarned', 'pointsSpent'] as const)
          expect([key, rows.reduce((total, row) => total + row[key], 0)]).toEqual([key, 0]);
        expect(rig.store.points.lots(ANNA)).toMatchObject([
          { lotId: 'first', points: 100 },
          { lotId: 'second', points: 200 },
        ]);
        expect(gifts).toBe(0);
        const asked = { memberId: ANNA, day: '2026-11-21' };
        for (const id of ['threshold', 'five'] as const)
          expect(rig.store.ruleUses.used(id as never, 'total', asked)).toBe(0);
        for (const id of ['spring', 'autumn'])
          expect(rig.store.ruleUses.budgetUsedMinor(id)).toBe(0);
        // Single use is single use: the coupon does not come back.
        if (sale.receipt.lines.some(({ en }) => en.includes('5 yuan coupon')))
          expect(rig.store.coupons.state('CP-5').state).toBe('used');
        rig.till.close();
      },
    ),
    { numRuns: 12 },
  );
}, 60_000);

describe('the member of a sale', () => {
  test('is who they are today: points go from the account that theirs was merged into', async () => {
    const rig = openTill();
    const sale = await sell(rig, ANNA, basket('b1', [RICE]));
    const lots = rig.store.points.lots(ANNA);
    const old = member(ANNA, { status: 'merged', mergedInto: BO });
    rig.store.members.upsert([old]);
    // As headquarters sends the two accounts after it joined them.
    rig.store.points.upsertLots([
      ...lots.map((lot) => ({ ...lot, points: 0 })),
      ...lots.map((lot) => ({ ...lot, memberId: BO })),
    ]);
    rig.givePoints(BO, 100);
    const quoted = value(await quote(rig, back(sale.saleId, [['l1', 1]])));
    expect(quoted.pointsBalance).toEqual({ before: 150, after: 100 });
    expect(quoted.losses.map(({ code }) => code)).toEqual(['points-earned']);
    const done = value(await rig.till.returnGoods(POS, back(sale.saleId, [['l1', 1]])));
    expect(done.pointsBalance).toBe(100);
  });

  test('who is not carried here any more is told no balance and no debt', async () => {
    const rig = openTill();
    const sale = await sell(rig, ANNA, basket('b1', [RICE]));
    rig.store.points.upsertLots(rig.store.points.lots(ANNA).map((lot) => ({ ...lot, points: 0 })));
    rig.store.members.upsert([member(ANNA, { status: 'merged', mergedInto: 'elsewhere' })]);
    const quoted = value(await quote(rig, back(sale.saleId, [['l1', 1]])));
    expect(quoted.pointsBalance).toBeUndefined();
    expect(quoted.losses.map(({ code }) => code)).toEqual(['points-earned']);
  });
});

test('goods of a sale in another currency than the store keeps are refused', async () => {
  const rig = openTill();
  const sale = await sell(rig, ANNA, basket('b1', [RICE]));
  const row = rig.store.holds.get(sale.saleId as string as EvaluationId);
  assert(row !== undefined, 'the sale has its record');
  rig.store.holds.put({ ...row, body: row.body.replace('"CNY"', '"USD"') });
  const request = back(sale.saleId, [['l1', 1]]);
  const refused = { code: 'wrong-currency', field: 'saleId', data: { currency: 'USD' } };
  expect(failed(await quote(rig, request))).toMatchObject(refused);
  expect(failed(await rig.till.returnGoods(POS, request))).toMatchObject(refused);
});
