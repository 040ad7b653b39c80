/** The demo chain keeps Chinese time, which has no daylight saving: UTC+8 all year. */
const OFFSET_MS = 8 * 60 * 60_000;

export const DAY_MS = 24 * 60 * 60_000;

/** The store's calendar day, `YYYY-MM-DD`, of an epoch in milliseconds. */
export function dayOf(epochMs: number): string {
  return new Date(epochMs + OFFSET_MS).toISOString().slice(0, 10);
}
