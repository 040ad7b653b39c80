/** Wait before the second attempt, in milliseconds; each further one doubles up to {@link BACKOFF_MAX_MS}. */
export const BACKOFF_FIRST_MS = 500;
export const BACKOFF_MAX_MS = 30_000;
/** A thousand tills that were sent away at once come back spread over this share of the time that they were told. */
export const RETRY_AFTER_SPREAD = 0.25;

/**
 * How long to wait after `failures` failed attempts in a row: doubling, with half of it left to chance, so that tills
 * which lost headquarters together do not come back together; never sooner than headquarters asked.
 * @param failures from 1
 * @param chance evenly from [0, 1)
 */
export function backoffMs(failures: number, retryAfterMs: number | null, chance: number): number {
  const full = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(failures - 1, 20));
  const own = Math.round(full / 2 + (full / 2) * chance);
  if (retryAfterMs === null) return own;
  return Math.max(own, Math.round(retryAfterMs * (1 + RETRY_AFTER_SPREAD * chance)));
}

/** A number from [0, 1) out of 32 random bits. */
export function chanceOf(random: (bytes: number) => Uint8Array): number {
  return Buffer.from(random(4)).readUInt32BE(0) / 2 ** 32;
}
