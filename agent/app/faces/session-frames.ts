import {
  type CaptureMessage,
  type CaptureOpened,
  type CaptureTaken,
  err,
  type FaceFrame,
  type FaceSessionId,
  type Failure,
  failure,
  ok,
  type Result,
  SESSION_MAX_FRAMES,
  SESSION_MAX_OPENS,
} from '../../contract/index.ts';
import type { TillContext } from '../context.ts';
import { createInTurn } from '../in-turn.ts';
import { createCaptureChannel } from './capture-channel.ts';
import { canJudge } from './judge-frames.ts';
import type { FaceDeps } from './ports.ts';
import type { SessionBoard } from './session-board.ts';
import { type OpenSession, wantsCamera } from './session-state.ts';

export interface SessionFramesParts {
  readonly context: TillContext;
  readonly deps: Pick<FaceDeps, 'model' | 'isPack'>;
  readonly board: SessionBoard;
  /** Whether the session may go on: somebody is signed in and the store uses faces. Ends it where not. */
  readonly mayGoOn: (session: OpenSession) => boolean;
  /** Judges the frames of a session that has enough. Never throws for expected outcomes. */
  readonly judge: (session: OpenSession) => Promise<void>;
}

/** The capture page's way into a session. */
export interface SessionFrames {
  /**
   * Makes a key pair for the frames of a session; whatever was sealed to one before is void. Fails with
   * `face-session-unknown` and `capture-full`.
   */
  open(sessionId: FaceSessionId): Promise<Result<CaptureOpened, Failure>>;
  /**
   * Takes one sealed frame. Fails with `face-session-unknown`, `capture-full`, as the channel does, and with
   * `capture-descriptor`.
   */
  send(message: CaptureMessage): Promise<Result<CaptureTaken, Failure>>;
  /** Messages refused since the till started. */
  refused(): number;
}

/** Frames are taken one after the other, so that the order holds and one is judged at a time. */
export function createSessionFrames(parts: SessionFramesParts): SessionFrames {
  const { context, deps, board, mayGoOn, judge } = parts;
  const inTurn = createInTurn();
  let count = 0;

  function refused(refusal: Failure): Result<never, Failure> {
    count += 1;
    context.deps.log('warn', 'a message of the capture page was refused', { code: refusal.code });
    return err(refusal);
  }

  /** The session that these frames are for, where its camera is to run. */
  function running(sessionId: FaceSessionId): Result<OpenSession, Failure> {
    const found = board.open(sessionId);
    if (!found.ok) return found;
    return mayGoOn(found.value) && wantsCamera(found.value)
      ? found
      : err(failure('face-session-unknown', 'sessionId'));
  }

  async function open(sessionId: FaceSessionId): Promise<Result<CaptureOpened, Failure>> {
    const found = running(sessionId);
    if (!found.ok) return refused(found.error);
    const session = found.value;
    if (session.opens >= SESSION_MAX_OPENS) return refused(failure('capture-full', 'sessionId'));
    session.opens += 1;
    const channel = await createCaptureChannel(sessionId, (bytes) => context.deps.random(bytes));
    if (session.end !== null) return refused(failure('face-session-unknown', 'sessionId'));
    session.channel = channel;
    // Begun anew: what was asked for and seen before belongs to a page that is gone.
    session.captures.wipe();
    session.moved = session.challenge.length === 0 ? 'not-asked' : 'asked';
    session.step = null;
    session.trouble = null;
    board.changed();
    const { model, isPack = false } = deps;
    return ok({ publicKey: channel.publicKey, model: model.model, isPack });
  }

  async function send(message: CaptureMessage): Promise<Result<CaptureTaken, Failure>> {
    const found = running(message.sessionId);
    if (!found.ok) return refused(found.error);
    const session = found.value;
    session.messages += 1;
    if (session.messages > SESSION_MAX_FRAMES) {
      board.end(session, { outcome: 'ended', reason: 'too-many-frames' });
      return refused(failure('capture-full', 'sessionId'));
    }
    const { channel } = session;
    if (channel === null) return refused(failure('capture-sealed', 'enc'));
    const frame = await channel.open(message);
    if (!frame.ok) return refused(frame.error);
    if (!running(message.sessionId).ok)
      return refused(failure('face-session-unknown', 'sessionId'));
    const taken = take(session, frame.value);
    if (!taken.ok) return refused(taken.error);
    if (session.end === null && isReady(session)) await judge(session);
    board.changed();
    return ok({ next: channel.next(), wanted: session.end === null });
  }

  function take(session: OpenSession, frame: FaceFrame): Result<void, Failure> {
    session.looking = true;
    session.trouble = null;
    switch (frame.kind) {
      case 'trouble':
        session.trouble = frame.trouble;
        return ok(undefined);
      case 'fault':
        session.fault = frame.fault;
        return ok(undefined);
      case 'step':
        session.step = frame.step;
        return ok(undefined);
      case 'challenge':
        session.step = null;
        // The first word on it stands: a challenge that failed is not tried again in the same session.
        if (session.moved !== 'asked') return ok(undefined);
        if (frame.result === 'failed')
          board.end(session, { outcome: 'refused', reason: 'challenge' });
        else session.moved = frame.result;
        return ok(undefined);
      case 'described': {
        session.fault = null;
        const same = session.captures.add(frame);
        if (!same.ok) return same;
        if (!same.value) board.end(session, { outcome: 'refused', reason: 'other-person' });
        return ok(undefined);
      }
    }
  }

  return {
    open: (sessionId) => inTurn(() => open(sessionId)),
    send: (message) => inTurn(() => send(message)),
    refused: () => count,
  };
}

function isReady({ captures, moved }: OpenSession): boolean {
  return moved !== 'asked' && canJudge(captures.all);
}
