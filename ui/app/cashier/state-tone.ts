import type { EvaluationState, IdentificationOutcome } from '../../../agent/contract/index.ts';
import type { Tone } from '../../kit/status-mark.tsx';

/** How a state of a sale looks. */
export const SALE_TONE: Readonly<Record<EvaluationState, Tone>> = {
  EVALUATED: 'info',
  HELD: 'warn',
  COMMITTED: 'ok',
  VOIDED: 'idle',
  EXPIRED: 'bad',
};

/** How the outcome of an identification looks. */
export const OUTCOME_TONE: Readonly<Record<IdentificationOutcome, Tone>> = {
  identified: 'ok',
  ambiguous: 'info',
  'too-many': 'warn',
  unknown: 'warn',
  blocked: 'bad',
  expired: 'bad',
  contradiction: 'bad',
  'not-a-member-code': 'warn',
  refused: 'warn',
  released: 'idle',
  'timed-out': 'idle',
  done: 'idle',
};

/** How a device's state looks: only what asks somebody to act is loud. */
export function deviceTone(state: string): Tone {
  if (state === 'ready') return 'ok';
  if (state === 'present' || state === 'claiming' || state === 'paused') return 'info';
  return state === 'absent' || state === 'busy' ? 'warn' : 'bad';
}

/** Whether a device's state asks somebody to act. */
export function needsAttention(state: string): boolean {
  const tone = deviceTone(state);
  return tone === 'warn' || tone === 'bad';
}
