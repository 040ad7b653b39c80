import {
  type CaptureWanted,
  err,
  FACE_RESULT_SHOWN_MS,
  type FaceReason,
  type FaceSessionId,
  type FaceWatch,
  type Failure,
  failure,
  ok,
  type Result,
  toInstant,
} from '../../contract/index.ts';
import type { TillContext } from '../context.ts';
import type { TimerHandle } from '../deps.ts';
import { type OpenSession, type SessionEnd, viewOf, wantsCamera } from './session-state.ts';
import { createWaiters } from './session-waiters.ts';

/** The one face session of a till: who looks at it, and that it ends. */
export interface SessionBoard {
  /** The session that is open; `face-session-unknown` where none is, or another. */
  open(sessionId: FaceSessionId): Result<OpenSession, Failure>;
  /** Whether a session is open; one that has ended is only shown for a while. */
  isOpen(): boolean;
  current(): OpenSession | null;
  begin(session: OpenSession): void;
  /** Something about the session changed: whoever watches hears of it. */
  changed(): void;
  /** Ends the session, once; the camera stops, captures are overwritten, the key is let go. */
  end(session: OpenSession, end: SessionEnd): void;
  /** Ends whatever session is open. */
  stop(reason: FaceReason): void;
  /** Shows no session any more; one that is open stays. */
  clear(): void;
  /** What a screen shows; waits for a change beyond `seen`. */
  watch(
    seen: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Omit<FaceWatch, 'refused'>>;
  /** What the capture page is to do; waits while that is the session `seen` (null = nothing). */
  wanted(
    seen: FaceSessionId | null | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Pick<CaptureWanted, 'session'>>;
  close(): void;
}

/** @param isOn whether this till uses faces now @param onEnd a session has just ended, for whatever still looks */
export function createSessionBoard(
  context: TillContext,
  isOn: () => boolean,
  onEnd: (sessionId: FaceSessionId) => void = () => undefined,
): SessionBoard {
  const { timers } = context.deps;
  const watching = createWaiters(timers);
  const capturing = createWaiters(timers);
  let session: OpenSession | null = null;
  let timer: TimerHandle | undefined;
  let rev = 0;

  function changed(): void {
    rev += 1;
    watching.wake();
    if (wantedNow().session?.sessionId !== served) {
      served = wantedNow().session?.sessionId;
      capturing.wake();
    }
  }
  let served: FaceSessionId | undefined;

  function after(delayMs: number, run: () => void): void {
    if (timer !== undefined) timers.clear(timer);
    timer = timers.set(delayMs, run);
  }

  function end(ended: OpenSession, how: SessionEnd): void {
    if (ended.end !== null) return;
    ended.end = how;
    ended.channel = null;
    ended.captures.wipe();
    onEnd(ended.sessionId);
    if (session !== ended) return;
    after(FACE_RESULT_SHOWN_MS, () => {
      if (session === ended) session = null;
      changed();
    });
    changed();
  }

  function wantedNow(): Pick<CaptureWanted, 'session'> {
    if (session === null || !wantsCamera(session)) return { session: null };
    const { sessionId, purpose, challenge, expiresAtMs } = session;
    return {
      session: {
        sessionId,
        purpose,
        challenge: [...challenge],
        expiresAt: toInstant(expiresAtMs),
      },
    };
  }

  return {
    open(sessionId) {
      return session?.sessionId === sessionId && session.end === null
        ? ok(session)
        : err(failure('face-session-unknown', 'sessionId'));
    },
    isOpen: () => session !== null && session.end === null,
    current: () => session,
    begin(begun) {
      session = begun;
      // Nobody waits for orders: a page has to be opened before the camera can run.
      if (capturing.count === 0) begun.trouble = 'absent';
      after(Math.max(0, begun.expiresAtMs - context.nowMs()), () =>
        end(begun, { outcome: 'ended', reason: 'timed-out' }),
      );
      changed();
    },
    changed,
    end,
    stop(reason) {
      if (session !== null) end(session, { outcome: 'ended', reason });
    },
    clear() {
      if (session?.end == null) return;
      session = null;
      changed();
    },
    async watch(seen, signal) {
      if (seen === rev) await watching.wait(signal);
      return { rev, on: isOn(), session: session === null ? null : viewOf(session) };
    },
    async wanted(seen, signal) {
      const asked = wantedNow().session?.sessionId ?? null;
      if (seen !== undefined && seen === asked) await capturing.wait(signal);
      return wantedNow();
    },
    close() {
      if (session !== null) end(session, { outcome: 'ended', reason: 'cancelled' });
      if (timer !== undefined) timers.clear(timer);
      watching.wake();
      capturing.wake();
    },
  };
}
