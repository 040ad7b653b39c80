import { parse } from '@bufbuild/cel';
import { CONDITION_MAX_CHARS, CONDITION_MAX_DEPTH } from '../../../agent/contract/condition.ts';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { type Text, text } from '../../../agent/contract/text.ts';
import type { RuleProblemCode } from './rule-problem.ts';

export type ParsedCondition = ReturnType<typeof parse>;
export type CelExpr = NonNullable<ParsedCondition['expr']>;

export interface ConditionProblem {
  readonly code: RuleProblemCode;
  /** In the condition text, in UTF-16 units. */
  readonly offset: number;
  readonly message: Text;
}

/**
 * Parses CEL text. Length and nesting are measured first, because the parser descends recursively and its work on
 * nested brackets is not ours to bound.
 */
export function parseCondition(source: string): Result<ParsedCondition, ConditionProblem> {
  if (source.length > CONDITION_MAX_CHARS) {
    return err({
      code: 'condition-too-large',
      offset: CONDITION_MAX_CHARS,
      message: text(
        `条件超过 ${CONDITION_MAX_CHARS} 个字符`,
        `the condition is longer than ${CONDITION_MAX_CHARS} characters; split the rule`,
      ),
    });
  }
  const half = halfCharacterAt(source);
  if (half !== null) {
    return err({
      code: 'condition-syntax',
      offset: half,
      message: text(
        '条件含有不完整的字符（半个代理对）',
        'the condition holds half a character (a lone surrogate), which cannot be signed',
      ),
    });
  }
  const deep = tooDeepAt(source);
  if (deep !== null) {
    return err({
      code: 'condition-too-large',
      offset: deep,
      message: text(
        `条件嵌套超过 ${CONDITION_MAX_DEPTH} 层`,
        `the condition nests deeper than ${CONDITION_MAX_DEPTH}; split the rule`,
      ),
    });
  }
  try {
    return ok(parse(source));
  } catch (cause) {
    const offset = offsetOf(cause);
    const reason =
      cause instanceof Error ? cause.message.replace(/^<input>:\d+:\d+: /, '') : String(cause);
    return err({
      code: 'condition-syntax',
      offset,
      message: text(`条件语法错误：${reason}`, `not a condition: ${reason}`),
    });
  }
}

/** Where UTF-16 is broken. */
function halfCharacterAt(source: string): number | null {
  return source.isWellFormed() ? null : source.search(/\p{Surrogate}/u);
}

/** Texts and comments as the parser reads them: what stands in them neither opens nor closes anything. */
const QUIET = new RegExp(
  [
    String.raw`//[^\r\n]*`,
    String.raw`[rR](?:"""[\s\S]*?"""|'''[\s\S]*?'''|"[^"]*"|'[^']*')`,
    String.raw`"""(?:\\[\s\S]|[^\\])*?"""`,
    String.raw`'''(?:\\[\s\S]|[^\\])*?'''`,
    String.raw`"(?:\\[\s\S]|[^"\\])*"`,
    String.raw`'(?:\\[\s\S]|[^'\\])*'`,
  ].join('|'),
  'y',
);

/** Where brackets or signs in a row go past the depth limit; texts and comments do not count. */
function tooDeepAt(source: string): number | null {
  let depth = 0;
  let signs = 0;
  for (let index = 0; index < source.length; index += 1) {
    QUIET.lastIndex = index;
    const quiet = QUIET.exec(source)?.[0];
    if (quiet !== undefined) {
      index += quiet.length - 1;
      if (!quiet.startsWith('//')) signs = 0;
      continue;
    }
    const char = source[index] ?? '';
    if (char === '!' || char === '-' || char === '?') signs += 1;
    else if (char.trim() !== '' && char !== '(') signs = 0;
    if ('([{'.includes(char)) depth += 1;
    else if (')]}'.includes(char)) depth -= 1;
    if (depth > CONDITION_MAX_DEPTH || signs > CONDITION_MAX_DEPTH) return index;
  }
  return null;
}

/** The parser throws an error that carries the location; a library's error shape is read here and nowhere else. */
function offsetOf(cause: unknown): number {
  if (typeof cause !== 'object' || cause === null || !('location' in cause)) return 0;
  const { location } = cause as { location?: { start?: { offset?: unknown } } };
  const offset = location?.start?.offset;
  return typeof offset === 'number' ? offset : 0;
}
