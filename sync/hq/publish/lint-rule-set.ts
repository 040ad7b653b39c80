import { MEMBER_MAX_BUCKETS } from '../../../agent/contract/evaluation-input.ts';
import { BASE_BUCKET } from '../../../agent/contract/member.ts';
import { RULE_SET_MAX_EXCLUSIVE, type RuleSourceRule } from '../../../agent/contract/rules.ts';
import { text } from '../../../agent/contract/text.ts';
import { askedCode } from '../../../agent/domain/benefits/asked-code.ts';
import { EFFECTS } from '../../../agent/domain/benefits/effects/effect-table.ts';
import type { RuleSetFinding } from './rule-problem.ts';

/** What can only be seen with all rules side by side. */
export function lintRuleSet(rules: readonly RuleSourceRule[]): RuleSetFinding[] {
  const findings: RuleSetFinding[] = [];
  const families = new Map<string, string>();
  const couponUses = new Map<string, { readonly uses: string; readonly id: string }>();
  const buckets = new Set<string>();
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
    const code = rule.coupon === undefined ? undefined : askedCode(rule);
    if (rule.coupon !== undefined && code !== undefined) {
      const uses = JSON.stringify(rule.coupon.uses);
      const before = couponUses.get(code) ?? { uses, id: rule.id };
      couponUses.set(code, before);
      if (before.uses !== uses) {
        const message = text(
          `券码 ${code} 在规则 ${before.id} 里的 uses 不同：一张券只有一种用法`,
          `${before.id} says otherwise how often the code ${code} works: a coupon has one number of uses`,
        );
        findings.push({
          ruleIndex,
          finding: { code: 'coupon-uses-mixed', field: ['coupon', 'uses'], message },
        });
      }
    }
    const { bucket = BASE_BUCKET } = rule.effect as { readonly bucket?: string };
    if (bucket !== BASE_BUCKET && !buckets.has(bucket)) {
      buckets.add(bucket);
      if (buckets.size > MEMBER_MAX_BUCKETS) {
        const message = text(
          `除 ${BASE_BUCKET} 外积分类别超过 ${MEMBER_MAX_BUCKETS} 种，请合并类别`,
          `more than ${MEMBER_MAX_BUCKETS} categories of points beside ${BASE_BUCKET}: use fewer`,
        );
        findings.push({
          ruleIndex,
          finding: { code: 'too-many-categories', field: ['effect', 'bucket'], message },
        });
      }
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
