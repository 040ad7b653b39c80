import type {
  Action,
  AssuranceLevel,
  Decision,
  LockOut,
  Policy,
  TillState,
} from '../../contract/decision.ts';
import { EVIDENCE_MEANS, type Evidence, type EvidenceMeans } from '../../contract/evidence.ts';
import { toInstant } from '../../contract/time.ts';
import { rankOf, weaker } from './assurance.ts';
import { type DecisionReason, reasonText } from './explain-decision.ts';
import { endsAtMs, type Weighed, weigh } from './fusion.ts';
import { type Proven, provenLevel } from './proven-level.ts';
import { stepUps } from './step-ups.ts';

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
  /** Means that were tried too often in vain; those whose time is over are no matter. */
  readonly lockedOut?: readonly LockOut[] | undefined;
  /** The key that signed the policy was taken back, so the policy counts as none. */
  readonly policyRevoked?: boolean | undefined;
  /** Means that this till can ask for; absent = all. */
  readonly offered?: readonly EvidenceMeans[] | undefined;
}

interface Need {
  readonly needed: AssuranceLevel;
  readonly known: boolean;
}

interface Reached {
  readonly level: AssuranceLevel;
  readonly reasons: readonly DecisionReason[];
  /** What counts at this moment. */
  readonly fresh: readonly Evidence[];
  readonly weighed: Weighed | undefined;
  /** The highest level that the till's state allows. */
  readonly cap: AssuranceLevel;
  /** Nothing but somebody's identity could be wrong: an override may help. */
  readonly named: boolean;
}

/**
 * Whether the proof given is enough for an action, by the policy table of DESIGN 5; pure, and in whole numbers. Evidence
 * that has expired or is locked out counts for nothing, evidence about two members contradicts and is refused, what the rest
 * weighs together has to carry the level, and states of the till cap it, each with its own reason. More evidence about the same
 * member never lowers the level.
 */
export function decide(input: DecideInput): Decision {
  const { policy, fault } = policyInForce(input);
  const { needed, known } = needOf(policy, input);
  const locks = locksInForce(input);
  const reached = reach(policy, locks, input);
  const contradicts = reached.reasons.includes('evidence-contradicts');
  const byLevel = !contradicts && rankOf(reached.level) >= rankOf(needed);
  const byOverride = !byLevel && !contradicts && reached.named && overrides(input);
  const enough = byLevel || byOverride;
  const offered = input.offered ?? EVIDENCE_MEANS;
  const open = offered.filter((means) => !locks.some((one) => one.means === means));
  const refusesProof = !enough && !contradicts && open.length < offered.length;
  const reasons = new Set<DecisionReason>([
    ...(byLevel ? (['level-reached'] as const) : []),
    ...(byOverride ? (['overridden'] as const) : []),
    ...(!enough && reached.named && !contradicts ? (['level-too-low'] as const) : []),
    ...reached.reasons,
    ...(refusesProof ? (['locked-out'] as const) : []),
    ...(known ? [] : [fault ?? 'policy-missing']),
  ]);
  const facts = { level: reached.level, needed, locked: locks.map(({ means }) => means) };
  const asks = !enough && !contradicts && rankOf(needed) <= rankOf(reached.cap);
  return {
    outcome: contradicts ? 'refuse' : enough ? 'enough' : 'need-more',
    action: input.action,
    ...(input.amountMinor === undefined ? {} : { amountMinor: input.amountMinor }),
    level: reached.level,
    needed,
    reasons: [...reasons].map((code) => ({ code, text: reasonText(code, facts) })),
    stepUp:
      asks && policy !== undefined
        ? stepUps({ policy, evidence: reached.fresh, needed, offered: open, nowMs: input.nowMs })
        : [],
    evidence: [...input.evidence],
    state: input.state,
    policyVersion: input.policy?.version ?? 0,
    ...(locks.length === 0 ? {} : { lockedOut: [...locks] }),
    ...weightOf(policy, reached, needed, input),
  };
}

/** A policy that has run out, or whose signature counts no more, is none; it is said which. */
function policyInForce({ policy, policyRevoked, nowMs }: DecideInput): {
  readonly policy: Policy | undefined;
  readonly fault?: DecisionReason;
} {
  if (policy === undefined) return { policy };
  if (policyRevoked === true) return { policy: undefined, fault: 'policy-revoked' };
  const isOver = policy.validUntil !== undefined && nowMs >= Date.parse(policy.validUntil);
  return isOver ? { policy: undefined, fault: 'policy-expired' } : { policy };
}

/** Rows of the store's tier go before the general ones; the first that the amount fits counts. */
function needOf(policy: Policy | undefined, { action, amountMinor, storeTier }: DecideInput): Need {
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

function locksInForce({ lockedOut = [], nowMs }: DecideInput): readonly LockOut[] {
  return lockedOut.filter(({ until }) => nowMs < Date.parse(until));
}

function reach(
  policy: Policy | undefined,
  locks: readonly LockOut[],
  { evidence, state, nowMs }: DecideInput,
): Reached {
  const cap = capOf(policy, state);
  const nobody = { level: 'none', fresh: [], weighed: undefined, cap, named: false } as const;
  if (evidence.length === 0) return { ...nobody, reasons: ['not-identified'] };
  if (evidence.some((one) => one.memberId !== evidence[0]?.memberId))
    return { ...nobody, reasons: ['evidence-contradicts'] };
  const lasts = (one: Evidence): boolean => nowMs < endsAtMs(policy?.fusion, one);
  const isLocked = ({ means, at }: Evidence): boolean =>
    locks.some((lock) => lock.means === means && Date.parse(at) >= Date.parse(lock.since));
  const counts = (one: Evidence): boolean => lasts(one) && !isLocked(one);
  const lasting = new Set(evidence.filter(lasts).map(({ means }) => means));
  const all = new Set(evidence.map(({ means }) => means));
  const lost: DecisionReason[] = [
    ...(lasting.size < all.size ? (['evidence-expired'] as const) : []),
    ...(evidence.some((one) => lasts(one) && isLocked(one)) ? (['locked-out'] as const) : []),
  ];
  const fresh = evidence.filter(counts);
  if (fresh.length === 0) return { ...nobody, reasons: lost };
  // Without a table nobody can say what proof is worth; a name is all that is taken from it.
  const proven: Proven =
    policy === undefined
      ? { level: 'claimed', reasons: [], weighed: undefined }
      : provenLevel(policy, evidence, counts);
  const lowered = capsInForce(policy, state).flatMap(([most, reason]) =>
    rankOf(most) < rankOf(proven.level) ? [reason] : [],
  );
  return {
    level: weaker(proven.level, cap),
    fresh,
    weighed: proven.weighed,
    cap,
    named: true,
    reasons: [...lost, ...proven.reasons, ...lowered],
  };
}

/** What the evidence adds up to, where the policy adds up: of nobody, or of two, there is nothing to add. */
function weightOf(
  policy: Policy | undefined,
  { weighed }: Reached,
  needed: AssuranceLevel,
  { evidence, nowMs }: DecideInput,
): Pick<Decision, 'at' | 'weight'> {
  if (policy?.fusion === undefined) return {};
  const { milliNats, shares } = weighed ?? weigh(policy.fusion, evidence, () => false);
  const neededMilliNats = policy.fusion.thresholds[needed] ?? 0;
  return { at: toInstant(nowMs), weight: { milliNats, neededMilliNats, shares } };
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
