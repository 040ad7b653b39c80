import type { Evaluation } from '../../contract/evaluation.ts';
import type { EvaluationInput } from '../../contract/evaluation-input.ts';
import { err, ok, type Result } from '../../contract/result.ts';
import type { RuleSet } from '../../contract/rules.ts';
import { type CompiledRuleSet, compileRuleSet } from '../../domain/benefits/compile-rule-set.ts';
import { evaluate } from '../../domain/benefits/evaluate.ts';
import type { RecordedBasket } from './rules-baskets.ts';
import { tryInput } from './rules-try-input.ts';

interface BeforeAfter {
  readonly old: number;
  readonly new: number;
}
/** What would be different for one basket. */
export interface BasketChange {
  readonly basket: string;
  readonly payableMinor: BeforeAfter;
  readonly pointsEarned: BeforeAfter;
  readonly pointsSpent: BeforeAfter;
  /** Rules that apply under the other set, or under this one, alone. */
  readonly came: readonly string[];
  readonly went: readonly string[];
}
export interface RulesDiff {
  readonly currency: string;
  readonly baskets: number;
  readonly changed: number;
  readonly payableMinor: BeforeAfter;
  readonly pointsEarned: BeforeAfter;
  readonly pointsSpent: BeforeAfter;
  readonly changes: readonly BasketChange[];
}

/**
 * Evaluates every basket under both rule sets. A basket has changed when its payable amount, its points, its gifts,
 * entitlements or tier, or the set of rules that apply is another.
 * @param epochMs the time of baskets that name none
 */
export function diffRules(
  before: RuleSet,
  after: RuleSet,
  baskets: readonly RecordedBasket[],
  epochMs: number,
): Result<RulesDiff, string> {
  const sides = [compileRuleSet(before), compileRuleSet(after)] as const;
  const sums = { payableMinor: zero(), pointsEarned: zero(), pointsSpent: zero() };
  const changes: BasketChange[] = [];
  for (const { name, value } of baskets) {
    const old = run(sides[0], value, epochMs);
    if (!old.ok) return err(`${name}: ${old.error}`);
    const fresh = run(sides[1], value, epochMs);
    if (!fresh.ok) return err(`${name}: ${fresh.error}`);
    const change = compare(name, old.value, fresh.value);
    for (const sum of ['payableMinor', 'pointsEarned', 'pointsSpent'] as const) {
      sums[sum].old += change[sum].old;
      sums[sum].new += change[sum].new;
    }
    if (JSON.stringify(given(old.value)) !== JSON.stringify(given(fresh.value)))
      changes.push(change);
  }
  const { currency } = after;
  return ok({ currency, baskets: baskets.length, changed: changes.length, ...sums, changes });
}

function zero(): { old: number; new: number } {
  return { old: 0, new: 0 };
}

function run(
  compiled: CompiledRuleSet,
  value: unknown,
  epochMs: number,
): Result<Evaluation, string> {
  const input: Result<EvaluationInput, string> = tryInput(value, compiled.ruleSet, epochMs);
  if (!input.ok) return input;
  const evaluated = evaluate(compiled, input.value);
  if (evaluated.ok) return evaluated;
  return err(`${evaluated.error.code}: ${evaluated.error.field}`);
}

function compare(basket: string, old: Evaluation, fresh: Evaluation): BasketChange {
  const [before, after] = [appliedOf(old), appliedOf(fresh)];
  return {
    basket,
    payableMinor: { old: old.payableMinor, new: fresh.payableMinor },
    pointsEarned: { old: old.points.earned, new: fresh.points.earned },
    pointsSpent: { old: old.points.spent, new: fresh.points.spent },
    came: after.filter((id) => !before.includes(id)),
    went: before.filter((id) => !after.includes(id)),
  };
}

function appliedOf({ outcomes }: Evaluation): string[] {
  const ids = outcomes.filter(({ status }) => status === 'applied').map(({ ruleId }) => ruleId);
  return ids.sort();
}

/** What the shopper gets, without the words. */
function given(evaluation: Evaluation): unknown {
  const { payableMinor, points, gifts, entitlements, tierAfter } = evaluation;
  const { earned, spent, spentMinor } = points;
  const lines = evaluation.lines.map((line) => line.payableMinor);
  const rights = entitlements.map(({ kind }) => kind).sort();
  const goods = gifts.map(({ sku, qty }) => `${sku} ${qty}`).sort();
  return [
    payableMinor,
    earned,
    spent,
    spentMinor,
    lines,
    goods,
    rights,
    tierAfter,
    appliedOf(evaluation),
  ];
}
