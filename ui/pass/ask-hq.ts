import type { z } from 'zod';
import { err, ok, type Result } from '../../agent/contract/result.ts';
import { type Text, textSchema } from '../../agent/contract/text.ts';

/** Headquarters has so long to answer, in milliseconds. */
const ANSWER_MS = 10_000;

/** Why headquarters did nothing; `unreachable` = it was not heard. */
export interface Refusal {
  readonly code: string;
  readonly message?: Text;
  readonly hint?: Text;
  /** HQ's time, where the request's was too far from it. */
  readonly at?: string;
}

/** One call of headquarters, which is where this page comes from. */
export async function askHq<T>(
  path: `/v1/${string}`,
  body: object,
  reply: z.ZodType<T>,
): Promise<Result<T, Refusal>> {
  let answer: Response;
  let said: unknown;
  // Not `AbortSignal.timeout`, which Safari has only since 16.
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), ANSWER_MS);
  try {
    answer = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      credentials: 'omit',
      cache: 'no-store',
      signal: late.signal,
    });
    said = await answer.json();
  } catch {
    // No network, or something between that speaks no JSON: either way headquarters was not heard.
    return err({ code: 'unreachable' });
  } finally {
    clearTimeout(timer);
  }
  if (answer.ok) {
    const parsed = reply.safeParse(said);
    return parsed.success ? ok(parsed.data) : err({ code: 'unreachable' });
  }
  const { code, message, hint, at } = (said ?? {}) as Record<string, unknown>;
  if (typeof code !== 'string' || answer.status >= 500) return err({ code: 'unreachable' });
  return err({
    code,
    ...textOf('message', message),
    ...textOf('hint', hint),
    ...(typeof at === 'string' ? { at } : {}),
  });
}

function textOf(name: 'message' | 'hint', value: unknown): Partial<Record<typeof name, Text>> {
  const text = textSchema.safeParse(value);
  return text.success ? { [name]: text.data } : {};
}
