import { type CheckRecord, RECORDS_KEPT } from '../../protocol/check.ts';
import type { CheckFacts, ChecksStore } from '../check-ports.ts';
import type { SyncClock } from '../deps.ts';
import { tryStorage } from '../storage-failure.ts';

/** Records that screens show. */
export const HISTORY_SHOWN = 20;

/** Keeps what runs, and reads what was found, for screens and the operator. */
export interface CheckFactsKeeper {
  show(state: CheckFacts['state'], progress?: CheckFacts['progress']): void;
  facts(): CheckFacts;
}

export function createCheckFacts(
  checks: Pick<ChecksStore, 'records' | 'stayingCount'>,
  clock: SyncClock,
  onChange: () => void,
): CheckFactsKeeper {
  let state: CheckFacts['state'] = 'off';
  let progress: CheckFacts['progress'] = null;
  let sinceMs = 0;
  let doneBefore = 0;
  const last: Partial<Record<CheckRecord['kind'], CheckRecord>> = {};
  let history: readonly CheckRecord[] = [];
  let staying = 0;
  let looked = false;

  function read(): void {
    // The last one of a kind may be older than what is shown; it is looked for once.
    const records = checks.records(looked ? HISTORY_SHOWN : RECORDS_KEPT);
    looked = true;
    for (const record of records.toReversed())
      if (record.outcome !== 'failed') last[record.kind] = record;
    history = records.slice(0, HISTORY_SHOWN);
    staying = last.walk?.outcome === 'stays' ? checks.stayingCount() : 0;
  }

  return {
    show(next, nextProgress = null) {
      if (next === state && nextProgress?.done === progress?.done) return;
      if (next !== state || nextProgress === null || (progress?.done ?? 0) > nextProgress.done) {
        sinceMs = clock.monoMs();
        doneBefore = nextProgress?.done ?? 0;
      }
      state = next;
      progress = nextProgress;
      onChange();
    },
    facts() {
      // What cannot be read stays as it was last told.
      tryStorage(read);
      const { walk = null, scrub = null, ledger = null } = last;
      return {
        state,
        progress,
        leftMs: leftMs(),
        lastWalk: walk,
        lastScrub: scrub,
        lastLedger: ledger,
        history,
        staying,
      };
    },
  };

  /** As long as the rest takes at the pace so far. */
  function leftMs(): number | null {
    if (progress === null) return null;
    const done = progress.done - doneBefore;
    if (done <= 0) return null;
    const tookMs = clock.monoMs() - sinceMs;
    return Math.max(0, Math.round((tookMs * (progress.all - progress.done)) / done));
  }
}
