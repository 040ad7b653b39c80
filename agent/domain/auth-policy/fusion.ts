import {
  ASSURANCE_LEVELS,
  type AssuranceLevel,
  type DecisionWeight,
  type Fusion,
} from '../../contract/decision.ts';
import type { Evidence, EvidenceMeans } from '../../contract/evidence.ts';
import { lnMilliNats } from './ln-milli-nats.ts';

export type Share = DecisionWeight['shares'][number];
export type Weighed = Pick<DecisionWeight, 'milliNats' | 'shares'>;

/**
 * Adds up what pieces of evidence about one member say, as log-likelihood ratios in thousandths of a nat: the odds of
 * independent proofs multiply, so their logarithms add. Of proofs that fall together only the strongest counts, and one that a
 * search chose among n members is worth ln n less, because each of them was a chance to be like the one at the till. No piece
 * counts for less than nothing, so more evidence never lowers the sum.
 * @param counts whether a piece counts at this moment; the others have a share of 0
 */
export function weigh(
  fusion: Fusion,
  evidence: readonly Evidence[],
  counts: (one: Evidence) => boolean,
): Weighed {
  const alone = evidence.map((one) => (counts(one) ? shareOf(fusion, one) : nothing(one.means)));
  const strongest = new Map<EvidenceMeans, number>();
  for (const [index, { means, countedMilliNats }] of alone.entries()) {
    const best = strongest.get(means);
    if (best === undefined || countedMilliNats > (alone[best]?.countedMilliNats ?? 0))
      strongest.set(means, index);
  }
  const chosen = heaviest(fusion.dependent, [...strongest.values()], alone);
  const shares = alone.map((share, index) =>
    chosen.has(index) ? share : { ...share, countedMilliNats: 0 },
  );
  return { milliNats: sumOf(shares), shares };
}

/** When a piece of evidence ends to count: its own time, or that of its means where it is shorter. */
export function endsAtMs(fusion: Fusion | undefined, { means, at, expiresAt }: Evidence): number {
  const own = Date.parse(expiresAt);
  const ttlSeconds = fusion?.means[means]?.ttlSeconds;
  return ttlSeconds === undefined ? own : Math.min(own, Date.parse(at) + ttlSeconds * 1_000);
}

/** The highest level up to `most` that a sum carries. */
export function carried(
  { thresholds }: Fusion,
  most: AssuranceLevel,
  milliNats: number,
): AssuranceLevel {
  const allowed = ASSURANCE_LEVELS.slice(0, ASSURANCE_LEVELS.indexOf(most) + 1);
  return allowed.findLast((level) => milliNats >= (thresholds[level] ?? 0)) ?? 'none';
}

function shareOf({ means: rows }: Fusion, { means, scoreMilliNats, among = 1 }: Evidence): Share {
  const row = rows[means];
  if (row === undefined) return nothing(means);
  const { weightMilliNats: standard, capMilliNats = standard } = row;
  const weightMilliNats = Math.max(0, Math.min(scoreMilliNats ?? standard, capMilliNats));
  // 0 - x, because -0 is another number to some who compare.
  const priorMilliNats = 0 - lnMilliNats(among);
  return {
    means,
    weightMilliNats,
    priorMilliNats,
    countedMilliNats: Math.max(0, weightMilliNats + priorMilliNats),
  };
}

function nothing(means: EvidenceMeans): Share {
  return { means, weightMilliNats: 0, priorMilliNats: 0, countedMilliNats: 0 };
}

/**
 * Of these shares, one for each means, those that weigh most together with no two of one group. Every choice is tried: there
 * are as many as subsets of the means, 256 at most. The first of equal ones counts, so the answer is always the same.
 */
function heaviest(
  groups: Fusion['dependent'],
  candidates: readonly number[],
  shares: readonly Share[],
): ReadonlySet<number> {
  let best: readonly number[] = [];
  let most = -1;
  const meansOf = (index: number): EvidenceMeans | undefined => shares[index]?.means;
  const excludes = (a: number, b: number): boolean =>
    groups.some((group) => [a, b].every((one) => group.some((means) => means === meansOf(one))));
  function choose(at: number, chosen: readonly number[], sum: number): void {
    const next = candidates[at];
    if (next === undefined) {
      if (sum > most) [best, most] = [chosen, sum];
      return;
    }
    if (!chosen.some((one) => excludes(one, next)))
      choose(at + 1, [...chosen, next], sum + (shares[next]?.countedMilliNats ?? 0));
    choose(at + 1, chosen, sum);
  }
  choose(0, [], 0);
  return new Set(best);
}

function sumOf(shares: readonly Share[]): number {
  return shares.reduce((sum, { countedMilliNats }) => sum + countedMilliNats, 0);
}
