import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Evaluation } from '../../agent/contract/evaluation.ts';
import {
  type EvaluationInput,
  evaluationInputSchema,
} from '../../agent/contract/evaluation-input.ts';
import { assert } from '../../agent/contract/result.ts';
import { compileRuleSet } from '../../agent/domain/benefits/compile-rule-set.ts';
import { evaluate } from '../../agent/domain/benefits/evaluate.ts';
import { localTime } from '../../agent/domain/benefits/local-time.ts';
import { memberFacts } from '../../agent/domain/benefits/member-facts.ts';
import { sceneOf } from '../../agent/domain/calendar/scene-of.ts';
import { plainGcn } from '../../agent/domain/identify/gcn.ts';
import { balances } from '../../agent/domain/points/lots.ts';
import { judgeVoucher } from '../../agent/domain/vouchers/judge-voucher.ts';
import { parseVoucher } from '../../agent/domain/vouchers/voucher-text.ts';
import { demoPage } from '../../agent/main/demo-page.ts';
import { createVoucherCrypto } from '../../agent/store/voucher-crypto.ts';
import { DEMO_SEED, generateDemoChain } from '../../demo/chain.ts';
import type { ShowcaseId } from '../../demo/showcase.ts';
import { publishRules } from '../../sync/hq/publish/publish-rules.ts';

/** A Monday afternoon without a scene. */
const nowMs = Date.parse('2026-11-23T15:00:00+08:00');
const chain = generateDemoChain({ seed: DEMO_SEED, nowMs });
const page = demoPage(chain, 'sh-01', nowMs);
const published = publishRules(
  readFileSync(new URL('../../demo/rules.yaml', import.meta.url), 'utf8'),
);
assert(published.ok, 'the demo rules publish');
const { ruleSet } = published.value;
const compiled = compileRuleSet(ruleSet);
const now = localTime(nowMs, 'Asia/Shanghai');

/** What a showcase member, without the tags that were drawn, gets for some units of articles. */
function sell(
  id: ShowcaseId,
  units: Readonly<Record<string, number>>,
  more: Partial<EvaluationInput> = {},
): Evaluation {
  const entry = chain.showcase.find((one) => one.id === id);
  const member = chain.members.find(({ memberId }) => memberId === entry?.memberId);
  assert(member !== undefined, 'the showcase is of members');
  const lots = chain.lots.filter(({ memberId }) => memberId === member.memberId);
  const { base = 0, ...others } = Object.fromEntries(balances(lots, '2026-11-23'));
  const input = evaluationInputSchema.parse({
    currency: 'CNY',
    lines: Object.entries(units).map(([sku, qty]) => {
      const article = chain.articles.find((one) => one.sku === sku);
      assert(article !== undefined, `the chain sells ${sku}`);
      const { category, attributes, priceMinor: unitPriceMinor } = article;
      return { lineId: sku, sku, category, attributes, qty, unitPriceMinor };
    }),
    codes: [],
    pointsToSpend: 0,
    channel: 'store',
    isReturn: false,
    member: { ...memberFacts({ ...member, tags: [] }, now), pointsByBucket: others },
    store: { storeId: 'cd-01', storeTier: 'standard' },
    now,
    scene: sceneOf(ruleSet.calendar, now),
    allowances: { points: { reachable: true, available: base }, coupons: {}, allotments: {} },
    counters: {},
    budgetsUsedMinor: {},
    ...more,
  });
  const result = evaluate(compiled, input);
  assert(result.ok, 'a sale of the demo chain can be evaluated');
  return result.value;
}

const applied = ({ outcomes }: Evaluation): string[] =>
  outcomes.filter(({ status }) => status === 'applied').map(({ ruleId }) => ruleId);

test('the demo tells 8 to 12 things to try, each in both languages, with cards that are members', () => {
  expect(page.steps.length).toBeGreaterThanOrEqual(8);
  expect(page.steps.length).toBeLessThanOrEqual(12);
  const cards = new Set(chain.members.flatMap((member) => member.cards));
  for (const step of page.steps) {
    expect(step['zh-CN']).toMatch(/\p{Script=Han}/u);
    expect(step.en).not.toMatch(/\p{Script=Han}/u);
    for (const [card] of step.en.matchAll(/\d{13}/g)) expect(cards).toContain(card);
    expect(step.en.match(/\d{13}/g)).toEqual(step['zh-CN'].match(/\d{13}/g));
  }
});

describe('what the demo tells to try is so:', () => {
  test('two full months and 4,680.00 lack 320.00, which make the member diamond with parking', () => {
    const below = sell('ladder', { 'home-01': 1 });
    expect(below.payableMinor).toBeLessThan(32_000);
    expect(below.tierAfter).toBeUndefined();
    const reached = sell('ladder', { 'home-01': 1, 'kitchen-02': 1 });
    expect(reached.tierAfter).toBe('diamond');
    expect(reached.entitlements).toContainEqual(expect.objectContaining({ kind: 'parking' }));
  });

  test('a sale from 500 yuan earns points more, which wait 30 days, a smaller one does not', () => {
    expect(sell('pending', { 'home-01': 1 }).points.lots).not.toContainEqual(
      expect.objectContaining({ ruleId: 'points-bonus' }),
    );
    const { lots } = sell('pending', { 'kitchen-01': 3 }).points;
    expect(lots.filter(({ pendingDays }) => pendingDays === 30)).toMatchObject([
      { ruleId: 'points-bonus', bucket: 'base' },
    ]);
  });

  test('of 400 points 300 of tea pay for jasmine tea, plain ones the rest', () => {
    const spent = sell('categories', { 'tea-coffee-03': 1, 'home-03': 1 }, { pointsToSpend: 400 });
    expect(spent.points.spentByBucket).toEqual({ tea: 300, base: 100 });
  });

  test('who bought online ten days ago gets 10 yuan off from 100', () => {
    expect(applied(sell('online', { 'home-03': 1 }))).toContain('online-to-store');
    expect(applied(sell('shared-digits', { 'home-03': 1 }))).not.toContain('online-to-store');
  });

  test("the maker's coupon has a GS1 number that the rules know", () => {
    const scanned = page.codes.flatMap(({ text }) => plainGcn(text) ?? []);
    expect(scanned).toHaveLength(1);
    const coupons = Object.fromEntries(scanned.map((code) => [code, 'available' as const]));
    const points = { reachable: true, available: 0 } as const;
    const allowances = { points, coupons, allotments: {} };
    const sold = sell('online', { 'personal-care-01': 1 }, { codes: scanned, allowances });
    expect(applied(sold)).toContain('coupon-shampoo');
  });

  test('both vouchers of the cinema are good on the day and signed by the key of the rules', () => {
    const read = page.codes.flatMap(({ text }) => parseVoucher(text) ?? []);
    const judge = (one: (typeof read)[number], today: number) =>
      judgeVoucher(one, {
        partners: ruleSet.partners ?? [],
        crypto: createVoucherCrypto(),
        today,
        memberId: null,
      });
    expect(read.map(({ claims }) => claims.campaign)).toEqual(['tickets', 'popcorn']);
    expect(read.map((one) => judge(one, 20261123))).toEqual(['available', 'available']);
    expect(read.map((one) => judge(one, 20261122))).toEqual(['available', 'available']);
    expect(read.map((one) => judge(one, 20261231))).toEqual(['expired', 'expired']);
  });

  test('300 yuan bring 20 off, which is computed again when goods come back; green articles bring a bag worth 19.90', () => {
    expect(applied(sell('shared-digits', { 'home-01': 1, 'home-05': 1 }))).toContain(
      'basket-steps',
    );
    expect(ruleSet.rules.find(({ id }) => id === 'basket-steps')?.returnPolicy).toBe('recompute');
    expect(applied(sell('shared-digits', { 'home-02': 4 }))).toContain('gift-bag');
  });
});
