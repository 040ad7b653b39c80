import type { Calendar } from '../../../agent/contract/calendar.ts';
import type { Condition } from '../../../agent/contract/condition.ts';
import type { Selector } from '../../../agent/contract/effects.ts';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import type { Rule, RuleSet, RuleSource, RuleSourceRule } from '../../../agent/contract/rules.ts';
import { text } from '../../../agent/contract/text.ts';
import { defaultPolicy } from '../../../agent/domain/auth-policy/default-policy.ts';
import { askedCode } from '../../../agent/domain/benefits/asked-code.ts';
import { conjuncts } from '../../../agent/domain/benefits/condition/conjuncts.ts';
import { type AdviceOptions, adviseRules } from './advise-rules.ts';
import { checkCondition } from './check-condition.ts';
import { guardUnknown } from './guard-unknown.ts';
import { lintPartners, lintVoucherRules } from './lint-partners.ts';
import { lintRule } from './lint-rule.ts';
import { lintRuleSet } from './lint-rule-set.ts';
import { lintScenes } from './lint-scenes.ts';
import { parseCondition } from './parse-condition.ts';
import { REMEDIES } from './remedies.ts';
import { resolveCalendar } from './resolve-calendar.ts';
import { type RuleFile, readRuleFile } from './rule-file.ts';
import type { Finding, RuleProblem, RuleSetFinding } from './rule-problem.ts';
import { checkForm } from './schema-problems.ts';

export interface Published {
  readonly ruleSet: RuleSet;
  readonly warnings: readonly RuleProblem[];
}

/**
 * The way from a rule file to a rule set: read, check the form, parse and type-check every condition, lint. All
 * problems are reported together; a set with an error is not published.
 * @param source YAML or JSON text
 * @param options what the advice goes by
 */
export function publishRules(
  source: string,
  options: AdviceOptions = {},
): Result<Published, RuleProblem[]> {
  const read = readRuleFile(source);
  if (!read.ok) return read;
  const form = checkForm(read.value);
  if (!form.ok) return form;
  const problems: RuleProblem[] = repeatedIds(read.value, form.value.rules);
  const written = form.value.calendar;
  const resolved = written === undefined ? undefined : resolveCalendar(written);
  const calendar = resolved?.calendar ?? undefined;
  for (const finding of resolved?.findings ?? []) problems.push(place(read.value, finding));
  const rules = form.value.rules.map((rule, index) => {
    const { published, findings } = publishRule(rule);
    // A calendar that could not be worked out is reported by itself.
    if (resolved?.calendar !== null) findings.push(...lintScenes(published, calendar));
    problems.push(...findings.map((finding) => locate(read.value, rule, index, finding)));
    return published;
  });
  const report = (findings: readonly RuleSetFinding[]): void => {
    for (const { ruleIndex, finding } of findings) {
      const rule = form.value.rules[ruleIndex];
      if (rule !== undefined) problems.push(locate(read.value, rule, ruleIndex, finding));
    }
    problems.sort((a, b) => a.line - b.line || a.column - b.column);
  };
  problems.push(...lintPartners(form.value).map((finding) => place(read.value, finding)));
  report([...lintRuleSet(form.value.rules), ...lintVoucherRules(form.value)]);
  if (problems.some((problem) => problem.severity === 'error')) return err(problems);
  // Advice reasons about conditions, so it is asked only once all of them are in order.
  report(adviseRules({ rules, currency: form.value.currency }, options));
  return ok({ ruleSet: setOf(form.value, rules, calendar), warnings: problems });
}

/** A till without a policy asks for the strongest proof of everything, so a set whose author wrote none gets the default. */
function setOf(
  { calendar: _asWritten, ...source }: RuleSource,
  rules: RuleSet['rules'],
  calendar: Calendar | undefined,
): RuleSet {
  const policy = source.policy ?? defaultPolicy;
  return { ...source, policy, ...(calendar === undefined ? {} : { calendar }), rules };
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
      condition = checked.condition === null ? null : guardUnknown(checked.condition);
      used = new Set(checked.selectors);
    }
  }
  return {
    condition: withCode(condition, askedCode(rule)),
    used,
  };
}

/** A rule for a coupon or voucher asks for it, whether its author wrote so or not. */
function withCode(condition: Condition | null, code: string | undefined): Condition | null {
  if (code === undefined) return condition;
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
  const field = ['rules', index, ...finding.field];
  return { ...place(file, { ...finding, field }), ruleId: rule.id };
}

/** @param finding its field begins at the file */
function place(file: RuleFile, finding: Finding): RuleProblem {
  const { severity = 'error', code, field, offset, message, remedy = REMEDIES[code] } = finding;
  const at = offset === undefined ? file.placeOf(field) : file.placeInText(field, offset);
  return { severity, code, ...at, field: field.join('.'), message, remedy };
}
