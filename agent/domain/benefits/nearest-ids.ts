/** Ids that are named to someone who asked for one that there is not. */
export const NEAREST_IDS_MAX = 5;
/** How like an id must be to be named, from 0 (nothing shared) to 1. */
const LIKENESS_MIN = 0.3;

/**
 * The ids most like a mistyped one, the likest first, at most {@link NEAREST_IDS_MAX}; those that are hardly like it are left out.
 * Likeness is Dice's coefficient over pairs of neighbouring characters, which is linear in the length of the ids.
 */
export function nearestIds(asked: string, ids: readonly string[]): string[] {
  const wanted = pairsOf(asked);
  return ids
    .map((id) => ({ id, likeness: likeness(wanted, pairsOf(id)) }))
    .filter((each) => each.likeness >= LIKENESS_MIN)
    .sort((a, b) => b.likeness - a.likeness || (a.id < b.id ? -1 : 1))
    .slice(0, NEAREST_IDS_MAX)
    .map(({ id }) => id);
}

function pairsOf(id: string): Set<string> {
  const lower = id.toLowerCase();
  return new Set(
    Array.from({ length: Math.max(lower.length - 1, 0) }, (_, at) => lower.slice(at, at + 2)),
  );
}

function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const pair of a) if (b.has(pair)) shared += 1;
  return shared === 0 ? 0 : (2 * shared) / (a.size + b.size);
}
