import type { AdviceOptions } from '../../../sync/hq/publish/advise-rules.ts';
import { type Published, publishRules } from '../../../sync/hq/publish/publish-rules.ts';
import type { RuleProblem } from '../../../sync/hq/publish/rule-problem.ts';
import { RULE_FILE_MAX_BYTES, text } from '../../contract/index.ts';
import { both, complain, EXIT, print } from './io.ts';
import { readTextFile } from './read-input-file.ts';

/** Reads and publishes a rule file; what is wrong with it is printed, the exit code set, and null given. */
export function readRules(
  file: string,
  json: boolean | undefined,
  advice: AdviceOptions = {},
): Published | null {
  const source = readTextFile(file, RULE_FILE_MAX_BYTES);
  if (!source.ok) {
    complain(json, source.error);
    return null;
  }
  const published = publishRules(source.value, advice);
  if (published.ok) return published.value;
  reportProblems(file, published.error, json);
  return null;
}

/** Prints what keeps a rule file from being used, and sets the exit code. */
export function reportProblems(
  file: string,
  problems: readonly RuleProblem[],
  json: boolean | undefined,
): void {
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  const warnings = problems.length - errors;
  print(json, { ok: false, rules: null, written: null, problems }, () =>
    [
      ...problems.map((problem) => problemText(file, problem)),
      both(
        text(
          `${errors} 处错误，${warnings} 处警告，未写入任何内容`,
          `${errors} errors, ${warnings} warnings; nothing was written`,
        ),
      ),
    ].join('\n'),
  );
  process.exitCode = EXIT.problems;
}

/** A problem for people: place, code, rule and reason, and below it what to do. */
export function problemText(file: string, problem: RuleProblem): string {
  const rule = problem.ruleId === undefined ? '' : ` [${problem.ruleId}]`;
  return `${file}:${problem.line}:${problem.column}: ${problem.severity} ${problem.code}${rule}: ${both(problem.message)}\n  -> ${both(problem.remedy)}`;
}
