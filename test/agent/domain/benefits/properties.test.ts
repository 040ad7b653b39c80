import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sum } from '../../../../agent/domain/benefits/amounts/spread.ts';
import { evaluate } from '../../../../agent/domain/benefits/evaluate.ts';
import { inputOf, rulesOf, run } from '../../../support/benefits.ts';
import { anyRule, basket, common, rules } from './properties-draw.ts';

const RUNS = 150;

describe('for every rule set and basket', () => {
  test('units sum to lines, lines to totals, rule discounts to both, and no line falls below its floor', () => {
    fc.assert(
      fc.property(rules, basket, (drawn, input) => {
        const evaluation = run(rulesOf(drawn), input);
        evaluation.lines.forEach((result, index) => {
          const source = input.lines[index];
          const paid = sum(result.unitShares.map((share) => share.count * share.paidMinor));
          expect(paid).toBe(result.payableMinor);
          expect(sum(result.unitShares.map((share) => share.count))).toBe(result.qty);
          expect(result.listMinor - result.discountMinor).toBe(result.payableMinor);
          expect(sum(result.discounts.map((discount) => discount.discountMinor))).toBe(
            result.discountMinor,
          );
          const floor =
            Math.min(source?.minUnitPriceMinor ?? 0, source?.unitPriceMinor ?? 0) * result.qty;
          expect(result.payableMinor).toBeGreaterThanOrEqual(floor);
        });
        expect(sum(evaluation.lines.map((result) => result.payableMinor))).toBe(
          evaluation.payableMinor,
        );
        expect(evaluation.listMinor - evaluation.discountMinor).toBe(evaluation.payableMinor);
        expect(sum(evaluation.outcomes.map((ended) => ended.discountMinor))).toBe(
          evaluation.discountMinor,
        );
        expect(sum(evaluation.lines.map((result) => result.pointsEarned))).toBe(
          evaluation.points.earned,
        );
        expect(sum(evaluation.lines.map((result) => result.pointsSpent))).toBe(
          evaluation.points.spent,
        );
        expect(sum(evaluation.points.lots.map((lot) => lot.points))).toBe(evaluation.points.earned);
        const { spent, spentByBucket = { base: spent } } = evaluation.points;
        expect(spent).toBeLessThanOrEqual(input.pointsToSpend);
        expect(spentByBucket['base'] ?? 0).toBeLessThanOrEqual(300);
        expect(spentByBucket['meal'] ?? 0).toBeLessThanOrEqual(100);
        expect(sum(Object.values(spentByBucket))).toBe(spent);
        for (const { pointsEarned, pointsSpent, ...line } of evaluation.lines) {
          const { pointsEarnedByBucket = {}, pointsSpentByBucket = {} } = line;
          for (const [points, buckets] of [
            [pointsEarned, pointsEarnedByBucket],
            [pointsSpent, pointsSpentByBucket],
          ] as const)
            if (Object.keys(buckets).length > 0) expect(sum(Object.values(buckets))).toBe(points);
        }
        expect(sum(evaluation.lines.map(({ donatedMinor = 0 }) => donatedMinor))).toBe(
          sum((evaluation.donations ?? []).map(({ amountMinor }) => amountMinor)),
        );
        for (const { budgetId, amountMinor } of evaluation.claims.budgets)
          expect(amountMinor + (input.budgetsUsedMinor[budgetId] ?? 0)).toBeLessThanOrEqual(2_000);
        expect(evaluation.claims.allotments.length).toBeLessThanOrEqual(2);
      }),
      { numRuns: RUNS },
    );
  });

  test('every rule of the set ends with a status, a code and a sentence in both languages', () => {
    fc.assert(
      fc.property(rules, basket, (drawn, input) => {
        const { outcomes } = run(rulesOf(drawn), input);
        expect(outcomes.map((ended) => ended.ruleId).sort()).toEqual(
          drawn.map((rule) => rule.id).sort(),
        );
        for (const ended of outcomes) {
          expect(ended.text['zh-CN']).not.toBe('');
          expect(ended.text.en).not.toBe('');
          if (ended.status === 'lost-to') expect(ended.lostTo).toBeDefined();
        }
      }),
      { numRuns: RUNS },
    );
  });

  test('the order of rules in the file does not matter', () => {
    fc.assert(
      fc.property(rules, basket, (drawn, input) => {
        expect(run(rulesOf([...drawn].reverse()), input)).toEqual(run(rulesOf(drawn), input));
      }),
      { numRuns: RUNS },
    );
  });

  test('a rule for other members changes nothing for this one but its own explanation', () => {
    fc.assert(
      fc.property(rules, basket, fc.tuple(common, anyRule), (drawn, input, [shared, rule]) => {
        const foreign = {
          id: 'foreign',
          ...shared,
          ...rule,
          when: '"somebody-else" in member.tags',
        };
        const { outcomes, ...rest } = run(rulesOf([...drawn, foreign]), input);
        const { outcomes: without, ...same } = run(rulesOf(drawn), input);
        expect(rest).toEqual(same);
        expect(outcomes.filter((ended) => ended.ruleId !== 'foreign')).toEqual(without);
      }),
      { numRuns: RUNS },
    );
  });

  test('a replay of the stored input equals the original, after a trip through JSON', () => {
    fc.assert(
      fc.property(rules, basket, (drawn, input) => {
        const first = run(rulesOf(drawn), input);
        const replayed = run(rulesOf(drawn), JSON.parse(JSON.stringify(input)));
        expect(JSON.stringify(replayed)).toBe(JSON.stringify(first));
      }),
      { numRuns: RUNS },
    );
  });

  test('an evaluation that tells less decides the same', () => {
    fc.assert(
      fc.property(rules, basket, (drawn, input) => {
        const compiled = rulesOf(drawn);
        const full = run(compiled, input);
        const bare = (evaluation: typeof full) => ({ ...evaluation, outcomes: [], notices: [] });
        const told = new Map(full.outcomes.map((ended) => [ended.ruleId, ended]));
        for (const detail of ['candidates', 'decision'] as const) {
          const less = evaluate(compiled, input, { detail });
          if (!less.ok) throw new Error(less.error.code);
          expect(bare(less.value)).toEqual(bare(full));
          const applied = less.value.outcomes.filter(({ status }) => status === 'applied');
          expect(applied).toHaveLength(
            full.outcomes.filter(({ status }) => status === 'applied').length,
          );
          for (const { text, ...ended } of less.value.outcomes) {
            const { text: said, ...whole } = told.get(ended.ruleId) ?? { text: null };
            expect(ended).toEqual(whole);
            expect(text).toEqual(detail === 'decision' ? { 'zh-CN': '', en: '' } : said);
          }
        }
      }),
      { numRuns: RUNS },
    );
  });
});

describe('a basket at the limits', () => {
  test('of lines and amounts is evaluated exactly', () => {
    const lines = Array.from({ length: 10_000 }, () => ({ qty: 1, unitPriceMinor: 90_000_000 }));
    const evaluation = run(
      rulesOf([{ id: 'r', effect: { kind: 'percent-off-order', percentBp: 3_333 } }]),
      inputOf(lines),
    );
    expect(evaluation.listMinor).toBe(900_000_000_000);
    expect(evaluation.discountMinor).toBe(299_970_000_000);
    expect(sum(evaluation.lines.map((result) => result.discountMinor))).toBe(
      evaluation.discountMinor,
    );
  });

  test('one minor unit above the largest amount is an error with its line', () => {
    const lines = [{ unitPriceMinor: 900_000_000_000 }, { unitPriceMinor: 1 }];
    expect(evaluate(rulesOf([]), inputOf(lines))).toEqual({
      ok: false,
      error: { code: 'amount-too-large', field: 'lines.1' },
    });
  });

  test('with a repeated line id or a foreign currency is an error', () => {
    const twice = [
      { lineId: 'L1', unitPriceMinor: 1 },
      { lineId: 'L1', unitPriceMinor: 1 },
    ];
    expect(evaluate(rulesOf([]), inputOf(twice))).toMatchObject({
      error: { code: 'duplicate-line', field: 'lines.1.lineId' },
    });
    expect(evaluate(rulesOf([]), inputOf([['a', 1, 1]], { currency: 'EUR' }))).toMatchObject({
      error: { code: 'wrong-currency' },
    });
  });
});
