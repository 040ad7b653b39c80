import { z } from 'zod';
import { EFFECT_KINDS } from '../../../agent/contract/effects.ts';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { type RuleSource, ruleSourceFileSchema } from '../../../agent/contract/rules.ts';
import { text } from '../../../agent/contract/text.ts';
import { REMEDIES } from './remedies.ts';
import type { Path, RuleFile } from './rule-file.ts';
import type { RuleProblem } from './rule-problem.ts';

/** Checks the form of a rule file; every deviation is reported with its place, in both languages. */
export function checkForm(file: RuleFile): Result<RuleSource, RuleProblem[]> {
  const parsed = ruleSourceFileSchema.safeParse(file.value);
  if (parsed.success) return ok(parsed.data);
  const chinese = ruleSourceFileSchema.safeParse(file.value, {
    error: z.locales.zhCN().localeError,
  });
  const issues = parsed.error.issues.map((issue, index) =>
    problemOf(file, issue, chinese.error?.issues[index]?.message ?? issue.message),
  );
  return err(issues.flat());
}

function problemOf(file: RuleFile, issue: z.core.$ZodIssue, chinese: string): RuleProblem[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  const base = { severity: 'error' as const, ...ruleIdAt(file.value, path) };
  if (path.at(-2) === 'effect' && path.at(-1) === 'kind' && issue.code === 'invalid_union') {
    const kind = String(valueAt(file.value, path));
    const known = EFFECT_KINDS.join(', ');
    return [
      {
        ...base,
        code: 'unknown-effect',
        ...file.placeOf(path),
        field: path.join('.'),
        message: text(
          `没有效果 ${kind}，可用：${known}`,
          `there is no effect ${kind}; known: ${known}`,
        ),
        remedy: REMEDIES['unknown-effect'],
      },
    ];
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      ...base,
      code: 'schema',
      ...file.placeOfKey(path, key),
      field: [...path, key].join('.'),
      message: text(`不认识的字段 ${key}`, `there is no field ${key} here`),
      remedy: REMEDIES.schema,
    }));
  }
  const field = path.join('.');
  const name = field === '' ? text('文件', 'the file') : text(field, field);
  return [
    {
      ...base,
      code: 'schema',
      ...file.placeOf(path),
      ...(field === '' ? {} : { field }),
      message: text(`${name['zh-CN']}：${chinese}`, `${name.en}: ${issue.message}`),
      remedy: REMEDIES.schema,
    },
  ];
}

function ruleIdAt(value: unknown, path: Path): { ruleId?: string } {
  if (path[0] !== 'rules' || path.length < 2) return {};
  const id = valueAt(value, [...path.slice(0, 2), 'id']);
  return typeof id === 'string' ? { ruleId: id } : {};
}

function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<string | number, unknown>)[part];
  }
  return current;
}
