import { ASSURANCE_LEVELS, type AssuranceLevel, type Policy } from '../../contract/decision.ts';
import type { EvidenceMeans, Liveness } from '../../contract/evidence.ts';
import type { FaceDetector } from '../../contract/liveness.ts';

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

/** What a face shows of a living person: evidence, or a part of it. */
export interface ShownLiveness {
  readonly liveness?: Liveness | undefined;
  readonly detector?: FaceDetector | undefined;
  /** When it was shown; certificates run out. */
  readonly at: string;
}

/** The most that a proof is worth which counts only with this face. */
export function faceMost(
  policy: Policy,
  { liveness, detector, at }: ShownLiveness,
): AssuranceLevel {
  const { caps } = policy;
  if (liveness === 'challenge') return caps.faceChallenged ?? 'recognised';
  if (liveness === 'vendor' && detector !== undefined && isTrusted(policy, detector, at))
    return detector.level === 'pad-1' ? (caps.facePad1 ?? 'verified') : (caps.facePad2 ?? 'strong');
  return caps.faceUnproven ?? 'claimed';
}

/**
 * Whether the policy names this detector for just this class of attacks, at an instant. A detector that speaks for a class
 * which it is not certified for is another one than the chain has seen.
 */
export function isTrusted(policy: Policy, { product, level }: FaceDetector, at: string): boolean {
  const atMs = Date.parse(at);
  return (policy.faceDetectors ?? []).some(
    (row) => row.product === product && row.level === level && atMs < Date.parse(row.until),
  );
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
