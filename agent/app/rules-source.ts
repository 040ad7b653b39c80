import { type Policy, policySchema, ruleSetSchema } from '../contract/index.ts';
import { type CompiledRuleSet, compileRuleSet } from '../domain/benefits/compile-rule-set.ts';
import type { Store } from '../store/store.ts';

export interface RulesSource {
  /** The rules in force; `undefined` until some are installed. */
  current(): CompiledRuleSet | undefined;
  /** The policy in force: the rule set's own, else the one installed by itself; `undefined` where there is none. */
  policy(): Policy | undefined;
  /** Days for which points earned under a version are good; `undefined` = for ever. */
  lotValidDays(version: number): number | undefined;
  /** Looks again at what is installed and answers whether another rule set or policy is in force now. */
  reload(): boolean;
}

/** Keeps the compiled form of what the store has installed; documents were verified before they were installed. */
export function createRulesSource(store: Store): RulesSource {
  let compiled: CompiledRuleSet | undefined;
  let policy: Policy | undefined;

  /** The documents themselves: those of another headquarters may have the same version. */
  let rulesText: string | undefined;
  let policyText: string | undefined;

  function reload(): boolean {
    const [rulesBefore, policyBefore] = [rulesText, policyText];
    const rules = store.documents.current('rule-set');
    if (rules !== undefined && rules.body !== rulesBefore) {
      compiled = compileRuleSet(ruleSetSchema.parse(JSON.parse(rules.body)));
      rulesText = rules.body;
    }
    const ownPolicy = store.documents.current('policy');
    policy =
      compiled?.ruleSet.policy ??
      (ownPolicy === undefined ? undefined : policySchema.parse(JSON.parse(ownPolicy.body)));
    policyText = compiled?.ruleSet.policy === undefined ? ownPolicy?.body : undefined;
    return rulesText !== rulesBefore || policyText !== policyBefore;
  }

  /** A sale held before newer rules came is booked under its own. */
  function lotValidDays(version: number): number | undefined {
    if (compiled?.ruleSet.version === version) return compiled.ruleSet.points.lotValidDays;
    const older = store.documents.byVersion('rule-set', version);
    return older === undefined
      ? undefined
      : ruleSetSchema.parse(JSON.parse(older.body)).points.lotValidDays;
  }

  reload();
  return { current: () => compiled, policy: () => policy, lotValidDays, reload };
}
