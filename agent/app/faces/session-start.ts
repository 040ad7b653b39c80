import {
  CHALLENGE_STEPS,
  type ChallengeStep,
  err,
  FACE_ENROL_SESSION_MS,
  FACE_SESSION_MS,
  type FaceAgreement,
  type FaceConsentText,
  type FaceOwn,
  type FaceOwnRequest,
  type FaceSession,
  type FaceSessionId,
  type FaceSetting,
  type FaceStart,
  type FaceStarted,
  type FaceWithdrawn,
  type FaceWithdrawRequest,
  type Failure,
  failure,
  ok,
  type Result,
} from '../../contract/index.ts';
import { FACES_FILING_LIMIT } from '../../domain/face-consent/filing-limit.ts';
import { withdrawalReceipt } from '../../domain/face-consent/withdrawal-receipt.ts';
import type { TillContext } from '../context.ts';
import type { DecideFor } from '../decisions.ts';
import type { Identifications } from '../identifications.ts';
import type { StaffSessions } from '../staff-session.ts';
import type { Attempts } from './attempts.ts';
import { createCaptures } from './captures.ts';
import { faceConsentText, faceSettingOf } from './consent.ts';
import type { FaceProofs } from './face-proofs.ts';
import { ownFaces } from './own-faces.ts';
import type { FaceDeps } from './ports.ts';
import type { SessionBoard } from './session-board.ts';
import type { SessionRules } from './session-rules.ts';
import { beginSession, type SessionPlan, viewOf } from './session-state.ts';

/** Movements that one challenge asks for: three of four hold at least one turn, and leave 24 orders to guess among. */
export const CHALLENGE_STEPS_ASKED = 3;

export interface SessionStartParts {
  readonly context: TillContext;
  readonly deps: FaceDeps;
  readonly board: SessionBoard;
  readonly rules: SessionRules;
  readonly attempts: Attempts;
  readonly proofs: FaceProofs;
  readonly identifications: Identifications;
  readonly decideFor: DecideFor;
  readonly staff: StaffSessions;
}

/** What cashier and customer begin, agree to and end. */
export interface SessionStart {
  /**
   * Begins a session, or says which proof an enrolment lacks. Fails with `face-off`, `face-session-open`,
   * `face-member-needed`, `face-member-there`, `face-minor`, `face-full`, `face-not-enrolled`, `face-attempts`, `basket-held`
   * and `basket-settled`.
   */
  start(request: FaceStart): Result<FaceStarted, Failure>;
  /** What the member reads; `face-off` where this till uses no faces. */
  consent(): Result<FaceConsentText, Failure>;
  /** The member agrees, before whoever is signed in. Fails with `face-session-unknown`, `consent-outdated`, `staff-required`. */
  agree(agreement: FaceAgreement): Result<FaceSession, Failure>;
  /** Fails with `face-session-unknown`. */
  cancel(sessionId: FaceSessionId): Result<FaceSession, Failure>;
  /** Ends what the till has of a member's face. Works where faces are switched off, too. Fails with `face-member-needed` and as the withdrawal does. */
  withdraw(request: FaceWithdrawRequest): Promise<Result<FaceWithdrawn, Failure>>;
  /**
   * What this till keeps of the claimed member's face, to whoever could take it back. Works where faces are switched off,
   * too. Fails with `face-member-needed`, and with `face-off` where the till keeps none.
   */
  own(request: FaceOwnRequest): Result<FaceOwn, Failure>;
}

export function createSessionStart(parts: SessionStartParts): SessionStart {
  const { context, deps, board, rules, attempts, proofs, identifications, decideFor, staff } =
    parts;
  type Claimed = NonNullable<ReturnType<FaceProofs['claimed']> & { ok: true }>['value'];

  function claimed(id: FaceStart['identificationId']): Result<Claimed, Failure> {
    const known = id === undefined ? undefined : proofs.claimed(id);
    return known?.ok === true ? known : err(failure('face-member-needed', 'identificationId'));
  }

  function setting(): Result<FaceSetting, Failure> {
    const found = rules.setting();
    return found === undefined ? err(failure('face-off')) : ok(found);
  }

  /** A random order (Fisher and Yates); each draw from 32 bits, whose bias over four is none that helps anybody. */
  function challenge(): ChallengeStep[] {
    const left: ChallengeStep[] = [...CHALLENGE_STEPS];
    return Array.from({ length: CHALLENGE_STEPS_ASKED }, () => {
      const drawn = Buffer.from(context.deps.random(4)).readUInt32BE() % left.length;
      return left.splice(drawn, 1)[0] ?? 'turn-left';
    });
  }

  function plan(request: FaceStart, known: Claimed | null): SessionPlan {
    const { purpose, basketId } = request;
    const lastsMs = purpose === 'enrol' ? FACE_ENROL_SESSION_MS : FACE_SESSION_MS;
    return {
      sessionId: context.newId() as FaceSessionId,
      purpose,
      subject:
        known === null
          ? null
          : { identificationId: known.identificationId, memberId: known.memberId },
      basketId: known?.basketId ?? basketId ?? null,
      // Who enrols has proved who they are by other means, and shows their face from several sides.
      challenge: purpose === 'enrol' ? [] : challenge(),
      expiresAtMs: context.nowMs() + lastsMs,
    };
  }

  function begin(request: FaceStart, known: Claimed | null): Result<FaceStarted, Failure> {
    const session = beginSession(plan(request, known), createCaptures(deps.model));
    board.begin(session);
    return ok({ outcome: 'started', session: viewOf(session) });
  }

  function startWithMember(request: FaceStart): Result<FaceStarted, Failure> {
    const found = claimed(request.identificationId);
    if (!found.ok) return found;
    const known = found.value;
    const member = rules.alive(known.memberId);
    if (member === undefined || !rules.isOldEnough(member)) return err(failure('face-minor'));
    if (request.purpose === 'enrol') {
      // Said before anybody reads, agrees and is looked at.
      const isFull = deps.templates.count() >= FACES_FILING_LIMIT;
      if (isFull && !rules.isEnrolled(known.memberId)) return err(failure('face-full'));
      const decision = decideFor(identifications.proof(known), 'enrol-biometric');
      if (decision.outcome !== 'enough') return ok({ outcome: 'proof-needed', decision });
      return begin(request, known);
    }
    if (!rules.isEnrolled(known.memberId)) return err(failure('face-not-enrolled'));
    const free = attempts.mayTry(known.memberId);
    return free.ok ? begin(request, known) : free;
  }

  return {
    start(request) {
      const on = setting();
      if (!on.ok) return on;
      if (board.isOpen()) return err(failure('face-session-open'));
      if (request.purpose !== 'identify') return startWithMember(request);
      const free = proofs.free(request.basketId ?? null);
      if (!free.ok) return free;
      const may = attempts.mayTry(null);
      return may.ok ? begin(request, null) : may;
    },
    consent: () => faceConsentText({ store: context.store, place: () => context.deps.place }),
    agree(agreement) {
      const found = board.open(agreement.sessionId);
      if (!found.ok) return found;
      const session = found.value;
      if (session.purpose !== 'enrol') return err(failure('face-session-unknown', 'sessionId'));
      const on = setting();
      if (!on.ok) return on;
      const { textVersion } = on.value;
      if (agreement.textVersion !== textVersion)
        return err(failure('consent-outdated', 'textVersion', { consentVersion: textVersion }));
      const staffId = staff.forEntry({ kind: 'screen' }, undefined);
      if (!staffId.ok) return staffId;
      session.agreement = { ...agreement, staffId: staffId.value, atMs: context.nowMs() };
      board.changed();
      return ok(viewOf(session));
    },
    cancel(sessionId) {
      const found = board.open(sessionId);
      if (!found.ok) return found;
      board.end(found.value, { outcome: 'ended', reason: 'cancelled' });
      return ok(viewOf(found.value));
    },
    async withdraw({ identificationId, by }) {
      const found = claimed(identificationId);
      if (!found.ok) return found;
      const known = found.value;
      const staffId = staff.forEntry({ kind: 'screen' }, undefined);
      if (!staffId.ok) return staffId;
      const decision = decideFor(identifications.proof(known), 'withdraw-consent');
      if (decision.outcome !== 'enough') return ok({ outcome: 'proof-needed', decision });
      const { memberId } = known;
      const done = await deps.enrolments.withdraw({
        memberId,
        channel: by === 'customer' ? 'customer-screen' : 'staff',
        staffId: staffId.value,
      });
      // A disk may fail behind the keys: what opens no more proves nothing from here on.
      const isOver = done.ok || !rules.isEnrolled(memberId);
      if (isOver && board.current()?.subject?.memberId === memberId)
        board.stop('consent-withdrawn');
      const dropped = proofs.drop(rules.isEnrolled);
      if (!done.ok) return done;
      if (!dropped.ok) return dropped;
      const { withdrawalId, templateIds, at } = done.value;
      const destroyed = templateIds.length;
      const { effect } = withdrawalReceipt(done.value, null);
      return ok({ outcome: 'withdrawn', withdrawalId, destroyed, at, effect });
    },
    own({ identificationId }) {
      const found = claimed(identificationId);
      if (!found.ok) return found;
      if (deps.keeper === undefined) return err(failure('face-off'));
      const decision = decideFor(identifications.proof(found.value), 'withdraw-consent');
      if (decision.outcome !== 'enough') return ok({ outcome: 'proof-needed', decision });
      return ok(ownFaces(deps.keeper.heldOf(found.value.memberId), faceSettingOf(context)));
    },
  };
}
