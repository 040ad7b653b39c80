import type { CheckRecord } from '../../protocol/check.ts';
import type { SyncDeps } from '../deps.ts';
import type { CheckFactsKeeper } from './check-facts.ts';
import type { Schedule } from './schedule.ts';
import type { Scrub, ScrubPass } from './scrub.ts';
import { scrubRecord } from './scrub-record.ts';
import type { StorageTrouble } from './storage-trouble.ts';
import type { Verified } from './verify-jobs.ts';

/** What a pass of the scrub ended with. */
export interface ScrubEnded {
  readonly scrubbed: CheckRecord;
  /** `null`: nothing is suspect, or it cannot be walked. */
  readonly walked: Verified | null;
}

export interface RunScrubParts {
  readonly scrub: Scrub;
  readonly clock: SyncDeps['clock'];
  readonly facts: CheckFactsKeeper;
  readonly schedule: Schedule;
  readonly storage: StorageTrouble;
  /** Lets waiting input and sales run first. */
  readonly yieldNow: (signal: AbortSignal) => Promise<void>;
  readonly keep: (record: CheckRecord) => void;
  /** `null`: it cannot be walked. */
  readonly walkSuspects: (why: CheckRecord['why'], signal: AbortSignal) => Promise<Verified | null>;
}

/** One slice of the scrub. @returns what ended with it; `null` = the pass goes on, or the storage fails */
export type RunScrub = (why: CheckRecord['why'], signal: AbortSignal) => Promise<ScrubEnded | null>;

export function createRunScrub(parts: RunScrubParts): RunScrub {
  const { scrub, clock, facts, schedule, storage, yieldNow, keep, walkSuspects } = parts;

  /** A pass of the scrub has ended: what it suspects is walked, and the record tells what came of it. */
  async function endPass(
    pass: ScrubPass,
    why: CheckRecord['why'],
    signal: AbortSignal,
  ): Promise<ScrubEnded> {
    // What a pass found that was given up for this one waits too.
    const found = scrub.takeSuspects();
    const waiting = found > 0;
    const walked = waiting ? await walkSuspects(why, signal) : null;
    if (waiting && walked?.ok !== true) schedule.want('root');
    const scrubbed = scrubRecord({
      pass,
      why,
      endedAtMs: clock.now(),
      found,
      walked: walked?.ok === true ? (walked.value[0]?.outcome ?? 'clean') : null,
    });
    keep(scrubbed);
    return { scrubbed, walked };
  }

  return async (why, signal) => {
    await yieldNow(signal);
    if (signal.aborted) return null;
    const pass = scrub.slice();
    if (!pass.ok) {
      storage.raise(pass.error);
      return null;
    }
    storage.clear();
    facts.show('scrubbing', scrub.progress());
    return pass.value === null ? null : endPass(pass.value, why, signal);
  };
}
