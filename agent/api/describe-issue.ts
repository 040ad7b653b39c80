import { type Text, text } from '../contract/index.ts';

/** The parts of a validation issue that are told to people; never the value that was sent. */
export interface Issue {
  readonly code?: string | undefined;
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
  readonly message: string;
  readonly expected?: unknown;
  readonly origin?: unknown;
  readonly minimum?: unknown;
  readonly maximum?: unknown;
  readonly format?: unknown;
  readonly pattern?: unknown;
  readonly values?: readonly unknown[];
  readonly keys?: readonly string[];
  /** zod leaves the value out; a missing field is told by its wording. */
  readonly input?: unknown;
}

/** Parts of the request whose name is not part of the caller's own field names. */
const ENVELOPE = new Set(['body', 'params', 'headers', 'query']);

/** Where an issue lies, as callers know it: `lines.3.qty`. */
export function fieldOf(issue: Issue): string {
  return callersField(
    (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.'),
  );
}

/** A field without the request's own envelope: `body.staffId` is `staffId` to whoever sends it. */
function callersField(field: string): string {
  const [first = '', ...rest] = field.split('.');
  return ENVELOPE.has(first) && rest.length > 0 ? rest.join('.') : field;
}

const UNITS: Readonly<Record<string, Text>> = {
  string: text('个字符', 'characters'),
  array: text('项', 'entries'),
  set: text('项', 'entries'),
};

const KINDS: Readonly<Record<string, Text>> = {
  string: text('文本', 'a text'),
  number: text('数字', 'a number'),
  int: text('整数', 'a whole number'),
  boolean: text('true 或 false', 'true or false'),
  array: text('列表', 'a list'),
  object: text('对象', 'an object'),
  record: text('对象', 'an object'),
};

/** Sentences of the contract's own checks, in the other language. */
const OWN: Readonly<Record<string, string>> = {
  'give either text or phoneDigits': 'text 和 phoneDigits 只给其中一个',
  'is needed for an action that spends': '缺少，消费类操作必须给出上限',
};

function size(issue: Issue, zh: string, en: string, limit: unknown): Text {
  const unit = UNITS[String(issue.origin)];
  return unit === undefined
    ? text(`${zh} ${String(limit)}`, `must be ${en} ${String(limit)}`)
    : text(
        `${zh} ${String(limit)} ${unit['zh-CN']}`,
        `must have ${en} ${String(limit)} ${unit.en}`,
      );
}

/**
 * What is wrong with one field, in one plain sentence of both languages.
 * Codes are zod 4's issue codes; an unknown one keeps zod's own English.
 */
export function describeIssue(issue: Issue): Text {
  switch (issue.code) {
    case 'invalid_type': {
      const kind =
        KINDS[String(issue.expected)] ?? text(String(issue.expected), String(issue.expected));
      const missing = /received undefined/.test(issue.message);
      return missing
        ? text(`缺少，应为${kind['zh-CN']}`, `is missing; it must be ${kind.en}`)
        : text(`应为${kind['zh-CN']}`, `must be ${kind.en}`);
    }
    case 'too_small':
      return size(issue, '不能小于', 'at least', issue.minimum);
    case 'too_big':
      return size(issue, '不能大于', 'at most', issue.maximum);
    case 'invalid_value': {
      const choices = (issue.values ?? []).slice(0, 12).map(String).join(', ');
      return text(`应为下列之一：${choices}`, `must be one of ${choices}`);
    }
    case 'invalid_format': {
      const form =
        issue.format === 'regex' && issue.pattern !== undefined
          ? String(issue.pattern)
          : String(issue.format);
      return text(`格式不对，应符合 ${form}`, `is not written as it must be (${form})`);
    }
    case 'not_multiple_of':
      return text('不是允许的步长', issue.message);
    case 'unrecognized_keys': {
      const keys = (issue.keys ?? []).slice(0, 5).join(', ');
      return text(`有未知的字段：${keys}`, `has unknown fields: ${keys}`);
    }
    case 'custom':
      return text(OWN[issue.message] ?? '不符合要求', issue.message);
    default:
      return text('不符合要求', issue.message);
  }
}
