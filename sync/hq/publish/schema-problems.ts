import { z } from 'zod';
import { EFFECT_KINDS } from '../../../agent/contract/effects.ts';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { type RuleSource, ruleSourceFileSchema } from '../../../agent/contract/rules.ts';
import { text } from '../../../agent/contract/text.ts';
import { type IllFormedText, illFormedTexts } from './ill-formed-texts.ts';
import { REMEDIES } from './remedies.ts';
import type { Path, RuleFile } from './rule-file.ts';
import type { RuleProblem } from './rule-problem.ts';
import { withoutZhe } from './zhe.ts';

/** Checks the form of a rule file; every deviation is reported with its place, in both languages. */
export function checkForm(file: RuleFile): Result<RuleSource, RuleProblem[]> {
  const value = withoutZhe(file.value);
  const parsed = ruleSourceFileSchema.safeParse(value);
  if (parsed.success) {
    // A condition says by itself at which character it is broken.
    const broken = illFormedTexts(file.value).filter(({ path }) => path[2] !== 'when');
    return broken.length === 0 ? ok(parsed.data) : err(broken.map((one) => halfOf(file, one)));
  }
  const chinese = ruleSourceFileSchema.safeParse(value, {
    error: z.locales.zhCN().localeError,
  });
  const issues = parsed.error.issues.map((issue, index) =>
    problemOf(file, issue, chinese.error?.issues[index]?.message ?? issue.message),
  );
  return err(issues.flat());
}

function halfOf(file: RuleFile, { path, key }: IllFormedText): RuleProblem {
  const field = [...path, ...(key === undefined ? [] : [key.toWellFormed()])].join('.');
  return {
    severity: 'error',
    code: 'schema',
    ...ruleIdAt(file.value, path),
    ...(key === undefined ? file.placeOf(path) : file.placeOfKey(path, key)),
    field,
    message: text(
      `${field}：含有半个字符（孤立的代理项），无法签名`,
      `${field}: it holds half a character (a lone surrogate), which cannot be signed`,
    ),
    remedy: text('删除或补全这个字符', 'Remove the character or write it whole'),
  };
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
  return typeof id === 'string' ? { ruleId: id.toWellFormed() } : {};
}

function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<string | number, unknown>)[part];
  }
  return current;
}
