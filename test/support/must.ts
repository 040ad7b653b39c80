import type { Result } from '../../agent/contract/result.ts';

/** The value of a result that must be there. */
export function must<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
