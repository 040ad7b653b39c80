import type {
  Action,
  AssuranceLevel,
  Decision,
  Policy,
  TillState,
} from '../../contract/decision.ts';
import { EVIDENCE_MEANS, type Evidence, type EvidenceMeans } from '../../contract/evidence.ts';
import { toInstant } from '../../contract/time.ts';
import { faceMost, levelOf, missingMeans, rankOf, stronger, weaker } from './assurance.ts';
import { type DecisionReason, reasonText, stepUpText } from './explain-decision.ts';

/** A manager's word for one action of one identification, with the largest amount it was given for. */
export interface Override {
  readonly action: Action;
  /** Absent = any amount. */
  readonly uptoMinor?: number | undefined;
}

export interface DecideInput {
  /** Absent: the till has no policy; the strictest is assumed and said. */
  readonly policy: Policy | undefined;
  readonly action: Action;
  /** What the action is worth; absent = not known, so only rows without a limit fit. */
  readonly amountMinor?: number | undefined;
  readonly storeTier: string;
  readonly evidence: readonly Evidence[];
  readonly state: TillState;
  readonly nowMs: number;
  readonly override?: Override | undefined;
  /** Means that this till can ask for; absent = all. */
  readonly offered?: readonly EvidenceMeans[] | undefined;
}

interface Need {
  readonly needed: AssuranceLevel;
  readonly known: boolean;
}

interface Reached {
  readonly level: AssuranceLevel;
  readonly reasons: DecisionReason[];
  readonly fresh: ReadonlySet<EvidenceMeans>;
  /** The most that proofs are worth which count only with the face among them; undefined = there is none. */
  readonly faceMost: AssuranceLevel | undefined;
  /** The highest level that the till's state allows. */
  readonly cap: AssuranceLevel;
  /** Nothing but somebody's identity could be wrong: an override may help. */
  readonly named: boolean;
}

/**
 * Whether the proof given is enough for an action, by the policy table of DESIGN 5; pure. Evidence that has expired
 * counts for nothing, evidence about two members contradicts and is refused, and states of the till cap the level,
 * each with its own reason. More evidence about the same member never lowers the level.
 */
export function decide(input: DecideInput): Decision {
  const { needed, known } = needOf(input);
  const reached = reach(input);
  const contradicts = reached.reasons.includes('evidence-contradicts');
  const reasons: DecisionReason[] = [...reached.reasons];
  if (!known) reasons.push('policy-missing');
  const byLevel = !contradicts && rankOf(reached.level) >= rankOf(needed);
  const byOverride = !byLevel && !contradicts && reached.named && overrides(input);
  if (byLevel) reasons.unshift('level-reached');
  else if (byOverride) reasons.unshift('overridden');
  else if (reached.named && !contradicts) reasons.unshift('level-too-low');
  const enough = byLevel || byOverride;
  return {
    outcome: contradicts ? 'refuse' : enough ? 'enough' : 'need-more',
    action: input.action,
    ...(input.amountMinor === undefined ? {} : { amountMinor: input.amountMinor }),
    level: reached.level,
    needed,
    reasons: reasons.map((code) => ({
      code,
      text: reasonText(code, { level: reached.level, needed }),
    })),
    stepUp: enough || contradicts ? [] : stepUps(input, reached, needed),
    evidence: [...input.evidence],
    state: input.state,
    policyVersion: input.policy?.version ?? 0,
  };
}

/** Rows of the store's tier go before the general ones; the first that the amount fits counts. */
function needOf({ policy, action, amountMinor, storeTier }: DecideInput): Need {
  const rows = policy?.actions.filter((row) => row.action === action) ?? [];
  const ordered = [
    ...rows.filter((row) => row.storeTier === storeTier),
    ...rows.filter((row) => row.storeTier === undefined),
  ];
  const row = ordered.find(
    ({ uptoMinor }) =>
      uptoMinor === undefined || (amountMinor !== undefined && amountMinor <= uptoMinor),
  );
  return row === undefined
    ? { needed: 'strong', known: false }
    : { needed: row.needs, known: true };
}

function reach({ policy, evidence, state, nowMs }: DecideInput): Reached {
  const cap = capOf(policy, state);
  const nobody = {
    level: 'none',
    fresh: new Set<EvidenceMeans>(),
    faceMost: undefined,
    cap,
    named: false,
  } as const;
  if (evidence.length === 0) return { ...nobody, reasons: ['not-identified'] };
  if (evidence.some((one) => one.memberId !== evidence[0]?.memberId))
    return { ...nobody, reasons: ['evidence-contradicts'] };
  const counts = evidence.filter((one) => nowMs < Date.parse(one.expiresAt));
  const fresh = new Set(counts.map((one) => one.means));
  const expired: DecisionReason[] =
    fresh.size < new Set(evidence.map((one) => one.means)).size ? ['evidence-expired'] : [];
  if (fresh.size === 0) return { ...nobody, reasons: expired };
  // Without a table nobody can say what proof is worth; a name is all that is taken from it.
  const all = policy === undefined ? 'claimed' : levelOf(policy, fresh);
  const face = policy === undefined ? undefined : faceMostOf(policy, counts);
  const proven = policy === undefined ? all : withFaceCapped(policy, fresh, all, face);
  const unproven: DecisionReason[] = proven === all ? [] : ['capped-liveness'];
  const lowered = capsInForce(policy, state).flatMap(([most, reason]) =>
    rankOf(most) < rankOf(proven) ? [reason] : [],
  );
  const reasons = [...expired, ...unproven, ...lowered];
  return { level: weaker(proven, cap), fresh, faceMost: face, cap, named: true, reasons };
}

/** By the best of the faces given. */
function faceMostOf(policy: Policy, evidence: readonly Evidence[]): AssuranceLevel | undefined {
  const [first, ...more] = evidence
    .filter(({ means }) => means === 'face')
    .map((face) => faceMost(policy, face));
  return first === undefined ? undefined : more.reduce(stronger, first);
}

/** A face lifts no further than its liveness allows, and takes nothing from what the other proofs are worth alone. */
function withFaceCapped(
  policy: Policy,
  fresh: ReadonlySet<EvidenceMeans>,
  all: AssuranceLevel,
  most: AssuranceLevel | undefined,
): AssuranceLevel {
  if (most === undefined) return all;
  const others = new Set([...fresh].filter((one) => one !== 'face'));
  return stronger(levelOf(policy, others), weaker(all, most));
}

/** The states that hold now, each with the most that proof can be worth in it. */
function capsInForce(
  policy: Policy | undefined,
  state: TillState,
): readonly (readonly [AssuranceLevel, DecisionReason])[] {
  if (policy === undefined) return [];
  const { offline, stale, clockUntrusted } = policy.caps;
  return [
    ...(state.offline ? [[offline, 'capped-offline'] as const] : []),
    ...(state.stale ? [[stale, 'capped-stale'] as const] : []),
    ...(state.clockTrusted ? [] : [[clockUntrusted, 'capped-clock'] as const]),
  ];
}

function capOf(policy: Policy | undefined, state: TillState): AssuranceLevel {
  return capsInForce(policy, state).reduce<AssuranceLevel>(
    (least, [most]) => weaker(least, most),
    'strong',
  );
}

function overrides({ override, action, amountMinor }: DecideInput): boolean {
  if (override === undefined || override.action !== action) return false;
  return (
    override.uptoMinor === undefined ||
    (amountMinor !== undefined && amountMinor <= override.uptoMinor)
  );
}

/** No proof helps above the cap, so none is asked for in vain. */
function stepUps(input: DecideInput, reached: Reached, needed: AssuranceLevel): Decision['stepUp'] {
  if (input.policy === undefined || rankOf(needed) > rankOf(reached.cap)) return [];
  const { policy } = input;
  const without = (means: readonly EvidenceMeans[]): EvidenceMeans[] =>
    means.filter((one) => one !== 'face');
  const asked = input.offered ?? EVIDENCE_MEANS;
  // A till can ask for a challenge; what only a vendor's detector lifts is not asked for in vain.
  const challenged = faceMost(policy, { liveness: 'challenge', at: toInstant(input.nowMs) });
  const helps = rankOf(needed) <= rankOf(challenged);
  const offered = helps ? asked : without(asked);
  const counts =
    reached.faceMost === undefined || rankOf(needed) <= rankOf(reached.faceMost)
      ? reached.fresh
      : new Set(without([...reached.fresh]));
  return missingMeans(policy, counts, needed, offered).map((means) => ({
    means,
    text: stepUpText(means),
  }));
}
