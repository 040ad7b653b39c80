import { failureText } from '../call-failure.ts';
import type { ChecksStore } from '../check-ports.ts';
import type { SyncClock, SyncLog } from '../deps.ts';
import type { Session } from '../session.ts';
import { tryStorage } from '../storage-failure.ts';

/** Records that headquarters is told at once. */
export const REPORT_RECORDS_MAX = 50;
/** After a report that failed the next one waits so long, in milliseconds. */
export const REPORT_RETRY_MS = 5 * 60_000;

/** Tells headquarters what the checks of this till found, for the fleet view. */
export interface Reports {
  /** A session was opened: what failed before may work. */
  opened(): void;
  /** Tells what it has yet to hear of. */
  tell(signal: AbortSignal): Promise<void>;
}

export function createReports({
  checks,
  clock,
  log,
  session,
}: {
  readonly checks: Pick<ChecksStore, 'untold' | 'told'>;
  readonly clock: SyncClock;
  readonly log: SyncLog;
  readonly session: Pick<Session, 'call'>;
}): Reports {
  let freeAtMs = Number.NEGATIVE_INFINITY;

  /** @returns whether there may be more to tell */
  async function tellSome(signal: AbortSignal): Promise<boolean> {
    const untold = tryStorage(() => checks.untold(REPORT_RECORDS_MAX));
    if (!untold.ok || untold.value.length === 0) return false;
    const records = [...untold.value];
    const told = await session.call('reportChecks', { records }, { signal });
    if (!told.ok) {
      const { error } = told;
      log('debug', 'the checks were not reported', { why: failureText(error) });
      freeAtMs = clock.monoMs() + REPORT_RETRY_MS;
      // Records that headquarters cannot read would keep all later ones from it.
      if (error.code !== 'refused' || error.refusal !== 'invalid-input') return false;
    }
    const kept = tryStorage(() => checks.told(records.length));
    return kept.ok && told.ok && records.length === REPORT_RECORDS_MAX;
  }

  return {
    opened() {
      freeAtMs = Number.NEGATIVE_INFINITY;
    },
    async tell(signal) {
      if (clock.monoMs() < freeAtMs) return;
      while (await tellSome(signal));
    },
  };
}
