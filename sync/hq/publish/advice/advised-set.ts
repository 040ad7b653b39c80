import type { Rule } from '../../../../agent/contract/rules.ts';
import type { Text } from '../../../../agent/contract/text.ts';
import type { RuleProblemCode, RuleSetFinding } from '../rule-problem.ts';
import { ruleWorlds } from './rule-worlds.ts';
import type { Worlds } from './worlds.ts';

/** Rules of one group that are compared with each other; in a larger group the later ones are not. */
export const COMPARED_MAX = 200;

/** A rule with the ways in which its gate can be open. */
export interface AdvisedRule {
  readonly index: number;
  readonly rule: Rule;
  readonly worlds: Worlds;
}

/** The rules of a set as the advice looks at them. */
export interface AdvisedSet {
  readonly rules: readonly AdvisedRule[];
  /** Rules of one lane, step and group: one of them wins. */
  readonly groups: readonly (readonly AdvisedRule[])[];
}

/** A warning of the advice. */
export type Advice = RuleSetFinding;

/** Prepares published rules for advice. */
export function advisedSet(published: readonly Rule[]): AdvisedSet {
  const rules = published.map((rule, index) => ({ index, rule, worlds: ruleWorlds(rule) }));
  const groups = new Map<string, AdvisedRule[]>();
  for (const one of rules) {
    const key = JSON.stringify([one.rule.lane, one.rule.step, one.rule.group]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else if (group.length < COMPARED_MAX) group.push(one);
  }
  return { rules, groups: [...groups.values()] };
}

/** A warning about one rule. */
export function advise(
  { index }: AdvisedRule,
  code: RuleProblemCode,
  field: readonly (string | number)[],
  message: Text,
  remedy?: Text,
): Advice {
  const own = remedy === undefined ? {} : { remedy };
  return { ruleIndex: index, finding: { severity: 'warning', code, field, message, ...own } };
}
