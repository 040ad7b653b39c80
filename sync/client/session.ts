import { createPrivateKey } from 'node:crypto';
import { err, ok, type Result } from '../../agent/contract/result.ts';
import type { HqCall, HqInput, HqReply } from '../protocol/hq-api.ts';
import type { SessionReply } from '../protocol/session.ts';
import { CHECKS_SINCE, HQ_PROTOCOL_MIN } from '../protocol/version.ts';
import {
  type CallFailure,
  failureText,
  hqTooOld,
  knowsNoFormer,
  stopOf,
  unreachableBy,
} from './call-failure.ts';
import type { SyncDeps } from './deps.ts';
import type { HqClock } from './hq-clock.ts';
import type { Registration, SyncStop } from './ports.ts';
import { makeSessionRequest } from './session-request.ts';
import { tryStorage } from './storage-failure.ts';
import type { CallOptions, Transport } from './transport.ts';

/** A token is renewed once this share of its time is over. */
export const RENEW_SHARE = 0.8;
/** A renewal that failed is tried again after so long, in milliseconds, while the token is still good. */
export const RENEW_RETRY_MS = 10_000;

/** The till's session with headquarters. */
export interface Session {
  /** Opens a session and keeps its token fresh until {@link drop}. */
  open(signal: AbortSignal): Promise<Result<SessionReply, CallFailure>>;
  /** What headquarters said when the session was last opened or renewed; `null` = none is open. */
  current(): SessionReply | null;
  /** Runs something with the token of the session; a refusal of the token ends the session. */
  withToken<Value>(
    run: (token: string) => Promise<Result<Value, CallFailure>>,
  ): Promise<Result<Value, CallFailure>>;
  call<Call extends HqCall>(
    name: Call,
    input: HqInput<Call>,
    options?: Omit<CallOptions, 'token'>,
  ): Promise<Result<HqReply<Call>, CallFailure>>;
  drop(): void;
}

export interface SessionParts {
  readonly deps: SyncDeps;
  readonly transport: Transport;
  readonly registration: Registration;
  readonly hqClock: HqClock;
  /** The session is gone though nobody dropped it: HQ does not take its token, or has another timeline. */
  readonly onLost: () => void;
  readonly onStop: (stop: SyncStop) => void;
}

export function createSession({
  deps,
  transport,
  registration,
  hqClock,
  onLost,
  onStop,
}: SessionParts): Session {
  const { store, timers, log } = deps;
  const key = createPrivateKey(registration.privateKey);
  let opened: SessionReply | null = null;
  let renewal: unknown;
  /** Ends a renewal that is under way when its session ends: what it would still send belongs to the past. */
  let renewing = new AbortController();

  async function ask(signal: AbortSignal): Promise<Result<SessionReply, CallFailure>> {
    const tillId = store.tillId as HqInput<'challenge'>['tillId'];
    const challenge = await transport.call('challenge', { tillId }, { signal });
    if (!challenge.ok) return challenge;
    hqClock.note(challenge.value.at);
    const request = makeSessionRequest(deps, challenge.value.challenge, key);
    if (request === null)
      return err(
        unreachableBy('starting', 'the disk takes no session proof', { mayHaveArrived: false }),
      );
    const reply = await transport.call('openSession', request, { signal });
    if (!reply.ok)
      return knowsNoFormer(reply.error) && request.former !== undefined
        ? err(hqTooOld(CHECKS_SINCE - 1))
        : reply;
    hqClock.note(reply.value.at);
    // Unwritten, the same proof is simply sent once more.
    const confirmed = tryStorage(() => store.confirmProof(request.nextProof));
    if (!confirmed.ok)
      log('error', 'the session proof was not confirmed', { code: confirmed.error.detail });
    return reply.value.protocol < HQ_PROTOCOL_MIN ? err(hqTooOld(reply.value.protocol)) : reply;
  }

  function use(reply: SessionReply, signal: AbortSignal): void {
    opened = reply;
    timers.clear(renewal);
    renewal = timers.set(reply.expiresInMs * RENEW_SHARE, () => void renew(reply, signal));
  }

  async function renew(former: SessionReply, signal: AbortSignal): Promise<void> {
    const reply = await ask(AbortSignal.any([signal, renewing.signal]));
    if (opened !== former) return;
    if (reply.ok && reply.value.timeline === former.timeline) return use(reply.value, signal);
    if (reply.ok) return lose();
    const stop = stopOf(reply.error);
    if (stop !== null) return halt(stop);
    if (reply.error.code === 'cancelled') return;
    log('warn', 'the session was not renewed', { why: failureText(reply.error) });
    renewal = timers.set(RENEW_RETRY_MS, () => void renew(former, signal));
  }

  function drop(): void {
    opened = null;
    renewing.abort();
    renewing = new AbortController();
    timers.clear(renewal);
  }

  function lose(): void {
    drop();
    onLost();
  }

  function halt(stop: SyncStop): void {
    drop();
    onStop(stop);
  }

  async function withToken<Value>(
    run: (token: string) => Promise<Result<Value, CallFailure>>,
  ): Promise<Result<Value, CallFailure>> {
    const used = opened;
    if (used === null)
      return err(unreachableBy('starting', 'no session is open', { mayHaveArrived: false }));
    const result = await run(used.token);
    if (result.ok) return result;
    const stop = stopOf(result.error);
    // An answer to a former token says nothing about the one in use.
    if (stop !== null && opened !== null) halt(stop);
    else if (result.error.code === 'refused' && result.error.refusal === 'unauthenticated') {
      if (opened === used) lose();
    }
    return result;
  }

  return {
    async open(signal) {
      drop();
      const reply = await ask(signal);
      if (!reply.ok) return reply;
      if (signal.aborted) return err({ code: 'cancelled' });
      use(reply.value, signal);
      return ok(reply.value);
    },
    current: () => opened,
    withToken,
    call: (name, input, options) =>
      withToken((token) => transport.call(name, input, { ...options, token })),
    drop,
  };
}
