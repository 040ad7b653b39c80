import type { Effect } from '../../contract/effects.ts';
import { spread, sum } from './amounts/spread.ts';
import type { CompiledRule } from './compile-rule-set.ts';
import type { Failure } from './condition/explain-term.ts';
import { overBudget } from './run-money-step.ts';
import type { Run } from './run-state.ts';

type Donation = Extract<Effect, { kind: 'donation' }>;

/**
 * The chain gives for each full amount that is left to pay of the target lines, at most the rule's cap; nothing is added to
 * what the shopper pays. Each line keeps its part by what is paid for it, so that a return takes exactly that part back.
 * @returns why nothing is given; `settled` where the campaign money said so itself
 */
export function grantDonation(
  run: Run,
  compiled: CompiledRule,
  { cause, perMinor, amountMinor }: Donation,
): Failure | 'settled' | null {
  const lines = run.selected(compiled.target);
  const paid = lines.map((line) => run.state.running[line] ?? 0);
  const total = sum(paid);
  if (total < perMinor) {
    return {
      code: 'min-running-amount-of',
      seen: String(total),
      needed: String(perMinor),
      difference: perMinor - total,
    };
  }
  const { caps, budget, id } = compiled.rule;
  const due = Math.floor(total / perMinor) * amountMinor;
  const given = Math.min(due, caps.discountMinor ?? due);
  if (overBudget(run, compiled, given)) return 'settled';
  if (budget !== undefined)
    run.budgetsTaken.set(budget.id, (run.budgetsTaken.get(budget.id) ?? 0) + given);
  const parts = spread(
    given,
    paid,
    paid.map((share) => (share > 0 ? given : 0)),
  );
  lines.forEach((line, position) => {
    run.donatedByLine[line] = (run.donatedByLine[line] ?? 0) + (parts[position] ?? 0);
  });
  run.donations.push({ ruleId: id, cause, amountMinor: given });
  return null;
}
