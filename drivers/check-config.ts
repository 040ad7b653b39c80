import type { z } from 'zod';
import type { ConfigProblem } from './contract/config-problem.ts';
import { err, ok, type Result } from './contract/result.ts';

/** Problems told of one configuration; more would not be read. */
export const MAX_PROBLEMS = 50;

const fieldOf = (root: string, path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (name, part) =>
      typeof part === 'number'
        ? `${name}[${part}]`
        : name === ''
          ? String(part)
          : `${name}.${String(part)}`,
    root,
  );

const range = (issue: {
  readonly minimum?: unknown;
  readonly maximum?: unknown;
  readonly origin?: string;
}): ConfigProblem['text'] => {
  const zh = issue.origin === 'string' ? '长度' : issue.origin === 'array' ? '项数' : '数值';
  const en =
    issue.origin === 'string' ? 'length' : issue.origin === 'array' ? 'number of items' : 'value';
  return issue.minimum === undefined
    ? {
        'zh-CN': `${zh}最大为 ${issue.maximum}，请改小。`,
        en: `the ${en} may be at most ${issue.maximum}; make it smaller`,
      }
    : {
        'zh-CN': `${zh}最小为 ${issue.minimum}，请改大。`,
        en: `the ${en} must be at least ${issue.minimum}; make it larger`,
      };
};

const problemsOf = (root: string, issue: z.core.$ZodIssue): ConfigProblem[] => {
  const field = fieldOf(root, issue.path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        field: fieldOf(root, [...issue.path, key]),
        code: 'unknown-field',
        text: {
          'zh-CN': '没有这个字段，请删除或改正拼写。',
          en: 'there is no such field; remove it or correct its spelling',
        },
      }));
    case 'invalid_type':
      return issue.input === undefined
        ? [
            {
              field,
              code: 'missing',
              text: { 'zh-CN': '缺少此字段，请填写。', en: 'this field is missing; add it' },
            },
          ]
        : [
            {
              field,
              code: 'wrong-type',
              text: {
                'zh-CN': `类型应为 ${issue.expected}，请改正。`,
                en: `must be of type ${issue.expected}; correct it`,
              },
            },
          ];
    case 'invalid_value':
      return [
        {
          field,
          code: issue.input === undefined ? 'missing' : 'wrong-value',
          text: {
            'zh-CN': `只能是：${issue.values.join('、')}。请选择其一。`,
            en: `must be one of: ${issue.values.join(', ')}; choose one`,
          },
        },
      ];
    case 'too_small':
    case 'too_big':
      return [{ field, code: 'out-of-range', text: range(issue) }];
    default:
      return [
        {
          field,
          code: 'wrong-value',
          text: {
            'zh-CN': `内容不符合要求（${issue.message}），请改正。`,
            en: `is not acceptable (${issue.message}); correct it`,
          },
        },
      ];
  }
};

/** Checks `input` against `schema`; the problems name each field under `root`. */
export const checkConfig = <T>(
  schema: z.ZodType<T>,
  input: unknown,
  root: string,
): Result<T, readonly ConfigProblem[]> => {
  const parsed = schema.safeParse(input, { reportInput: true });
  return parsed.success
    ? ok(parsed.data)
    : err(parsed.error.issues.flatMap((issue) => problemsOf(root, issue)).slice(0, MAX_PROBLEMS));
};
