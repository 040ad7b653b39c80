import type {
  ErrorCode,
  FaceReason,
  Failure,
  MemberId,
  Policy,
  Result,
  StaffId,
} from '../../contract/index.ts';
import { toInstant } from '../../contract/index.ts';
import { faceMost, isTrusted, rankOf } from '../../domain/auth-policy/assurance.ts';
import type { TillContext } from '../context.ts';
import type { DecideFor } from '../decisions.ts';
import type { Identifications } from '../identifications.ts';
import type { Attempts } from './attempts.ts';
import type { ConfirmedPairs } from './confirmed-pairs.ts';
import type { FaceProofs, Seen } from './face-proofs.ts';
import { type FoundByFace, identifyFrames, verifyFrames } from './judge-frames.ts';
import type { FaceDeps } from './ports.ts';
import type { SessionBoard } from './session-board.ts';
import type { SessionRules } from './session-rules.ts';
import type { OpenSession } from './session-state.ts';

/** Times that the frames of one session are compared with the claimed member before it is given up. */
export const VERIFY_ROUNDS_MAX = 3;

export interface SessionJudgeParts {
  readonly context: TillContext;
  readonly deps: FaceDeps;
  readonly board: SessionBoard;
  readonly rules: SessionRules;
  readonly attempts: Attempts;
  readonly proofs: FaceProofs;
  readonly identifications: Identifications;
  readonly decideFor: DecideFor;
  readonly pairs: ConfirmedPairs | undefined;
  /** The policy in force; undefined = there is none. */
  readonly policy: () => Policy | undefined;
}

/** What speaks for a living person. */
type Proven = Pick<Seen, 'liveness' | 'detector'>;

/**
 * Judges the frames of a session and ends it, or leaves it open for further frames. Every word on a member is said at the
 * very last moment, without waiting for anything after it: what changed while templates were searched counts.
 */
export function createSessionJudge(
  parts: SessionJudgeParts,
): (session: OpenSession) => Promise<void> {
  const { context, deps, board, rules, attempts, proofs, identifications, decideFor, pairs } =
    parts;
  const judging = {
    gallery: deps.gallery,
    model: deps.model,
    alive: (enrolledAs: MemberId) => rules.alive(enrolledAs)?.memberId,
  };

  const refuse = (session: OpenSession, reason: FaceReason, problem?: ErrorCode): void =>
    board.end(session, { outcome: 'refused', reason, problem });

  /** A detector counts where the policy names it for what it says, and makes nothing worth less than the challenge did. */
  async function livenessOf(session: OpenSession): Promise<Proven | 'not-live'> {
    const verdict = await deps.liveness?.verdict(session.sessionId);
    if (verdict?.kind === 'not-live') return 'not-live';
    const moved: Proven = { liveness: session.moved === 'passed' ? 'challenge' : 'none' };
    const policy = parts.policy();
    if (verdict?.kind !== 'live' || policy === undefined) return moved;
    const { detector } = verdict;
    const at = toInstant(context.nowMs());
    if (!isTrusted(policy, detector, at)) {
      context.deps.log('warn', 'the policy trusts no such liveness detector', { ...detector });
      return moved;
    }
    const seen: Proven = { liveness: 'vendor', detector };
    const worth = (one: Proven): number => rankOf(faceMost(policy, { ...one, at }));
    return worth(seen) >= worth(moved) ? seen : moved;
  }

  /** Counted before the comparison, once a session. False = no more may be made; the session has ended. */
  function counts(session: OpenSession): boolean {
    if (session.forgive !== null) return true;
    const memberId = session.subject?.memberId ?? null;
    if (!attempts.mayTry(memberId).ok) {
      refuse(session, 'attempts');
      return false;
    }
    session.forgive = attempts.take(memberId);
    return true;
  }

  /** Nothing where the gallery does not answer: nobody was compared, so no attempt was made, and the session is over. */
  async function answered<T>(session: OpenSession, search: Promise<T>): Promise<T | undefined> {
    try {
      return await search;
    } catch (error) {
      context.deps.log('error', 'the gallery of faces does not answer', {
        error: error instanceof Error ? error.name : typeof error,
      });
      session.forgive?.();
      refuse(session, 'not-taken', 'face-busy');
      return undefined;
    }
  }

  function seen(session: OpenSession, found: FoundByFace, proven: Proven): Seen {
    const qualityBp = Math.min(...session.captures.all.map((one) => one.qualityBp));
    return { memberId: found.memberId, distance: found.distance, qualityBp, ...proven };
  }

  /** Ends the session by what came of handing its result on. */
  function conclude<T>(
    session: OpenSession,
    done: Result<T, Failure>,
    well: (value: T) => Parameters<SessionBoard['end']>[1],
  ): void {
    if (done.ok) return board.end(session, well(done.value));
    refuse(session, 'not-taken', done.error.code);
  }

  async function verify(session: OpenSession): Promise<void> {
    const { subject } = session;
    if (subject === null || !counts(session)) return;
    const claimed = proofs.claimed(subject.identificationId);
    if (!claimed.ok) return refuse(session, 'member-changed');
    const { memberId } = claimed.value;
    const anybody = deps.pairs?.anybody();
    const answer = await answered(
      session,
      verifyFrames(judging, memberId, session.captures.all, anybody),
    );
    if (answer === undefined) return;
    // The first look alone: a second one is taken of those only whom the first did not please.
    if (session.rounds === 0 && answer.compared !== undefined)
      pairs?.compared(claimed.value, answer.compared);
    if (session.end !== null) return;
    if (answer.kind === 'no-match') return refuse(session, 'no-match');
    if (answer.kind === 'unsure') {
      session.rounds += 1;
      if (session.rounds >= VERIFY_ROUNDS_MAX) return refuse(session, 'unsure');
      return session.captures.again();
    }
    const liveness = await livenessOf(session);
    if (session.end !== null) return;
    if (liveness === 'not-live') return refuse(session, 'not-live');
    const { found } = answer;
    const objection = rules.objection(found);
    if (objection !== undefined) return refuse(session, objection);
    const done = proofs.proved(subject.identificationId, seen(session, found, liveness));
    conclude(session, done, ({ identificationId }) => ({
      outcome: 'recognised',
      identificationId,
    }));
    if (!done.ok) return;
    session.forgive?.();
    deps.templates.seen(found.enrolledAs);
  }

  async function identify(session: OpenSession): Promise<void> {
    // Whom a picture shows must not be told to whoever holds it up.
    if (session.moved === 'timed-out') return refuse(session, 'challenge');
    if (!counts(session)) return;
    const answer = await answered(session, identifyFrames(judging, session.captures.all));
    if (answer === undefined || session.end !== null) return;
    const liveness = await livenessOf(session);
    if (session.end !== null) return;
    if (liveness === 'not-live') return refuse(session, 'not-live');
    if (answer.kind === 'unknown') return board.end(session, { outcome: 'unknown' });
    const objections = answer.people.map((found) => rules.objection(found));
    const people = answer.people.filter((_, at) => objections[at] === undefined);
    if (people.length === 0) return nobodyLeft(session, objections);
    const done = proofs.suggested(
      people.map((found) => ({ ...seen(session, found, liveness), among: answer.among })),
      session.basketId,
    );
    conclude(session, done, ({ identificationId }) => ({ outcome: 'shortlist', identificationId }));
    if (done.ok) session.forgive?.();
  }

  /** Whoever has withdrawn is a stranger again; what the cashier can help with is said, and of whom is not. */
  function nobodyLeft(session: OpenSession, objections: readonly (FaceReason | undefined)[]): void {
    const told = objections.find((one) => one !== 'consent-withdrawn' && one !== 'member-changed');
    if (told === undefined) board.end(session, { outcome: 'unknown' });
    else refuse(session, told);
  }

  async function enrol(session: OpenSession): Promise<void> {
    const { subject, agreement } = session;
    if (subject === null || agreement === null) return;
    const claimed = proofs.claimed(subject.identificationId);
    if (!claimed.ok || claimed.value.memberId !== subject.memberId)
      return refuse(session, 'member-changed');
    const member = rules.alive(subject.memberId);
    if (rules.setting()?.textVersion !== agreement.textVersion)
      return refuse(session, 'not-taken', 'consent-outdated');
    if (member === undefined || !rules.isOldEnough(member)) return refuse(session, 'minor');
    const proof = identifications.proof(claimed.value);
    if (decideFor(proof, 'enrol-biometric').outcome !== 'enough')
      return refuse(session, 'proof-gone');
    // Of its own: the session may end meanwhile, and overwrites what it holds.
    const captures = session.captures.all.map(({ descriptor }) => descriptor.slice());
    const done = await deps.enrolments.enrol({
      memberId: subject.memberId,
      scope: agreement.scope,
      textVersion: agreement.textVersion,
      language: agreement.language,
      witnessId: agreement.staffId,
      agreedAtMs: agreement.atMs,
      model: deps.model.model,
      captures,
    });
    for (const descriptor of captures) descriptor.fill(0);
    if (session.end === null) return conclude(session, done, () => ({ outcome: 'enrolled' }));
    if (done.ok) await undo(subject.memberId, agreement.staffId);
  }

  /** The screen said that nothing came of it while the template was being made: then nothing does. */
  async function undo(memberId: MemberId, staffId: StaffId): Promise<void> {
    const undone = await deps.enrolments.withdraw({
      memberId,
      channel: 'customer-screen',
      staffId,
    });
    if (!undone.ok)
      context.deps.log('error', 'an enrolment that was cancelled could not be taken back', {
        code: undone.error.code,
      });
  }

  return (session) => {
    switch (session.purpose) {
      case 'verify':
        return verify(session);
      case 'identify':
        return identify(session);
      case 'enrol':
        return enrol(session);
    }
  };
}
