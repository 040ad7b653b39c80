import type { Effect } from '../../contract/effects.ts';
import type { ReasonCode } from '../../contract/evaluation.ts';
import type { EvaluationInput } from '../../contract/evaluation-input.ts';
import type { Rule } from '../../contract/rules.ts';
import { type Text, text } from '../../contract/text.ts';
import { NEAR_MISSES_MAX, type NearMiss } from '../../contract/why.ts';
import { allowanceRefusal } from './allowance-gate.ts';
import type { CompiledRule, CompiledRuleSet } from './compile-rule-set.ts';
import { runWhole } from './evaluate.ts';
import { withUnit } from './format-money.ts';
import { rightOf } from './right-of.ts';
import type { Run, Settled } from './run-state.ts';

/**
 * Reasons that go away when more is bought, and what to do about them, for the shopper: what other discounts leave of an
 * amount is told by the basket, so an amount after them is asked for like any other.
 */
const BUYABLE: Partial<Record<ReasonCode, (missing: Text) => Text>> = {
  'min-subtotal': more,
  'min-running-subtotal': more,
  'min-amount-of': moreOfChosen,
  'min-running-amount-of': moreOfChosen,
  'ladder-month': (missing) =>
    text(`本月再买 ${missing['zh-CN']}`, `Spend ${missing.en} more this month`),
  'min-qty': more,
  'no-effect': more,
};

/** A rule whose reason is a figure that more goods would change. */
interface Lacking {
  readonly rule: CompiledRule;
  readonly settled: Settled;
  readonly missing: number;
  readonly needed: number;
}

/**
 * Benefits that only want more in the basket: at least half of what they ask for is there, every other term of their
 * gate holds, nothing withholds them, and no benefit that applies would still win over them. Those with a known gain
 * come first, the least missing for a unit of gain ahead; then the others by the share that is missing. At most
 * {@link NEAR_MISSES_MAX}.
 * @param input one that `evaluate` takes
 */
export function nearMisses(compiled: CompiledRuleSet, input: EvaluationInput): NearMiss[] {
  // A rule that the index leaves out lacks more than goods, or has not even one of the articles it asks for.
  const { run, told } = runWhole(compiled, input, 'candidates');
  const found = told.flatMap((rule) => {
    const lacking = lackingOf(run, rule);
    if (lacking === null || !isOtherwiseOpen(run, rule)) return [];
    const winner = winnerOver(run, rule);
    const gainMinor = gainOf(rule, winner);
    if (gainMinor === undefined ? !wouldWin(rule, winner) : gainMinor <= 0) return [];
    const cost = lacking.missing / (gainMinor ?? lacking.needed);
    return [
      { nearMiss: nearMissOf(run, lacking, gainMinor), cost, known: gainMinor !== undefined },
    ];
  });
  return found
    .sort((a, b) => Number(b.known) - Number(a.known) || a.cost - b.cost)
    .slice(0, NEAR_MISSES_MAX)
    .map(({ nearMiss }) => nearMiss);
}

function lackingOf(run: Run, rule: CompiledRule): Lacking | null {
  const settled = run.settled[rule.rank];
  if (settled === undefined || settled.status === 'applied') return null;
  // What the chain gives to others is no reason for the shopper to buy more.
  if (rule.rule.effect.kind === 'donation') return null;
  const { code, difference, needed } = settled.reason;
  if (BUYABLE[code] === undefined || difference === undefined || difference <= 0) return null;
  const whole = Number(needed);
  return difference * 2 <= whole ? { rule, settled, missing: difference, needed: whole } : null;
}

/**
 * The term that lacks something is the only one that does not hold, or it is the effect itself that lacks it; and nothing
 * behind the gate stands in the way.
 */
function isOtherwiseOpen({ facts, input }: Run, { rule, gate }: CompiledRule): boolean {
  if (input.withheld?.[rightOf(rule)] !== undefined) return false;
  if (allowanceRefusal(rule, input) !== null) return false;
  const failing = [...gate.codeTerms, ...gate.fixedTerms, ...gate.dynamicTerms].filter(
    (term) => !term.test(facts),
  ).length;
  return failing <= 1;
}

interface Winner {
  readonly rule: CompiledRule;
  readonly discountMinor: number;
}

/** The rule of its group that applies. */
function winnerOver(run: Run, { step, rule: { group } }: CompiledRule): Winner | undefined {
  const rule = run.applied.find((other) => other.step === step && other.rule.group === group);
  return rule && { rule, discountMinor: run.settled[rule.rank]?.discountMinor ?? 0 };
}

/** What the rule would take off beyond the one of its group that applies; nothing where it is no fixed amount. */
function gainOf({ rule }: CompiledRule, winner: Winner | undefined): number | undefined {
  if (rule.effect.kind !== 'fixed-off-order' && rule.effect.kind !== 'every-amount-off')
    return undefined;
  const own = Math.min(rule.effect.amountMinor, rule.caps.discountMinor ?? Number.MAX_SAFE_INTEGER);
  return own - (winner?.discountMinor ?? 0);
}

/** Whether a gain that is not known is sure to beat the one of its group that applies: a higher percentage is. */
function wouldWin({ rule: { effect } }: CompiledRule, winner: Winner | undefined): boolean {
  if (winner === undefined) return true;
  const standing = winner.rule.rule.effect;
  return (
    standing.kind === effect.kind && (percentOf(effect) ?? 0) > (percentOf(standing) ?? Infinity)
  );
}

function percentOf(effect: Effect): number | undefined {
  return effect.kind === 'percent-off-order' || effect.kind === 'percent-off-items'
    ? effect.percentBp
    : undefined;
}

function nearMissOf(
  run: Run,
  { rule: { rule }, settled, missing }: Lacking,
  gainMinor: number | undefined,
): NearMiss {
  const { currency } = run.compiled.ruleSet;
  const { code } = settled.reason;
  const unit = code === 'min-qty' || code === 'no-effect' ? 'units' : 'money';
  const amount =
    unit === 'money'
      ? withUnit(missing, currency)
      : text(`${missing} 件`, missing === 1 ? '1 item' : `${missing} items`);
  const wanted = BUYABLE[code]?.(amount) ?? amount;
  const gain = gainText(rule, gainMinor, currency);
  return {
    ruleId: rule.id,
    name: rule.name,
    unit,
    missing,
    ...(gainMinor === undefined ? {} : { gainMinor }),
    text: text(`${wanted['zh-CN']}，${gain['zh-CN']}`, `${wanted.en} and ${gain.en}`),
  };
}

function gainText({ effect, name }: Rule, gainMinor: number | undefined, currency: string): Text {
  if (gainMinor !== undefined) {
    const off = withUnit(gainMinor, currency);
    return text(`立减 ${off['zh-CN']}`, `save ${off.en}`);
  }
  const percentBp = percentOf(effect);
  return percentBp === undefined || percentBp >= 10_000
    ? text(`可享“${name['zh-CN']}”`, `get "${name.en}"`)
    : text(`可享 ${(10_000 - percentBp) / 1_000} 折`, `get ${percentBp / 100} % off`);
}

function more(missing: Text): Text {
  return text(`再买 ${missing['zh-CN']}`, `Add ${missing.en} more`);
}

function moreOfChosen(missing: Text): Text {
  return text(`指定商品再买 ${missing['zh-CN']}`, `Add ${missing.en} more of the chosen articles`);
}
