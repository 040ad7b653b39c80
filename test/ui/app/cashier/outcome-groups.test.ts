import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RuleOutcome } from '../../../../agent/contract/index.ts';
import { groupOutcomes, NEAR_MISSES_MAX } from '../../../../ui/app/cashier/outcome-groups.ts';

const outcome = (ruleId: string, rest: Partial<Omit<RuleOutcome, 'ruleId'>>): RuleOutcome => ({
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
const short = (ruleId: string, differenceMinor: number, neededMinor: number): RuleOutcome =>
  outcome(ruleId, {
    code: 'min-subtotal',
    difference: differenceMinor,
    needed: String(neededMinor),
    seen: String(neededMinor - differenceMinor),
  });
const ids = (outcomes: readonly RuleOutcome[]): string[] => outcomes.map(({ ruleId }) => ruleId);

describe('benefits as a cashier hears of them', () => {
  it('a rule that lacks at most half of what it asks for is nearly there, the nearest first', () => {
    const groups = groupOutcomes([
      short('half', 5_000, 10_000),
      short('near', 100, 10_000),
      short('far', 5_001, 10_000),
    ]);
    expect(ids(groups.near)).toEqual(['near', 'half']);
    expect(ids(groups.other)).toEqual(['far']);
  });

  it('too much of something, or a question without an amount, is no near miss', () => {
    const tooMuch = outcome('too-much', { code: 'max-subtotal', difference: 5, needed: '100' });
    const tier = outcome('tier', { code: 'member-tier', needed: 'gold' });
    expect(ids(groupOutcomes([tooMuch, tier]).near)).toEqual([]);
  });

  it(`offers at most ${NEAR_MISSES_MAX} near misses and keeps the rest among the others`, () => {
    const many = Array.from({ length: NEAR_MISSES_MAX + 1 }, (_, index) =>
      short(`r${index}`, index + 1, 100),
    );
    const groups = groupOutcomes(many);
    expect(ids(groups.near)).toEqual(many.slice(0, NEAR_MISSES_MAX).map(({ ruleId }) => ruleId));
    expect(ids(groups.other)).toEqual([`r${NEAR_MISSES_MAX}`]);
  });

  it('a rule refused for want of anything to work on is no refusal to tell of', () => {
    const groups = groupOutcomes([
      outcome('idle', { status: 'refused', code: 'no-effect' }),
      outcome('coupon', { status: 'refused', code: 'coupon-used' }),
    ]);
    expect(ids(groups.refused)).toEqual(['coupon']);
    expect(ids(groups.other)).toEqual(['idle']);
  });

  it('every rule stands in exactly one group', () => {
    const anyOutcome = fc
      .record({
        status: fc.constantFrom('applied', 'lost-to', 'refused', 'not-applicable'),
        code: fc.constantFrom(
          'applied',
          'min-subtotal',
          'min-qty',
          'max-qty',
          'no-effect',
          'contains',
        ),
        difference: fc.option(fc.integer({ min: -100, max: 20_000 }), { nil: undefined }),
        needed: fc.option(fc.constantFrom('10000', '5', 'gold', ''), { nil: undefined }),
      })
      .map(({ difference, needed, ...rest }) => ({
        ...rest,
        ...(difference === undefined ? {} : { difference }),
        ...(needed === undefined ? {} : { needed }),
      }));
    fc.assert(
      fc.property(fc.array(anyOutcome, { maxLength: 40 }), (drawn) => {
        const outcomes = drawn.map((rest, index) =>
          outcome(`r${index}`, rest as Partial<RuleOutcome>),
        );
        const { applied, near, refused, lost, other } = groupOutcomes(outcomes);
        expect(ids([...applied, ...near, ...refused, ...lost, ...other]).sort()).toEqual(
          ids(outcomes).sort(),
        );
      }),
    );
  });
});
