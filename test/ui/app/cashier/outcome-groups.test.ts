import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NearMiss, RuleOutcome } from '../../../../agent/contract/index.ts';
import { groupOutcomes, NEAR_MISSES_SHOWN_MAX } from '../../../../ui/app/cashier/outcome-groups.ts';

const outcome = (ruleId: string, rest: Partial<Omit<RuleOutcome, 'ruleId'>> = {}): RuleOutcome => ({
  ruleId: ruleId as RuleOutcome['ruleId'],
  name: { 'zh-CN': ruleId, en: ruleId },
  lane: 'basket',
  step: 1,
  group: ruleId,
  status: 'not-applicable',
  code: 'contains',
  discountMinor: 0,
  points: 0,
  text: { 'zh-CN': '', en: '' },
  ...rest,
});
const near = (ruleId: string): NearMiss =>
  ({ ruleId, unit: 'money', missing: 1_240, gainMinor: 2_000 }) as unknown as NearMiss;
const ids = (all: readonly { readonly ruleId: string }[]): string[] =>
  all.map(({ ruleId }) => ruleId);

describe('benefits as a cashier hears of them', () => {
  it('near misses are those that the till names, in its order, and stand nowhere else', () => {
    const outcomes = [
      outcome('far', { code: 'min-subtotal', difference: 1, needed: '10000' }),
      outcome('second'),
      outcome('first', { status: 'refused', code: 'no-effect' }),
    ];
    const groups = groupOutcomes(outcomes, [near('first'), near('second')]);
    expect(ids(groups.near)).toEqual(['first', 'second']);
    expect(ids(groups.other)).toEqual(['far']);
  });

  it(`offers at most ${NEAR_MISSES_SHOWN_MAX} near misses and keeps the rest among the others`, () => {
    const names = Array.from({ length: NEAR_MISSES_SHOWN_MAX + 1 }, (_, index) => `r${index}`);
    const groups = groupOutcomes(
      names.map((name) => outcome(name)),
      names.map(near),
    );
    expect(ids(groups.near)).toEqual(names.slice(0, NEAR_MISSES_SHOWN_MAX));
    expect(ids(groups.other)).toEqual([`r${NEAR_MISSES_SHOWN_MAX}`]);
  });

  it('a rule refused for want of anything to work on is no refusal to tell of', () => {
    const groups = groupOutcomes(
      [
        outcome('idle', { status: 'refused', code: 'no-effect' }),
        outcome('coupon', { status: 'refused', code: 'coupon-used' }),
      ],
      [],
    );
    expect(ids(groups.refused)).toEqual(['coupon']);
    expect(ids(groups.other)).toEqual(['idle']);
  });

  it('every rule stands in exactly one group', () => {
    const drawn = fc.array(
      fc.record({
        status: fc.constantFrom('applied', 'lost-to', 'refused', 'not-applicable'),
        code: fc.constantFrom('applied', 'min-subtotal', 'no-effect', 'contains'),
        isNear: fc.boolean(),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(drawn, (rules) => {
        const outcomes = rules.map(({ status, code }, index) =>
          outcome(`r${index}`, { status, code } as Partial<RuleOutcome>),
        );
        // The till calls nothing near that applies.
        const nearMisses = rules.flatMap(({ isNear, status }, index) =>
          isNear && status !== 'applied' ? [near(`r${index}`)] : [],
        );
        const groups = groupOutcomes(outcomes, nearMisses);
        expect(ids(Object.values(groups).flat()).sort()).toEqual(ids(outcomes).sort());
      }),
    );
  });
});
