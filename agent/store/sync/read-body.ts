import type { z } from 'zod';
import { err, ok, type Result } from '../../contract/index.ts';

/** Reads a fed row's body by its schema, or says in one line why it cannot be read: which field, and what is wrong. */
export function readBody<T>(body: string, schema: z.ZodType<T>): Result<T, string> {
  let content: unknown;
  try {
    content = JSON.parse(body);
  } catch {
    // What the parser says quotes the body, which may hold personal data.
    return err('not JSON');
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0];
  return err(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong form'}`);
}
