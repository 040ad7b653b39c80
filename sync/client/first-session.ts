import { assert, err, ok, type Result } from '../../agent/contract/result.ts';
import type { SessionReply } from '../protocol/session.ts';
import { type CallFailure, offlineReasonOf, stopOf } from './call-failure.ts';
import type { SyncDeps } from './deps.ts';
import { createHqClock } from './hq-clock.ts';
import { createPause, type Pause } from './pause.ts';
import type { OfflineReason, SyncStop } from './ports.ts';
import { createSession, type Session } from './session.ts';
import type { ProxySetting } from './sync-client.ts';
import { createTransport, type HttpExchange, type Transport } from './transport.ts';
import { withRetries } from './with-retries.ts';

/** Attempts after the first to reach headquarters before the till opens without what it was asked for. */
export const FIRST_SESSION_RETRIES = 2;

export interface FirstSessionOptions extends SyncDeps {
  readonly proxy?: ProxySetting;
  /** Absent = HTTP over a socket of this machine. */
  readonly exchange?: HttpExchange | undefined;
  /** Ends whatever is under way. */
  readonly signal: AbortSignal;
}

/** What a till that is not open yet talks to headquarters with. */
export interface FirstSession {
  readonly session: Session;
  readonly transport: Transport;
  readonly pause: Pause;
  /** Aborts with the caller's own signal and when the session is lost. */
  readonly signal: AbortSignal;
}

/** Why a till that is not open yet got nothing from headquarters. */
export type FirstSessionFailure =
  | { readonly code: 'unreachable'; readonly reason: OfflineReason }
  | { readonly code: 'stopped'; readonly stop: SyncStop }
  | { readonly code: 'cancelled' };

/** Opens a session of a registered till for one piece of work before it opens, and closes it again. */
export async function withFirstSession<Value, Failure>(
  options: FirstSessionOptions,
  work: (first: FirstSession) => Promise<Result<Value, Failure>>,
): Promise<Result<Value, Failure | FirstSessionFailure>> {
  const { store, clock, timers, random, proxy, exchange } = options;
  const registration = store.registration();
  assert(registration !== undefined, 'a session needs a registration');
  const hqClock = createHqClock(clock);
  const { url, ca } = registration;
  const transport = createTransport({
    url,
    ca,
    clock,
    timers,
    proxy,
    exchange,
    hqNowMs: () => hqClock.nowMs(),
  });
  const lost = new AbortController();
  const session = createSession({
    deps: options,
    transport,
    registration,
    hqClock,
    onLost: () => lost.abort(),
    onStop: () => lost.abort(),
  });
  const pause = createPause(timers);
  try {
    const { signal } = options;
    const opened: Result<SessionReply, CallFailure> = await withRetries(
      () => session.open(signal),
      { retries: FIRST_SESSION_RETRIES, random, pause, signal },
    );
    if (!opened.ok) return err(toFirstFailure(opened.error));
    const done = await work({
      session,
      transport,
      pause,
      signal: AbortSignal.any([signal, lost.signal]),
    });
    return done.ok ? ok(done.value) : done;
  } finally {
    session.drop();
    transport.close();
  }
}

export function toFirstFailure(failure: CallFailure): FirstSessionFailure {
  const stop = stopOf(failure);
  if (stop !== null) return { code: 'stopped', stop };
  if (failure.code === 'cancelled') return { code: 'cancelled' };
  return { code: 'unreachable', reason: offlineReasonOf(failure) };
}
