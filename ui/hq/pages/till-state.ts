import type { TillRow } from '../../../sync/protocol/fleet.ts';
import { CHECKS_SINCE } from '../../../sync/protocol/version.ts';
import type { Tone } from '../../kit/status-mark.tsx';

/** The one word for how a till is: what IT decided first, then whether it is heard. */
export type TillState = 'online' | 'offline' | 'waiting' | 'revoked' | 'copied';

export function stateOf(till: Pick<TillRow, 'state' | 'online'>): TillState {
  if (till.state === 'registered') return till.online ? 'online' : 'offline';
  return till.state;
}

export const TONE_OF_STATE: Readonly<Record<TillState, Tone>> = {
  online: 'ok',
  offline: 'warn',
  waiting: 'idle',
  revoked: 'idle',
  copied: 'bad',
};

/** A clock this far off is worth a look, in milliseconds. */
export const CLOCK_OFF_MS = 60_000;

/** Every till checks everything once a day; without a check for so long, in milliseconds, somebody should look. */
export const UNCHECKED_MS = 2 * 24 * 60 * 60_000;
/** Rows still to send down above which a till counts as behind; a page or two is nothing. */
export const BEHIND_ROWS = 1_000;

/** Whether the till's program is too old for full-volume checks. */
export function isTooOldForChecks({ protocol }: Pick<TillRow, 'protocol'>): boolean {
  return protocol !== null && protocol < CHECKS_SINCE;
}

/** Whether a till in service has compared nothing for {@link UNCHECKED_MS}; @param atMs headquarters' clock */
export function isUnchecked(till: TillRow, atMs: number): boolean {
  const since = till.lastCheck?.at ?? till.registeredAt;
  return till.state === 'registered' && since !== null && atMs - Date.parse(since) > UNCHECKED_MS;
}

/** Whether rows of this till differed lately, or still do. */
export function hasDrift(till: TillRow): boolean {
  return till.recentDrift > 0 || till.lastCheck?.outcome === 'stays';
}

/** Whether somebody should look at this till. */
export function needsAttention(till: TillRow, atMs: number): boolean {
  const state = stateOf(till);
  const clockOff = Math.abs(till.clockOffsetMs ?? 0) >= CLOCK_OFF_MS;
  return (
    state === 'offline' ||
    state === 'copied' ||
    (state === 'online' && clockOff) ||
    isUnchecked(till, atMs) ||
    (till.state === 'registered' && till.lastCheck?.outcome === 'stays')
  );
}
