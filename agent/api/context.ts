import type { Caller } from '../app/till.ts';
import type { Failure, Result, ScreenRole } from '../contract/index.ts';

export type Transport = 'http' | 'ws' | 'port';

/** What every call carries beside its input: who asks, over what, and under which limits. */
export interface ApiContext {
  readonly transport: Transport;
  /** null = nobody: only the open procedures answer. */
  readonly caller: Caller | null;
  /** False once the token behind the caller was revoked or has expired; asked before each call and each event. */
  readonly stillValid: () => boolean;
  /** Whether the till's own screen may act now; asked only for callers that are one. See `Till.screenMay`. */
  readonly screenMay: (role?: ScreenRole) => Result<void, Failure>;
  /** Takes one request from the caller's rate; HTTP has taken it before the body was read. */
  readonly admit: () => Result<() => void, Failure>;
  /** Takes one of the caller's event streams; the value gives it back. */
  readonly openStream: () => Result<() => void, Failure>;
  /** Aborts when the server closes, so that streams end. */
  readonly closing: AbortSignal;
}

/** How a caller is written in a log: an id, never a token. */
export function callerName(caller: Caller | null): string {
  if (caller === null) return 'nobody';
  return caller.kind === 'client' ? `client:${caller.clientId}` : caller.kind;
}
