import { toInstant } from '../../../agent/contract/time.ts';
import type { CheckRecord } from '../../protocol/check.ts';
import type { ScrubPass } from './scrub.ts';

export interface ScrubEnd {
  readonly pass: ScrubPass;
  readonly why: CheckRecord['why'];
  readonly endedAtMs: number;
  /** Suspects that wait for a walk, those of passes that were given up for this one included. */
  readonly found: number;
  /** What the walk over them came to; `null` = there was none, or it failed. */
  readonly walked: CheckRecord['outcome'] | null;
}

/** The record of a whole pass of the scrub. What the suspects were, only headquarters can say: the walk's own record does. */
export function scrubRecord({ pass, why, endedAtMs, found, walked }: ScrubEnd): CheckRecord {
  const { outcome, failure } = outcomeOf(pass, found, walked);
  return {
    kind: 'scrub',
    why,
    startedAt: toInstant(pass.sinceMs),
    endedAt: toInstant(endedAtMs),
    outcome,
    rows: pass.rows,
    missing: 0,
    extra: 0,
    stale: 0,
    damaged: Math.max(pass.suspects, found),
    mended: pass.mended,
    repaired: 0,
    bytes: 0,
    roundTrips: 0,
    failure,
  };
}

function outcomeOf(
  { suspects, mended }: ScrubPass,
  found: number,
  walked: CheckRecord['outcome'] | null,
): Pick<CheckRecord, 'outcome' | 'failure'> {
  // Suspects of this pass that do not wait were walked while it was under way.
  if (found === 0) return { outcome: mended + suspects > 0 ? 'repaired' : 'clean', failure: null };
  if (walked === null) return { outcome: 'failed', failure: 'walk-to-come' };
  return { outcome: walked === 'clean' ? 'repaired' : walked, failure: null };
}
