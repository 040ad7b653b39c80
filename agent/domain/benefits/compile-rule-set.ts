import type { Condition } from '../../contract/condition.ts';
import type { Selector } from '../../contract/effects.ts';
import { LANES } from '../../contract/evaluation.ts';
import { assert } from '../../contract/result.ts';
import type { Rule, RuleSet } from '../../contract/rules.ts';
import { askedCode } from './asked-code.ts';
import { type CandidateIndex, candidateIndex } from './candidate-index.ts';
import { childrenOf, reads } from './condition/conjuncts.ts';
import { compileMoneyEffect, EFFECTS, type EffectFamily } from './effects/effect-table.ts';
import type { MoneyEffect } from './effects/effect-view.ts';
import { compileGate, type Gate } from './gate.ts';
import { ownValue } from './own-value.ts';
import { compileSelector, type LineMatcher } from './select-lines.ts';

/** A rule ready to run. */
export interface CompiledRule {
  readonly rule: Rule;
  /** Place in the order in which rules run: lane, step, priority, id. Independent of the order in the file. */
  readonly rank: number;
  /** Counts the steps of all lanes; rules of one step share the base. */
  readonly step: number;
  readonly family: EffectFamily;
  /** Winners are found line by line instead of for the whole basket. */
  readonly perLine: boolean;
  /** Index of the target among the set's selectors. */
  readonly target: number;
  readonly gate: Gate;
  readonly money: MoneyEffect | null;
}

export interface CompiledRuleSet {
  readonly ruleSet: RuleSet;
  /** By rank. */
  readonly rules: readonly CompiledRule[];
  /** null chooses every line. */
  readonly selectors: readonly (LineMatcher | null)[];
  readonly index: CandidateIndex;
  /** Every code that some rule asks for; for a GCN or a voucher what `askedCode` says. */
  readonly knownCodes: ReadonlySet<string>;
  /** Some rule asks what the calendar says of the day. */
  readonly readsScene: boolean;
}

/**
 * Compiles a published rule set into closures. It trusts the set: signature and schema were verified when the document
 * was accepted; a tree that the publisher could not have made throws.
 */
export function compileRuleSet(ruleSet: RuleSet): CompiledRuleSet {
  const ordered = [...ruleSet.rules].sort(byRank);
  const selectors: (LineMatcher | null)[] = [];
  const selectorIndexes = new Map<string, number>();
  const selectorIndex = (selector: Selector): number => {
    const key = JSON.stringify(Object.entries(selector).sort());
    const known = selectorIndexes.get(key);
    if (known !== undefined) return known;
    selectorIndexes.set(key, selectors.length);
    return selectors.push(compileSelector(selector)) - 1;
  };
  const wholeGroups = groupsAcrossLines(ordered);
  let step = -1;
  const rules = ordered.map((rule, rank): CompiledRule => {
    const before = ordered[rank - 1];
    if (before === undefined || before.lane !== rule.lane || before.step !== rule.step) step += 1;
    const named = (name: string): number => {
      const selector = ownValue(rule.select, name);
      assert(selector !== undefined, `rule ${rule.id} uses the unknown selector ${name}`);
      return selectorIndex(selector);
    };
    return {
      rule,
      rank,
      step,
      family: EFFECTS[rule.effect.kind].family,
      perLine:
        (rule.lane === 'price' || rule.lane === 'multi-buy') && !wholeGroups.has(groupKey(rule)),
      target: selectorIndex(rule.target),
      gate: compileGate(rule, named),
      money: compileMoneyEffect(rule.effect, rule.caps.discountMinor, rule.caps.points),
    };
  });
  return {
    ruleSet,
    rules,
    selectors,
    index: candidateIndex(ordered),
    knownCodes: codesOf(ordered),
    readsScene: ordered.some(({ condition }) => condition !== null && reads(condition, isScene)),
  };
}

function isScene(name: string): boolean {
  return name.startsWith('scene.');
}

function byRank(a: Rule, b: Rule): number {
  return (
    LANES.indexOf(a.lane) - LANES.indexOf(b.lane) ||
    a.step - b.step ||
    a.priority - b.priority ||
    (a.id < b.id ? -1 : 1)
  );
}

function groupKey(rule: Rule): string {
  return `${rule.lane} ${rule.step} ${rule.group}`;
}

/** A deal that takes units across lines is whole or nothing, so its group is decided for the basket. */
function groupsAcrossLines(rules: readonly Rule[]): Set<string> {
  return new Set(rules.filter((rule) => EFFECTS[rule.effect.kind].family !== 'line').map(groupKey));
}

function codesOf(rules: readonly Rule[]): Set<string> {
  const codes = new Set<string>();
  const walk = (node: Condition): void => {
    if (
      node.op === 'in' &&
      node.left.op === 'string' &&
      node.right.op === 'var' &&
      node.right.name === 'codes'
    )
      codes.add(node.left.value);
    for (const child of childrenOf(node)) walk(child);
  };
  for (const rule of rules) {
    const asked = askedCode(rule);
    if (asked !== undefined) codes.add(asked);
    if (rule.condition !== null) walk(rule.condition);
  }
  return codes;
}
