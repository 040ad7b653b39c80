import { err, ok, type Result } from '../../agent/contract/result.ts';
import { type CallFailure, unreachableBy } from './call-failure.ts';

/** Reads an answer that came as JSON: its form, then its fields. */
export function parseReply(
  schema: { safeParse(value: unknown): { success: boolean; data?: unknown } },
  bytes: Buffer,
  name: string,
): Result<unknown, CallFailure> {
  const text = bytes.toString('utf8');
  const value = parseJson(text);
  if (value === undefined)
    return err(
      text.trimStart().startsWith('<')
        ? unreachableBy('captive-portal', 'a web page answers in place of headquarters')
        : unreachableBy('wrong-answer', `the answer to ${name} is not JSON`),
    );
  const parsed = schema.safeParse(value);
  return parsed.success
    ? ok(parsed.data)
    : err(unreachableBy('wrong-answer', `the answer to ${name} has another form`));
}

/** `undefined` where the text is no JSON: none of our answers is that value. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whoever asked says what is wrong with it.
    return undefined;
  }
}
