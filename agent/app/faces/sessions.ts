import {
  type CaptureMessage,
  type CaptureOpened,
  type CaptureTaken,
  type CaptureWanted,
  type EventBody,
  err,
  type FaceSessionId,
  type FaceWatch,
  type Failure,
  failure,
  type Member,
  ok,
  type Result,
} from '../../contract/index.ts';
import type { TillContext } from '../context.ts';
import type { DecideFor } from '../decisions.ts';
import type { Timers } from '../deps.ts';
import type { Identifications } from '../identifications.ts';
import type { Identify } from '../identify.ts';
import type { RulesSource } from '../rules-source.ts';
import type { StaffSessions } from '../staff-session.ts';
import { createAttempts } from './attempts.ts';
import { createConfirmedPairs } from './confirmed-pairs.ts';
import { faceSettingOf } from './consent.ts';
import { createFaceProofs } from './face-proofs.ts';
import { facePause } from './pause.ts';
import type { FaceDeps } from './ports.ts';
import { createSessionBoard } from './session-board.ts';
import { createSessionFrames } from './session-frames.ts';
import { createSessionJudge } from './session-judge.ts';
import type { SessionRules } from './session-rules.ts';
import { createSessionStart, type SessionStart } from './session-start.ts';
import type { OpenSession } from './session-state.ts';
import { createWaiters } from './session-waiters.ts';

/** Face sessions as the screens and the capture page use them. */
export interface FaceSessions extends SessionStart {
  /** What a screen shows; waits for a change beyond `seen`. */
  watch(seen: number | undefined, signal?: AbortSignal): Promise<Result<FaceWatch, Failure>>;
  /** What the capture page is to do; waits while that is the session `seen`. */
  wanted(
    seen: FaceSessionId | null | undefined,
    signal?: AbortSignal,
  ): Promise<Result<CaptureWanted, Failure>>;
  open(sessionId: FaceSessionId): Promise<Result<CaptureOpened, Failure>>;
  send(message: CaptureMessage): Promise<Result<CaptureTaken, Failure>>;
}

/** The sessions, and what the till tells them. */
export interface FaceSessionsRun {
  readonly useCases: FaceSessions;
  /** Something happened at the till that may end a session. */
  onEvent(body: EventBody): void;
  /** What is known of who stands here changed. */
  onIdentified(): void;
  /** Templates, members or the setting may have changed. */
  onApplied(): void;
  close(): void;
}

export interface FaceSessionsParts {
  readonly context: TillContext;
  readonly deps: FaceDeps;
  readonly sessionRules: SessionRules;
  readonly identifications: Identifications;
  readonly identify: Identify;
  readonly rules: RulesSource;
  readonly decideFor: DecideFor;
  readonly staff: StaffSessions;
}

/** Face sessions over gallery, templates and the identification flow. */
export function createFaceSessions(parts: FaceSessionsParts): FaceSessionsRun {
  const { context, deps, sessionRules, staff } = parts;
  const board = createSessionBoard(
    context,
    () => sessionRules.setting() !== undefined,
    (sessionId) => deps.liveness?.cancel(sessionId),
  );
  const attempts = createAttempts(context.store.meta, context.nowMs);
  const proofs = createFaceProofs({
    ...parts,
    model: deps.model,
    deviceId: deps.deviceId,
  });
  const pairs = deps.pairs && createConfirmedPairs(parts.identifications, deps.pairs);
  const whole = {
    ...parts,
    policy: parts.rules.policy,
    rules: sessionRules,
    board,
    attempts,
    proofs,
    pairs,
  };
  const frames = createSessionFrames({
    context,
    deps,
    board,
    mayGoOn,
    judge: createSessionJudge(whole),
  });

  function off(): Pick<FaceWatch, 'off'> {
    if (facePause(context.store.meta) !== undefined) return { off: 'paused' };
    const isSet = faceSettingOf(context) !== undefined;
    return isSet && sessionRules.setting() === undefined ? { off: 'store-off' } : {};
  }

  /** A lock that the disk could not note tells nobody, so each frame asks. */
  function mayGoOn(session: OpenSession): boolean {
    const reason = !staff.allows({ kind: 'screen' }).ok
      ? 'signed-out'
      : sessionRules.setting() === undefined
        ? 'switched-off'
        : undefined;
    if (reason !== undefined) board.end(session, { outcome: 'ended', reason });
    return reason === undefined;
  }

  return {
    useCases: {
      ...createSessionStart(whole),
      watch: async (seen, signal) =>
        ok({ ...(await board.watch(seen, signal)), ...off(), refused: frames.refused() }),
      wanted: async (seen, signal) =>
        ok({ ...(await board.wanted(seen, signal)), simulated: deps.isCameraSimulated ?? false }),
      open: frames.open,
      send: frames.send,
    },
    onEvent(body) {
      const away =
        body.kind === 'staff' && (body.state === 'signed-out' || body.state === 'locked');
      const session = board.current();
      // At a screen where nobody may act nothing of the last shopper stays.
      if (away && session?.end != null) return board.clear();
      if (session === null || session.end !== null) return;
      if (away) board.stop('signed-out');
      if (
        body.kind === 'basket' &&
        body.basketId === session.basketId &&
        (body.state === 'COMMITTED' || body.state === 'VOIDED')
      )
        board.stop('sale-ended');
      if (
        body.kind === 'identification' &&
        body.identification.identificationId === session.subject?.identificationId &&
        body.identification.outcome !== 'identified'
      )
        board.stop(body.identification.outcome === 'blocked' ? 'blocked' : 'member-changed');
    },
    // One gives way to another in two steps; what counts is how they stand after both.
    onIdentified: () => queueMicrotask(() => pairs?.look()),
    onApplied() {
      const session = board.current();
      if (session !== null && session.end === null) mayGoOn(session);
      const dropped = proofs.drop(sessionRules.isEnrolled);
      if (!dropped.ok)
        context.deps.log('error', 'faces of members who withdrew could not be taken out', {
          code: dropped.error.code,
        });
      // Whether the till uses faces may have changed, for whoever watches.
      board.changed();
    },
    close: board.close,
  };
}

/** A till without what faces need: every use case says so. */
export function noFaceSessions(timers: Timers): FaceSessions {
  const off = (): Result<never, Failure> => err(failure('face-off'));
  const waiters = createWaiters(timers);
  return {
    start: off,
    consent: off,
    agree: off,
    cancel: off,
    withdraw: async () => off(),
    own: off,
    async watch(seen, signal) {
      if (seen === 0) await waiters.wait(signal);
      return ok({ rev: 0, on: false, session: null, refused: 0 });
    },
    async wanted(seen, signal) {
      if (seen === null) await waiters.wait(signal);
      return ok({ session: null, simulated: false });
    },
    open: async () => off(),
    send: async () => off(),
  };
}

/** Whether a member's face can be asked for as a further proof. */
export function offersFace(rules: SessionRules, { memberId }: Member): boolean {
  return rules.setting() !== undefined && rules.isEnrolled(memberId);
}
