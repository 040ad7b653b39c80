import { ASSURANCE_LEVELS, type AssuranceLevel, type Policy } from '../../contract/decision.ts';
import type { EvidenceMeans, Liveness } from '../../contract/evidence.ts';

/** Rank of a level, 0 = `none`. */
export function rankOf(level: AssuranceLevel): number {
  return ASSURANCE_LEVELS.indexOf(level);
}

/** The weaker of two levels. */
export function weaker(a: AssuranceLevel, b: AssuranceLevel): AssuranceLevel {
  return rankOf(a) <= rankOf(b) ? a : b;
}

/** The stronger of two levels. */
export function stronger(a: AssuranceLevel, b: AssuranceLevel): AssuranceLevel {
  return rankOf(a) >= rankOf(b) ? a : b;
}

/** The most that a proof is worth which counts only with a face of this liveness. */
export function faceMost({ caps }: Policy, liveness: Liveness): AssuranceLevel {
  switch (liveness) {
    case 'vendor':
      return 'strong';
    case 'challenge':
      return caps.faceChallenged ?? 'recognised';
    case 'none':
      return caps.faceUnproven ?? 'claimed';
  }
}

/** The highest row of the table whose means are all there; `none` where no row fits. */
export function levelOf(policy: Policy, means: ReadonlySet<EvidenceMeans>): AssuranceLevel {
  let best: AssuranceLevel = 'none';
  for (const row of policy.levels) {
    if (rankOf(row.level) > rankOf(best) && row.allOf.every((one) => means.has(one)))
      best = row.level;
  }
  return best;
}

/**
 * The means that would lift `means` to `needed` with the fewest further proofs, out of those that the till offers.
 * Empty where no row can do it.
 */
export function missingMeans(
  policy: Policy,
  means: ReadonlySet<EvidenceMeans>,
  needed: AssuranceLevel,
  offered: readonly EvidenceMeans[],
): EvidenceMeans[] {
  const ways = policy.levels
    .filter((row) => rankOf(row.level) >= rankOf(needed))
    .map((row) => row.allOf.filter((one) => !means.has(one)))
    .filter((missing) => missing.every((one) => offered.includes(one)));
  const fewest = Math.min(...ways.map((missing) => missing.length));
  return [...new Set(ways.filter((missing) => missing.length === fewest).flat())];
}
