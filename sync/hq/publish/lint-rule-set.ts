import { RULE_SET_MAX_EXCLUSIVE, type RuleSourceRule } from '../../../agent/contract/rules.ts';
import { text } from '../../../agent/contract/text.ts';
import { EFFECTS } from '../../../agent/domain/benefits/effects/effect-table.ts';
import type { RuleSetFinding } from './rule-problem.ts';

/** What can only be seen with all rules side by side. */
export function lintRuleSet(rules: readonly RuleSourceRule[]): RuleSetFinding[] {
  const findings: RuleSetFinding[] = [];
  const families = new Map<string, string>();
  let exclusives = 0;
  rules.forEach((rule, ruleIndex) => {
    const { family } = EFFECTS[rule.effect.kind];
    const group = `${rule.lane} ${rule.step} ${rule.group ?? rule.id}`;
    const first = families.get(group) ?? family;
    families.set(group, first);
    if (rule.lane === 'points-earn' && first !== family) {
      const message = text(
        '同一组里不能既有积分又有倍数',
        'a group holds either rules that earn points or multipliers, not both',
      );
      findings.push({ ruleIndex, finding: { code: 'mixed-group', field: ['group'], message } });
    }
    if (rule.exclusive.length > 0) exclusives += 1;
    if (rule.exclusive.length > 0 && exclusives > RULE_SET_MAX_EXCLUSIVE) {
      const message = text(
        `互斥规则超过 ${RULE_SET_MAX_EXCLUSIVE} 条`,
        `more than ${RULE_SET_MAX_EXCLUSIVE} exclusive rules`,
      );
      findings.push({
        ruleIndex,
        finding: { code: 'too-many-exclusive', field: ['exclusive'], message },
      });
    }
  });
  return findings;
}
