import type { AssuranceLevel, Decision, Policy } from '../../contract/decision.ts';
import {
  EVIDENCE_MEANS,
  type Evidence,
  type EvidenceMeans,
  KIND_OF_MEANS,
} from '../../contract/evidence.ts';
import { toInstant } from '../../contract/time.ts';
import { rankOf } from './assurance.ts';
import { stepUpText } from './explain-decision.ts';
import { provenLevel } from './proven-level.ts';

export interface StepUpInput {
  readonly policy: Policy;
  /** What counts at this moment, all of it about one member. */
  readonly evidence: readonly Evidence[];
  readonly needed: AssuranceLevel;
  /** Means that the till can ask for. */
  readonly offered: readonly EvidenceMeans[];
  readonly nowMs: number;
}

/**
 * The means that would lift the level to `needed` with the fewest further proofs, out of those that the till offers, each
 * taken for what its means weighs and a face for one with a challenge: what only a vendor's detector lifts is not asked for in
 * vain. One that was shown already is asked for again where a better one would do. Empty where nothing helps.
 */
export function stepUps(input: StepUpInput): Decision['stepUp'] {
  const { policy, needed } = input;
  const offered = EVIDENCE_MEANS.filter((one) => input.offered.includes(one));
  if (!reaches(input, offered)) return [];
  for (let size = 1; size <= offered.length; size += 1) {
    const ways = choices(offered, size).filter((chosen) => reaches(input, chosen));
    if (ways.length > 0)
      return inOrderOf(policy, needed, new Set(ways.flat())).map((means) => ({
        means,
        text: stepUpText(means),
      }));
  }
  return [];
}

function reaches(
  { policy, evidence, needed, nowMs }: StepUpInput,
  more: readonly EvidenceMeans[],
): boolean {
  const about = evidence[0]?.memberId ?? ANYBODY;
  const given = more.map((means) => imagined(means, about, nowMs));
  const { level } = provenLevel(policy, [...evidence, ...given], () => true);
  return rankOf(level) >= rankOf(needed);
}

/** Stands for whoever will be named: a guess about nobody is compared with nothing. */
const ANYBODY = 'anybody' as Evidence['memberId'];

function imagined(means: EvidenceMeans, memberId: Evidence['memberId'], nowMs: number): Evidence {
  const at = toInstant(nowMs);
  return {
    means,
    kind: KIND_OF_MEANS[means],
    source: 'cashier',
    memberId,
    claim: false,
    ...(means === 'face' ? { liveness: 'challenge' as const } : {}),
    at,
    expiresAt: at,
  };
}

/** Every choice of `size` of these. */
function choices(of: readonly EvidenceMeans[], size: number): (readonly EvidenceMeans[])[] {
  if (size === 0) return [[]];
  return of.flatMap((first, index) =>
    choices(of.slice(index + 1), size - 1).map((rest) => [first, ...rest]),
  );
}

/** As the chain's table lists them, so that whoever writes it says what the cashier asks for first. */
function inOrderOf(
  { levels }: Policy,
  needed: AssuranceLevel,
  chosen: ReadonlySet<EvidenceMeans>,
): EvidenceMeans[] {
  const listed = levels
    .filter((row) => rankOf(row.level) >= rankOf(needed))
    .flatMap(({ allOf }) => allOf)
    .filter((one) => chosen.has(one));
  return [...new Set([...listed, ...chosen])];
}
