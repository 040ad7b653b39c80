import { describe, expect, test } from 'vitest';
import {
  BASKET_MAX_LINES,
  entryReplySchema,
  evaluateReplySchema,
  evaluateRequestSchema,
  LINE_MAX_QUANTITY,
  type LineId,
  MONEY_MAX_MINOR,
  memberGlanceSchema,
  POINTS_MAX,
  tillEventSchema,
} from '../../../agent/contract/index.ts';
import { defaultPolicy } from '../../../agent/domain/auth-policy/default-policy.ts';
import { TEST_PLACE } from '../../support/store.ts';
import {
  ANNA,
  basket,
  CASHIER,
  commitOf,
  failed,
  hold,
  type Line,
  openTill,
  POS,
  RULES,
  ringUp,
  sell,
  TEA,
  value,
} from './rig.ts';

/** The first complaint of the contract about a basket: its field. */
function refusedField(lines: readonly unknown[]): string | undefined {
  const parsed = evaluateRequestSchema.safeParse({ id: 'b1', currency: 'CNY', lines });
  return parsed.success ? undefined : parsed.error.issues[0]?.path.join('.');
}

const line = (more: object): object => ({
  lineId: 'l1',
  sku: 'tea',
  qty: 1,
  unitPriceMinor: 100,
  ...more,
});
const many = (count: number): Line[] => Array.from({ length: count }, () => TEA);

describe('baskets with 0, negative, fractional, huge and 10,001 lines', () => {
  test('0 lines are refused by the contract', () => {
    expect(refusedField([])).toBe('lines');
  });

  test.each([
    ['0 units', { qty: 0 }, 'lines.0.qty'],
    ['negative units', { qty: -1 }, 'lines.0.qty'],
    ['fractional units', { qty: 0.5 }, 'lines.0.qty'],
    ['too many units', { qty: LINE_MAX_QUANTITY + 1 }, 'lines.0.qty'],
    ['a negative price', { unitPriceMinor: -1 }, 'lines.0.unitPriceMinor'],
    ['a fractional price', { unitPriceMinor: 9.99 }, 'lines.0.unitPriceMinor'],
    ['a huge price', { unitPriceMinor: MONEY_MAX_MINOR + 1 }, 'lines.0.unitPriceMinor'],
    ['a price that is no number', { unitPriceMinor: Number.NaN }, 'lines.0.unitPriceMinor'],
  ])('%s are refused by the contract with the field', (_name, more, field) => {
    expect(refusedField([line(more)])).toBe(field);
  });

  test('10,001 lines are refused by the contract, 10,000 are not', () => {
    const lines = Array.from({ length: BASKET_MAX_LINES + 1 }, (_, index) =>
      line({ lineId: `l${index}` }),
    );
    expect(refusedField(lines)).toBe('lines');
    expect(refusedField(lines.slice(1))).toBeUndefined();
  });

  test('10,000 lines are rung up, held and sold', async () => {
    const rig = openTill();
    const done = await sell(rig, ANNA, basket('b1', many(BASKET_MAX_LINES)));
    expect(done.payableMinor).toBe(BASKET_MAX_LINES * 900);
    expect(done.receipt.lines.length).toBeLessThanOrEqual(2_000);
    expect(done.receipt.lines.some(({ en }) => /and [\d]+ more lines/.test(en))).toBe(true);
    expect(done.receipt.lines.at(-2)?.en).toBe(`Points balance ${BASKET_MAX_LINES * 9}`);
  });

  test('a sum at the limit is exact, and one minor unit more is refused with the line', async () => {
    const rig = openTill();
    const most = { sku: 'x', unitPriceMinor: MONEY_MAX_MINOR };
    expect(value(await rig.till.evaluate(POS, basket('b1', [most]))).evaluation.payableMinor).toBe(
      MONEY_MAX_MINOR,
    );
    const refused = await rig.till.evaluate(
      POS,
      basket('b1', [most, { sku: 'y', unitPriceMinor: 1 }]),
    );
    expect(failed(refused)).toMatchObject({ code: 'amount-too-large', field: 'lines.1' });
  });

  test('the largest sale of a member is booked once, answers again, and harms no balance and no reader', async () => {
    const rig = openTill();
    rig.givePoints(ANNA, POINTS_MAX);
    const huge = { sku: 'x', unitPriceMinor: MONEY_MAX_MINOR };
    const reply = await ringUp(rig, ANNA, basket('b1', [huge]));
    expect(evaluateReplySchema.safeParse(reply).error).toBeUndefined();
    expect(reply.evaluation.points.earned).toBe(POINTS_MAX);
    expect(reply.evaluation.notices.map((notice) => notice.code)).toContain('points-capped');
    await hold(rig, reply);
    const request = commitOf(reply);
    const done = value(await rig.till.commit(POS, request));
    expect(done.pointsBalance).toBe(2 * POINTS_MAX);
    expect(entryReplySchema.safeParse(done).error).toBeUndefined();
    expect(value(await rig.till.commit(POS, request))).toEqual(done);
    const again = await ringUp(rig, ANNA, basket('b2', [TEA], { pointsToSpend: 10 }));
    expect(evaluateReplySchema.safeParse(again).error).toBeUndefined();
    expect(memberGlanceSchema.safeParse(value(await rig.till.memberGlance(ANNA))).error).toBe(
      undefined,
    );
    for (const event of rig.events())
      expect(tillEventSchema.safeParse(event).error, `event ${event.seq}`).toBeUndefined();
  });

  test('a line id that comes twice is refused with the line', async () => {
    const rig = openTill();
    const request = basket('b1', [TEA, TEA]);
    const lines = request.lines.map((one) => ({ ...one, lineId: 'same' as LineId }));
    expect(failed(await rig.till.evaluate(POS, { ...request, lines }))).toMatchObject({
      code: 'duplicate-line',
      field: 'lines.1.lineId',
    });
  });
});

describe('an unknown article', () => {
  test('is sold at the price that the POS states, with a notice', async () => {
    const rig = openTill();
    const reply = await ringUp(
      rig,
      ANNA,
      basket('b1', [{ sku: 'nobody-knows', unitPriceMinor: 700 }, TEA]),
    );
    expect(reply.evaluation.payableMinor).toBe(1_600);
    expect(reply.evaluation.notices).toMatchObject([{ code: 'article-unknown', field: 'lines.0' }]);
  });

  test('is known by its GTIN too, and what the POS says of it goes before', async () => {
    const rig = openTill();
    const byGtin = await ringUp(
      rig,
      ANNA,
      basket('b1', [{ sku: '2000000000015', unitPriceMinor: 1_000 }]),
    );
    expect(byGtin.evaluation.payableMinor).toBe(900);
    const request = basket('b2', [TEA]);
    const lines = request.lines.map((one) => ({ ...one, category: 'gifts' }));
    const stated = await ringUp(rig, ANNA, { ...request, lines });
    expect(stated.evaluation.payableMinor).toBe(1_000);
  });
});

describe('mixed currency', () => {
  test('is refused with the line that differs', async () => {
    const rig = openTill();
    const request = basket('b1', [TEA, TEA]);
    const lines = request.lines.map((one, index) => ({
      ...one,
      currency: index === 1 ? 'USD' : 'CNY',
    }));
    expect(failed(await rig.till.evaluate(POS, { ...request, lines }))).toMatchObject({
      code: 'mixed-currency',
      field: 'lines.1.currency',
    });
  });

  test("a basket in another currency than the store's is refused", async () => {
    const rig = openTill();
    expect(
      failed(await rig.till.evaluate(POS, basket('b1', [TEA], { currency: 'USD' }))),
    ).toMatchObject({ code: 'wrong-currency', field: 'currency' });
  });
});

test('a till without rules says so', async () => {
  const rig = openTill({ rules: null });
  expect(failed(await rig.till.evaluate(POS, basket('b1', [TEA]))).code).toBe('rules-missing');
});

test('rules that were installed since are taken up, and the POS is told', async () => {
  const rig = openTill();
  const body = rig.store.documents.current('rule-set')?.body ?? '';
  const next = { ...JSON.parse(body), version: 2, rules: [] };
  rig.store.documents.install({
    kind: 'rule-set',
    version: 2,
    body: JSON.stringify(next),
    installedAtMs: 0,
  });
  expect(value(await rig.till.evaluate(POS, basket('b1', [TEA]))).ruleSetVersion).toBe(1);
  expect(value(await rig.till.reloadRules())).toEqual({ ruleSetVersion: 2, changed: true });
  expect(rig.events().at(-1)?.body).toEqual({ kind: 'till', what: 'rules-installed', detail: '2' });
  expect(value(await rig.till.evaluate(POS, basket('b1', [TEA]))).evaluation.outcomes).toEqual([]);
  expect(value(await rig.till.reloadRules()).changed).toBe(false);
});

test('rules of another headquarters are taken up though they have the same version', async () => {
  const rig = openTill();
  const body = rig.store.documents.current('rule-set')?.body ?? '';
  rig.store.sync.register({
    url: 'https://hq.example',
    ca: null,
    place: TEST_PLACE,
    privateKey: 'pem',
    trustedKeys: [],
    registeredAtMs: 1,
  });
  rig.store.documents.install({
    kind: 'rule-set',
    version: 1,
    body: JSON.stringify({ ...JSON.parse(body), rules: [] }),
    installedAtMs: 0,
  });
  expect(value(await rig.till.reloadRules())).toEqual({ ruleSetVersion: 1, changed: true });
  expect(value(await rig.till.evaluate(POS, basket('b1', [TEA]))).evaluation.outcomes).toEqual([]);
});

test('a till without a policy gives a member the strictest treatment and says so', async () => {
  const rig = openTill({ policy: null });
  const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
  expect(reply.evaluation).toMatchObject({ payableMinor: 1_000, points: { earned: 0 } });
  expect(reply.decisions[0]?.reasons.map((reason) => reason.code)).toContain('policy-missing');
});

test('an answer fits the contract', async () => {
  const rig = openTill();
  const reply = await ringUp(
    rig,
    ANNA,
    basket('b1', [TEA], {
      codes: ['CP-5', 'UNKNOWN'],
      pointsToSpend: 10,
      staffId: CASHIER as never,
    }),
  );
  expect(evaluateReplySchema.safeParse(reply).error).toBeUndefined();
  expect(reply.evaluation.notices.map((notice) => notice.code)).toEqual(['code-unknown']);
});

test('a staff id that nobody has is refused before anything is computed', async () => {
  const rig = openTill();
  expect(
    failed(await rig.till.evaluate(POS, basket('b1', [TEA], { staffId: 'ghost' as never }))).code,
  ).toBe('staff-unknown');
});

test('a policy installed by itself counts where the rule set has none', async () => {
  const rig = openTill({ policy: null });
  rig.store.documents.install({
    kind: 'policy',
    version: 7,
    body: JSON.stringify({ ...defaultPolicy, version: 7 }),
    installedAtMs: 0,
  });
  value(await rig.till.reloadRules());
  const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
  expect(reply.decisions[0]).toMatchObject({ outcome: 'enough', policyVersion: 7 });
});

describe('a payment code in a basket', () => {
  const CODE = '134650813205778816';

  test.each([
    ['as a coupon code', { codes: ['CP-5', CODE] }, 'codes.1'],
    [
      'as a coupon code with a blank inside',
      { codes: [`${CODE.slice(0, 9)} ${CODE.slice(9)}`] },
      'codes.0',
    ],
  ])(
    '%s is refused with the field, and nothing of it is kept or repeated',
    async (_name, more, field) => {
      const rig = openTill();
      const refused = failed(await rig.till.evaluate(POS, basket('b1', [TEA], more)));
      expect(refused).toEqual({ code: 'payment-code', field });
      expect(JSON.stringify([rig.events(), rig.store.baskets.open(10)])).not.toContain(CODE);
    },
  );

  test('as an article that nobody knows is refused; the label of a scale and a known article are not', async () => {
    const rig = openTill();
    const sold = (sku: string) =>
      rig.till.evaluate(POS, basket('b1', [{ sku, unitPriceMinor: 100 }]));
    expect(failed(await sold(CODE))).toEqual({ code: 'payment-code', field: 'lines.0.sku' });
    expect((await sold('281234567890123456')).ok).toBe(true);
    rig.store.articles.upsert([
      {
        ...(rig.store.articles.bySku('tea') as never as object),
        sku: CODE,
        gtin: undefined,
      } as never,
    ]);
    expect((await sold(CODE)).ok).toBe(true);
  });

  test('that some rule asks for as a coupon is that coupon', async () => {
    const rig = openTill({
      rules: RULES.replaceAll('code: CP-LEAF', `code: "${CODE}"`).replaceAll('CP-LEAF', CODE),
    });
    const reply = value(await rig.till.evaluate(POS, basket('b1', [TEA], { codes: [CODE] })));
    expect(reply.evaluation.discountMinor).toBe(100);
  });

  test('as a reference refuses no paid sale and is masked where it is kept and printed', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    await hold(rig, reply);
    const request = commitOf(reply, {
      referenceId: CODE,
      payment: { paidMinor: 900, reference: `wx ${CODE}` },
    });
    const done = value(await rig.till.commit(POS, request));
    expect(value(await rig.till.commit(POS, request))).toEqual(done);
    expect(JSON.stringify(done)).not.toContain(CODE);
    expect(JSON.stringify(done.receipt)).toContain('***8816');
    expect(rig.store.holds.get(reply.evaluationId)?.body).not.toContain(CODE);
    const back = value(
      await rig.till.returnGoods(POS, {
        returnId: 'ret-1',
        saleId: done.saleId,
        lines: [{ lineId: 'l1', qty: 1 }],
        referenceId: CODE,
        reason: CODE,
        staffId: CASHIER,
      } as never),
    );
    expect(JSON.stringify(back)).not.toContain(CODE);
  });
});
