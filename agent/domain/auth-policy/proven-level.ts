import type { AssuranceLevel, Policy } from '../../contract/decision.ts';
import type { Evidence, EvidenceMeans } from '../../contract/evidence.ts';
import { faceMost, levelOf, rankOf, stronger, weaker } from './assurance.ts';
import type { DecisionReason } from './explain-decision.ts';
import { carried, type Weighed, weigh } from './fusion.ts';

/** What proofs about one member are worth, whatever state the till is in. */
export interface Proven {
  readonly level: AssuranceLevel;
  /** What kept the level from being higher. */
  readonly reasons: readonly DecisionReason[];
  /** Of the proofs that give the level; undefined where the policy adds nothing up. */
  readonly weighed: Weighed | undefined;
}

type Counts = (one: Evidence) => boolean;

/**
 * The level that evidence about one member gives: the highest row of the table whose means are all there, no further than the
 * liveness of a face allows, and no further than their sum carries. A face takes nothing from what the other proofs are worth
 * alone, so both ways are tried and the better one counts.
 * @param counts whether a piece counts at this moment
 */
export function provenLevel(policy: Policy, evidence: readonly Evidence[], counts: Counts): Proven {
  const fresh = evidence.filter(counts);
  const most = faceMostOf(policy, fresh);
  const others = (one: Evidence): boolean => one.means !== 'face' && counts(one);
  const listed = levelOf(policy, meansOf(fresh));
  const lively = most === undefined ? listed : weaker(listed, most);
  const alone = most === undefined ? 'none' : levelOf(policy, meansOf(evidence.filter(others)));
  const allowed = stronger(lively, alone);
  const unproven: DecisionReason[] = allowed === listed ? [] : ['capped-liveness'];
  const { fusion } = policy;
  if (fusion === undefined) return { level: allowed, reasons: unproven, weighed: undefined };
  const together = weigh(fusion, evidence, counts);
  const withFace = carried(fusion, lively, together.milliNats);
  if (most === undefined || alone === 'none') return proven(withFace, allowed, unproven, together);
  const rest = weigh(fusion, evidence, others);
  const withoutFace = carried(fusion, alone, rest.milliNats);
  return rankOf(withFace) >= rankOf(withoutFace)
    ? proven(withFace, allowed, unproven, together)
    : proven(withoutFace, allowed, unproven, rest);
}

function proven(
  level: AssuranceLevel,
  allowed: AssuranceLevel,
  unproven: readonly DecisionReason[],
  weighed: Weighed,
): Proven {
  const light: DecisionReason[] = rankOf(level) < rankOf(allowed) ? ['too-light'] : [];
  return { level, reasons: [...unproven, ...light], weighed };
}

/** By the best of the faces given; undefined = there is none. */
function faceMostOf(policy: Policy, evidence: readonly Evidence[]): AssuranceLevel | undefined {
  const [first, ...more] = evidence
    .filter(({ means }) => means === 'face')
    .map((face) => faceMost(policy, face));
  return first === undefined ? undefined : more.reduce(stronger, first);
}

function meansOf(evidence: readonly Evidence[]): ReadonlySet<EvidenceMeans> {
  return new Set(evidence.map(({ means }) => means));
}
