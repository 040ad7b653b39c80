/** Longest wait that headquarters can ask for, in milliseconds: a wrong header must not silence a till for a day. */
export const RETRY_AFTER_MAX_MS = 5 * 60_000;

/**
 * Reads `Retry-After` (RFC 9110, 10.2.3): seconds, or a date, which counts from the answer's own `Date` since neither
 * clock is trusted.
 * @returns milliseconds within {@link RETRY_AFTER_MAX_MS}; `null` where there is none or it cannot be read
 */
export function readRetryAfter(
  retryAfter: string | undefined,
  date: string | undefined,
  nowMs: number,
): number | null {
  const value = retryAfter?.trim();
  if (value === undefined || value === '') return null;
  if (/^\d{1,10}$/.test(value)) return Math.min(Number(value) * 1_000, RETRY_AFTER_MAX_MS);
  // Without a month's name it is no date of HTTP, whatever an engine makes of it.
  if (!/[A-Za-z]{3}/.test(value)) return null;
  const untilMs = Date.parse(value);
  if (Number.isNaN(untilMs)) return null;
  const answeredMs = date === undefined ? Number.NaN : Date.parse(date);
  const waitMs = untilMs - (Number.isNaN(answeredMs) ? nowMs : answeredMs);
  return Math.min(Math.max(0, waitMs), RETRY_AFTER_MAX_MS);
}
