import type { TillRow } from '../../../sync/protocol/fleet.ts';
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

/** Whether somebody should look at this till. */
export function needsAttention(till: TillRow): boolean {
  const state = stateOf(till);
  const clockOff = Math.abs(till.clockOffsetMs ?? 0) >= CLOCK_OFF_MS;
  return state === 'offline' || state === 'copied' || (state === 'online' && clockOff);
}
