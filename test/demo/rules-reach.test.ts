import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  type EvaluationInput,
  evaluationInputSchema,
} from '../../agent/contract/evaluation-input.ts';
import { assert } from '../../agent/contract/result.ts';
import { voucherCode } from '../../agent/contract/voucher.ts';
import { compileRuleSet } from '../../agent/domain/benefits/compile-rule-set.ts';
import { evaluate } from '../../agent/domain/benefits/evaluate.ts';
import { localTime } from '../../agent/domain/benefits/local-time.ts';
import { memberFacts } from '../../agent/domain/benefits/member-facts.ts';
import { sceneOf } from '../../agent/domain/calendar/scene-of.ts';
import { DEMO_SEED, generateDemoChain } from '../../demo/chain.ts';
import { createPrng } from '../../demo/prng.ts';
import { publishRules } from '../../sync/hq/publish/publish-rules.ts';

const text = readFileSync(new URL('../../demo/rules.yaml', import.meta.url), 'utf8');
const published = publishRules(text);
const chain = generateDemoChain({ seed: DEMO_SEED, nowMs: Date.UTC(2026, 10, 21) });

test('the rules of the demo chain publish without an error or a warning', () => {
  expect(published).toMatchObject({ ok: true, value: { warnings: [] } });
});

describe('in sales of the demo chain', () => {
  assert(published.ok, 'the demo rules publish');
  const { ruleSet } = published.value;
  const compiled = compileRuleSet(ruleSet);
  const vouchers = Object.fromEntries(
    ruleSet.rules.flatMap(({ voucher }, nth) =>
      voucher === undefined
        ? []
        : [
            [
              voucherCode({ partner: voucher.partner, voucherId: `V-${nth}` }),
              { state: 'available', ...voucher, faceMinor: 3_000 },
            ],
          ],
    ),
  );
  const codes = [
    ...ruleSet.rules.flatMap(({ coupon }) => {
      if (coupon === undefined) return [];
      return coupon.code ?? `255${coupon.gcn}0001`;
    }),
    ...Object.keys(vouchers),
  ];
  const moments = [
    '2026-11-23T08:30:00+08:00',
    '2026-11-23T12:00:00+08:00',
    '2026-09-23T10:00:00+08:00',
    '2026-10-01T16:00:00+08:00',
    '2026-10-18T11:00:00+08:00',
    '2026-11-08T19:30:00+08:00',
    '2026-11-11T15:00:00+08:00',
    '2026-12-12T20:30:00+08:00',
    '2027-02-01T21:30:00+08:00',
  ].map((instant) => localTime(Date.parse(instant), 'Asia/Shanghai'));
  const prng = createPrng(1);

  /** A plausible sale: a member or a guest, up to 15 articles of a few categories, two codes, some points. */
  function drawInput(): EvaluationInput {
    const now = prng.pick(moments);
    const member = prng.chance(1_500) ? null : memberFacts(prng.pick(chain.members), now);
    const birthday = member !== null && prng.chance(1_000);
    const history = {
      pointsByBucket: { tea: 200 },
      earlierMonthsMinor: [510_000, 520_000],
      monthSpendMinor: prng.pick([0, 490_000]),
      daysSince: prng.pick([{}, { online: 10 }]),
    };
    const focus = [prng.pick(chain.articles).category, prng.pick(chain.articles).category];
    const set = prng.chance(200) ? ['dairy-01', 'bakery-01'] : null;
    const articles = chain.articles.filter(({ sku, category }) =>
      set === null ? focus.includes(category) : set.includes(sku),
    );
    const store = prng.pick(chain.stores);
    return evaluationInputSchema.parse({
      currency: 'CNY',
      lines: Array.from({ length: prng.between(1, 15) }, (_, nth) => {
        const { sku, category, priceMinor, minUnitPriceMinor, attributes } = prng.pick(articles);
        const qty = prng.chance(1_000) ? prng.between(10, 40) : prng.between(1, 3);
        const floor = minUnitPriceMinor === undefined ? {} : { minUnitPriceMinor };
        return {
          lineId: `${nth}`,
          sku,
          category,
          qty,
          unitPriceMinor: priceMinor,
          attributes,
          ...floor,
        };
      }),
      codes: [...new Set([prng.pick(codes), prng.pick(codes)])],
      pointsToSpend: prng.pick([0, 0, 500]),
      channel: prng.weighted([
        ['store', 8],
        ['app', 2],
      ] as const),
      isReturn: false,
      member: member && {
        ...member,
        ...history,
        ...(birthday && { birthdayToday: true, birthdayMonth: true }),
      },
      store: { storeId: store.storeId, storeTier: store.storeTier },
      now,
      scene: sceneOf(ruleSet.calendar, now),
      allowances: {
        points: { reachable: true, available: 2_000 },
        coupons: Object.fromEntries(codes.map((code) => [code, 'available'])),
        vouchers,
        allotments: {},
      },
      counters: {},
      budgetsUsedMinor: {},
    });
  }

  const evaluations = Array.from({ length: 3_000 }, () => {
    const input = drawInput();
    const result = evaluate(compiled, input, { detail: 'decision' });
    assert(result.ok, 'a sale of the demo chain can be evaluated');
    return { input, evaluation: result.value };
  });

  test('every rule applies in some sale, so none is dead', () => {
    const applied = new Set<string>();
    for (const { evaluation } of evaluations) {
      for (const { ruleId, status } of evaluation.outcomes)
        if (status === 'applied') applied.add(ruleId);
    }
    const never = ruleSet.rules.map(({ id }) => id).filter((id) => !applied.has(id));
    expect(never).toEqual([]);
  });

  test('no sale goes below a price floor, and no member pays more than the list price', () => {
    for (const { input, evaluation } of evaluations) {
      for (const [at, line] of evaluation.lines.entries()) {
        const { qty = 0, unitPriceMinor = 0, minUnitPriceMinor = 0 } = input.lines[at] ?? {};
        expect(line.payableMinor).toBeGreaterThanOrEqual(qty * minUnitPriceMinor);
        expect(line.payableMinor).toBeLessThanOrEqual(qty * unitPriceMinor);
      }
    }
  });
});
