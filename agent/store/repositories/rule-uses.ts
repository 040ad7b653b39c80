import { assert, type LimitScope, type RuleId, unreachable } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { RuleUse, RuleUsesRepository, UsesAsked } from '../store.ts';

interface Row {
  readonly rule_id: string;
  readonly counted: 0 | 1;
  readonly budget_id: string | null;
  readonly amount_minor: number;
}

/** Length of `YYYY-MM-`. */
const MONTH_PREFIX = 8;

/** Uses of counted rules and campaign money. What an evaluation gives back leaves the totals; what is pruned does not. */
export function createRuleUses(connection: Connection): RuleUsesRepository {
  const insert = connection.statement('INSERT INTO rule_uses VALUES (?, ?, ?, ?, ?, ?, ?)');
  const ofEvaluation = connection.statement<Row>(
    'SELECT rule_id, counted, budget_id, amount_minor FROM rule_uses WHERE evaluation_id = ? ORDER BY rule_id',
  );
  const oneOf = connection.statement<Row>(
    'SELECT rule_id, counted, budget_id, amount_minor FROM rule_uses WHERE evaluation_id = ? AND rule_id = ?',
  );
  const remove = connection.statement('DELETE FROM rule_uses WHERE evaluation_id = ?');
  const lower = connection.statement(
    'UPDATE rule_uses SET amount_minor = amount_minor - ? WHERE evaluation_id = ? AND rule_id = ?',
  );
  const addTotal = connection.statement(`
    INSERT INTO use_totals VALUES (?, ?, ?)
    ON CONFLICT (kind, id) DO UPDATE SET amount = amount + excluded.amount`);
  const takeTotal = connection.statement(
    'UPDATE use_totals SET amount = amount - ? WHERE kind = ? AND id = ?',
  );
  const total = connection.statement<{ n: number }>(`
    SELECT coalesce((SELECT amount FROM use_totals WHERE kind = 'rule' AND id = ?), 0)
      - (SELECT count(*) FROM rule_uses WHERE evaluation_id = ? AND rule_id = ? AND counted = 1) AS n`);
  const budget = connection.statement<{ n: number }>(`
    SELECT coalesce((SELECT amount FROM use_totals WHERE kind = 'budget' AND id = ?), 0)
      - (SELECT coalesce(sum(amount_minor), 0) FROM rule_uses WHERE evaluation_id = ? AND budget_id = ?) AS n`);
  const storeDay = connection.statement<{ n: number }>(`
    SELECT count(*) AS n FROM rule_uses
    WHERE day = ? AND rule_id = ? AND counted = 1 AND evaluation_id <> ?`);
  const memberDays = connection.statement<{ n: number }>(`
    SELECT count(*) AS n FROM rule_uses
    WHERE member_id = ? AND rule_id = ? AND day BETWEEN ? AND ? AND counted = 1 AND evaluation_id <> ?`);
  const forget = connection.statement('UPDATE rule_uses SET member_id = NULL WHERE member_id = ?');
  const prune = connection.statement('DELETE FROM rule_uses WHERE day < ?');

  function takeOne(evaluationId: string, memberId: string | null, day: string, use: RuleUse): void {
    const { ruleId, counted, budgetId, amountMinor } = use;
    insert.run(evaluationId, ruleId, memberId, day, counted ? 1 : 0, budgetId, amountMinor);
    if (counted) addTotal.run('rule', ruleId, 1);
    if (budgetId !== null) addTotal.run('budget', budgetId, amountMinor);
  }

  function used(ruleId: RuleId, scope: LimitScope, asked: UsesAsked): number {
    const { memberId, day } = asked;
    const except = asked.except ?? '';
    const ofMember = (from: string, to: string): number =>
      memberId === null ? 0 : (memberDays.get(memberId, ruleId, from, to, except)?.n ?? 0);
    switch (scope) {
      case 'total':
        return total.get(ruleId, except, ruleId)?.n ?? 0;
      case 'store-day':
        return storeDay.get(day, ruleId, except)?.n ?? 0;
      case 'member':
        return ofMember('', '~');
      case 'member-day':
        return ofMember(day, day);
      case 'member-month': {
        const month = day.slice(0, MONTH_PREFIX);
        return ofMember(`${month}01`, `${month}31`);
      }
      default:
        return unreachable(scope);
    }
  }

  return {
    take: (evaluationId, { memberId, day }, uses) =>
      connection.together(() => {
        for (const use of uses) takeOne(evaluationId, memberId, day, use);
      }),
    of: (evaluationId) => ofEvaluation.all(evaluationId).map(toUse),
    giveBack: (evaluationId) =>
      connection.together(() => {
        const uses = ofEvaluation.all(evaluationId);
        if (uses.length === 0) return;
        remove.run(evaluationId);
        for (const { rule_id, counted, budget_id, amount_minor } of uses) {
          if (counted === 1) takeTotal.run(1, 'rule', rule_id);
          if (budget_id !== null) takeTotal.run(amount_minor, 'budget', budget_id);
        }
      }),
    giveBackMoney: (evaluationId, ruleId, amountMinor) =>
      connection.together(() => {
        const row = oneOf.get(evaluationId, ruleId);
        if (row === undefined || row.budget_id === null || amountMinor === 0) return;
        assert(amountMinor <= row.amount_minor, 'no more money comes back than was taken');
        lower.run(amountMinor, evaluationId, ruleId);
        takeTotal.run(amountMinor, 'budget', row.budget_id);
      }),
    used,
    budgetUsedMinor: (budgetId, except) => budget.get(budgetId, except ?? '', budgetId)?.n ?? 0,
    forget: (memberId) => void forget.run(memberId),
    pruneBefore: (day) => prune.run(day),
  };
}

function toUse(row: Row): RuleUse {
  return {
    ruleId: row.rule_id as RuleId,
    counted: row.counted === 1,
    budgetId: row.budget_id,
    amountMinor: row.amount_minor,
  };
}
