import { describe, expect, test } from 'vitest';
import type { EvaluationId, MemberId, RuleId } from '../../../../agent/contract/index.ts';
import type { RuleUse } from '../../../../agent/store/store.ts';
import { openTestStore } from '../../../support/store.ts';

const GIFT = 'gift' as RuleId;
const OTHER = 'other' as RuleId;
const ANNA = 'anna' as MemberId;
const BO = 'bo' as MemberId;
const DAY = '2026-11-21';
const evaluation = (n: number): EvaluationId => `e-${n}` as EvaluationId;

/** One use of a rule that has limits. */
function use(ruleId: RuleId, money: Partial<RuleUse> = {}): RuleUse {
  return { ruleId, counted: true, budgetId: null, amountMinor: 0, ...money };
}

describe('uses of rules', () => {
  test('are counted by each scope: ever, today, and by member ever, today and this month', () => {
    const { ruleUses } = openTestStore().store;
    ruleUses.take(evaluation(1), { memberId: ANNA, day: '2026-10-31' }, [use(GIFT)]);
    ruleUses.take(evaluation(2), { memberId: ANNA, day: '2026-11-01' }, [use(GIFT)]);
    ruleUses.take(evaluation(3), { memberId: ANNA, day: DAY }, [use(GIFT), use(OTHER)]);
    ruleUses.take(evaluation(4), { memberId: BO, day: DAY }, [use(GIFT)]);
    ruleUses.take(evaluation(5), { memberId: null, day: DAY }, [use(GIFT)]);
    const asked = { memberId: ANNA, day: DAY };
    expect({
      total: ruleUses.used(GIFT, 'total', asked),
      'store-day': ruleUses.used(GIFT, 'store-day', asked),
      member: ruleUses.used(GIFT, 'member', asked),
      'member-day': ruleUses.used(GIFT, 'member-day', asked),
      'member-month': ruleUses.used(GIFT, 'member-month', asked),
    }).toEqual({ total: 5, 'store-day': 3, member: 3, 'member-day': 1, 'member-month': 2 });
    expect(ruleUses.used(GIFT, 'member', { memberId: null, day: DAY })).toBe(0);
  });

  test('of an evaluation do not count against itself, in any scope', () => {
    const { ruleUses } = openTestStore().store;
    const money = { budgetId: 'march', amountMinor: 500 };
    ruleUses.take(evaluation(1), { memberId: ANNA, day: DAY }, [use(GIFT, money)]);
    ruleUses.take(evaluation(2), { memberId: ANNA, day: DAY }, [use(GIFT, money)]);
    const asked = { memberId: ANNA, day: DAY, except: evaluation(2) };
    const scopes = ['total', 'store-day', 'member', 'member-day', 'member-month'] as const;
    expect(scopes.map((scope) => ruleUses.used(GIFT, scope, asked))).toEqual([1, 1, 1, 1, 1]);
    expect(ruleUses.budgetUsedMinor('march', evaluation(2))).toBe(500);
    expect(ruleUses.budgetUsedMinor('march')).toBe(1_000);
  });

  test('that only draw on campaign money are not counted as uses', () => {
    const { ruleUses } = openTestStore().store;
    const money = { counted: false, budgetId: 'march', amountMinor: 300 };
    ruleUses.take(evaluation(1), { memberId: ANNA, day: DAY }, [use(GIFT, money)]);
    const asked = { memberId: ANNA, day: DAY };
    expect(ruleUses.used(GIFT, 'total', asked)).toBe(0);
    expect(ruleUses.used(GIFT, 'store-day', asked)).toBe(0);
    expect(ruleUses.used(GIFT, 'member', asked)).toBe(0);
    expect(ruleUses.budgetUsedMinor('march')).toBe(300);
  });

  test('are given back whole, once, and their money with them', () => {
    const { ruleUses } = openTestStore().store;
    const money = { budgetId: 'march', amountMinor: 500 };
    ruleUses.take(evaluation(1), { memberId: ANNA, day: DAY }, [use(GIFT, money), use(OTHER)]);
    ruleUses.giveBackMoney(evaluation(1), GIFT, 200);
    expect(ruleUses.budgetUsedMinor('march')).toBe(300);
    expect(ruleUses.of(evaluation(1))).toEqual([
      use(GIFT, { budgetId: 'march', amountMinor: 300 }),
      use(OTHER),
    ]);
    expect(() => ruleUses.giveBackMoney(evaluation(1), GIFT, 301)).toThrow('no more money');
    ruleUses.giveBack(evaluation(1));
    ruleUses.giveBack(evaluation(1));
    expect(ruleUses.of(evaluation(1))).toEqual([]);
    expect(ruleUses.used(GIFT, 'total', { memberId: null, day: DAY })).toBe(0);
    expect(ruleUses.budgetUsedMinor('march')).toBe(0);
  });

  test('are taken by an evaluation once', () => {
    const { ruleUses } = openTestStore().store;
    ruleUses.take(evaluation(1), { memberId: ANNA, day: DAY }, [use(GIFT)]);
    expect(() => ruleUses.take(evaluation(1), { memberId: ANNA, day: DAY }, [use(GIFT)])).toThrow();
    expect(ruleUses.used(GIFT, 'total', { memberId: null, day: DAY })).toBe(1);
  });

  test('lose their member when that member is forgotten, and stay in the sums', () => {
    const till = openTestStore();
    const { ruleUses } = till.store;
    ruleUses.take(evaluation(1), { memberId: ANNA, day: DAY }, [use(GIFT)]);
    ruleUses.take(evaluation(2), { memberId: BO, day: DAY }, [use(GIFT)]);
    ruleUses.forget(ANNA);
    const members = till.withSql((db) =>
      db.prepare('SELECT member_id FROM rule_uses ORDER BY evaluation_id').pluck().all(),
    );
    expect(members).toEqual([null, BO]);
    expect(ruleUses.used(GIFT, 'store-day', { memberId: null, day: DAY })).toBe(2);
    expect(ruleUses.used(GIFT, 'member', { memberId: ANNA, day: DAY })).toBe(0);
  });

  test('of old days are pruned; the totals of a campaign keep them', () => {
    const { ruleUses } = openTestStore().store;
    const money = { budgetId: 'march', amountMinor: 500 };
    ruleUses.take(evaluation(1), { memberId: ANNA, day: '2025-10-16' }, [use(GIFT, money)]);
    ruleUses.take(evaluation(2), { memberId: ANNA, day: '2025-10-17' }, [use(GIFT, money)]);
    expect(ruleUses.pruneBefore('2025-10-17')).toBe(1);
    const asked = { memberId: ANNA, day: DAY };
    expect(ruleUses.used(GIFT, 'member', asked)).toBe(1);
    expect(ruleUses.used(GIFT, 'total', asked)).toBe(2);
    expect(ruleUses.budgetUsedMinor('march')).toBe(1_000);
  });
});
