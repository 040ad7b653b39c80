/** First seed of a comparison: `TILLSIDE_SEED` where given, so that a failure that was printed replays. */
export function firstSeed(fallback: number): number {
  const given = process.env['TILLSIDE_SEED'];
  if (given === undefined || given === '') return fallback;
  const seed = Number(given);
  if (!Number.isSafeInteger(seed))
    throw new Error(`TILLSIDE_SEED must be a whole number: ${given}`);
  return seed;
}
