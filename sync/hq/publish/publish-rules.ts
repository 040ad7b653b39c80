import type { Condition } from '../../../agent/contract/condition.ts';
import type { Selector } from '../../../agent/contract/effects.ts';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import type { Rule, RuleSet, RuleSource, RuleSourceRule } from '../../../agent/contract/rules.ts';
import { text } from '../../../agent/contract/text.ts';
import { defaultPolicy } from '../../../agent/domain/auth-policy/default-policy.ts';
import { conjuncts } from '../../../agent/domain/benefits/condition/conjuncts.ts';
import { checkCondition } from './check-condition.ts';
import { lintRule } from './lint-rule.ts';
import { lintRuleSet } from './lint-rule-set.ts';
import { parseCondition } from './parse-condition.ts';
import { type RuleFile, readRuleFile } from './rule-file.ts';
import type { Finding, RuleProblem } from './rule-problem.ts';
import { checkForm } from './schema-problems.ts';

export interface Published {
  readonly ruleSet: RuleSet;
  readonly warnings: readonly RuleProblem[];
}

/**
 * The way from a rule file to a rule set: read, check the form, parse and type-check every condition, lint. All
 * problems are reported together; a set with an error is not published.
 * @param source YAML or JSON text
 */
export function publishRules(source: string): Result<Published, RuleProblem[]> {
  const read = readRuleFile(source);
  if (!read.ok) return read;
  const form = checkForm(read.value);
  if (!form.ok) return form;
  const problems: RuleProblem[] = repeatedIds(read.value, form.value.rules);
  const rules = form.value.rules.map((rule, index) => {
    const { published, findings } = publishRule(rule);
    problems.push(...findings.map((finding) => locate(read.value, rule, index, finding)));
    return published;
  });
  for (const { ruleIndex, finding } of lintRuleSet(form.value.rules)) {
    const rule = form.value.rules[ruleIndex];
    if (rule !== undefined) problems.push(locate(read.value, rule, ruleIndex, finding));
  }
  problems.sort((a, b) => a.line - b.line || a.column - b.column);
  if (problems.some((problem) => problem.severity === 'error')) return err(problems);
  return ok({ ruleSet: setOf(form.value, rules), warnings: problems });
}

/** A till without a policy asks for the strongest proof of everything, so a set whose author wrote none gets the default. */
function setOf(source: RuleSource, rules: RuleSet['rules']): RuleSet {
  return { ...source, policy: source.policy ?? defaultPolicy, rules };
}

function publishRule(rule: RuleSourceRule): { published: Rule; findings: Finding[] } {
  const findings: Finding[] = [];
  const { condition, used } = conditionOf(rule, findings);
  const target = targetOf(rule, used, findings);
  const published: Rule = { ...rule, group: rule.group ?? rule.id, target, condition };
  return { published, findings: [...findings, ...lintRule(published, used)] };
}

function conditionOf(
  rule: RuleSourceRule,
  findings: Finding[],
): { condition: Condition | null; used: Set<string> } {
  let condition: Condition | null = null;
  let used = new Set<string>();
  if (rule.when.trim() !== '') {
    const parsed = parseCondition(rule.when);
    if (!parsed.ok) findings.push({ ...parsed.error, field: ['when'] });
    else {
      const checked = checkCondition(parsed.value, new Set(Object.keys(rule.select)));
      findings.push(...checked.problems.map((problem) => ({ ...problem, field: ['when'] })));
      condition = checked.condition;
      used = new Set(checked.selectors);
    }
  }
  return {
    condition: rule.coupon === undefined ? condition : withCode(condition, rule.coupon.code),
    used,
  };
}

/** A coupon rule asks for its code, whether its author wrote so or not. */
function withCode(condition: Condition | null, code: string): Condition {
  const asks: Condition = {
    op: 'in',
    left: { op: 'string', value: code },
    right: { op: 'var', name: 'codes' },
  };
  if (condition === null) return asks;
  const terms = conjuncts(condition);
  const there = terms.some((term) => JSON.stringify(term) === JSON.stringify(asks));
  return there ? condition : { op: 'and', args: [asks, ...terms] };
}

function targetOf(rule: RuleSourceRule, used: Set<string>, findings: Finding[]): Selector {
  if (typeof rule.target !== 'string') return rule.target;
  const named = Object.hasOwn(rule.select, rule.target) ? rule.select[rule.target] : undefined;
  used.add(rule.target);
  if (named !== undefined) return named;
  const message = text(`select 中没有 ${rule.target}`, `select names no ${rule.target}`);
  findings.push({ code: 'unknown-selector', field: ['target'], message });
  return {};
}

function repeatedIds(file: RuleFile, rules: readonly RuleSourceRule[]): RuleProblem[] {
  const first = new Map<string, number>();
  return rules.flatMap((rule, index): RuleProblem[] => {
    const before = first.get(rule.id);
    if (before === undefined) {
      first.set(rule.id, index);
      return [];
    }
    const { line } = file.placeOf(['rules', before, 'id']);
    const message = text(
      `编号 ${rule.id} 已在第 ${line} 行使用`,
      `the id ${rule.id} is already used on line ${line}`,
    );
    return [locate(file, rule, index, { code: 'repeated-id', field: ['id'], message })];
  });
}

function locate(
  file: RuleFile,
  rule: RuleSourceRule,
  index: number,
  finding: Finding,
): RuleProblem {
  const path = ['rules', index, ...finding.field];
  const place =
    finding.offset === undefined ? file.placeOf(path) : file.placeInText(path, finding.offset);
  return {
    severity: finding.severity ?? 'error',
    code: finding.code,
    ...place,
    ruleId: rule.id,
    field: path.join('.'),
    message: finding.message,
  };
}
