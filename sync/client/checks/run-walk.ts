import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { toInstant } from '../../../agent/contract/time.ts';
import {
  type CheckRecord,
  isLargeDrift,
  LARGE_DRIFT,
  type LargeDrift,
} from '../../protocol/check.ts';
import type { Brought } from '../bring-snapshot.ts';
import type { SyncClock, SyncLog } from '../deps.ts';
import type { ReloadMode } from '../ports.ts';
import { tryStorage } from '../storage-failure.ts';
import type { Troubles } from '../troubles.ts';
import { type CheckFailure, failureCode } from './check-failure.ts';
import { type Broken, NOTHING_REPAIRED, together } from './repair.ts';
import type { Walked } from './walk.ts';
import type { Tally } from './walk-table.ts';

const HOUR_MS = 60 * 60_000;
/** Between two copies that a till fetches for large drift without being asked lies so long at least, in milliseconds. */
export const RELOAD_REST_MS = 6 * HOUR_MS;
/**
 * Rows that neither a copy nor headquarters' sums have go with another copy, no sooner than so long after the alarm, in
 * milliseconds: the next day's walk. Until then a person may object.
 */
export const EXTRAS_STAND_MS = 20 * HOUR_MS;

export interface RunWalkParts {
  readonly clock: SyncClock;
  readonly log: SyncLog;
  readonly troubles: Troubles;
  /** Compares everything once and puts right what may be put right row by row. */
  readonly walk: (tally: Tally, signal: AbortSignal) => Promise<Result<Walked, Broken<Walked>>>;
  /** Records of ended checks, the newest first. */
  readonly records: () => readonly CheckRecord[];
  /** Waits until the till has what headquarters changed meanwhile. */
  readonly settle: (signal: AbortSignal) => Promise<void>;
  /** Brings a whole copy in; `null` where it did not come to that. */
  readonly reload: (mode: ReloadMode, signal: AbortSignal) => Promise<Brought | null>;
}

/** @param mayRemove a person asked for a deep check: rows that a copy does not have may go, however many they are */
export type RunWalk = (
  why: CheckRecord['why'],
  signal: AbortSignal,
  mayRemove?: boolean,
) => Promise<Result<CheckRecord, { readonly failure: CheckFailure; readonly record: CheckRecord }>>;

/**
 * One full-volume check: compares, repairs or fetches a copy, and compares once more where anything was changed. What
 * differs then stays as it is and is told; nothing is repaired in a circle.
 *
 * Large drift that may be a burst of changes is compared again before it is believed. The first copy takes nothing away.
 * Where too much still differs it stays so for a day, with the alarm; a second copy then takes away what it does not have,
 * and there is no third one unasked.
 */
export function createRunWalk(parts: RunWalkParts): RunWalk {
  const { clock, log, troubles, walk, reload, records, settle } = parts;
  let reloadedAtMs = Number.NEGATIVE_INFINITY;

  /** The copy that large drift calls for; `null` = none. */
  function copyFor(
    why: CheckRecord['why'],
    mayRemove: boolean,
    { state, copiedAtMs }: LargeBefore,
  ): ReloadMode | null {
    if (why === 'asked') return mayRemove ? 'differing' : 'adding';
    if (clock.monoMs() - reloadedAtMs < RELOAD_REST_MS) return null;
    if (state === LARGE_DRIFT.found) return 'adding';
    if (state === LARGE_DRIFT.stays) return null;
    const standsMs = clock.now() - copiedAtMs;
    // A time from the future: the clock was wrong then or is now.
    return standsMs < 0 || standsMs >= EXTRAS_STAND_MS ? 'differing' : null;
  }

  return async (why, signal, mayRemove = false) => {
    const startedAt = toInstant(clock.now());
    const tally: Tally = { roundTrips: 0, bytes: 0 };
    let sum: Walked = { ...NOTHING_REPAIRED, rows: 0, mended: 0, large: [] };
    /** Rows that a copy changed. */
    let copied = 0;
    let failed: string | null = null;

    const record = (outcome: CheckRecord['outcome']): CheckRecord => ({
      kind: 'walk',
      why,
      startedAt,
      endedAt: toInstant(clock.now()),
      outcome,
      rows: sum.rows,
      ...sum.kinds,
      mended: sum.mended + sum.corrected,
      repaired: sum.repaired + copied,
      bytes: tally.bytes,
      roundTrips: tally.roundTrips,
      failure: failed,
    });

    async function pass(no: number): Promise<CheckFailure | null> {
      const before = { ...tally };
      const walked = await walk(tally, signal);
      const done = walked.ok ? walked.value : walked.error.done;
      const { rows, large, stays, left } = done;
      const mended = sum.mended + done.mended;
      sum = { ...together(sum, done), stays, left, rows, mended, large };
      log('debug', 'the till was compared with headquarters', {
        why,
        pass: no,
        rows,
        repaired: done.repaired,
        bytes: tally.bytes - before.bytes,
        roundTrips: tally.roundTrips - before.roundTrips,
      });
      if (stays > 0) troubles.raise('drift-stays', `${stays} rows`);
      return walked.ok ? null : walked.error.failure;
    }

    /** Compares, and once more where what is large may be what headquarters changed meanwhile. */
    async function compare(no: number): Promise<CheckFailure | null> {
      let failure = await pass(no);
      if (failure === null && sum.large.some(({ sure }) => !sure)) {
        await settle(signal);
        failure = signal.aborted ? { code: 'cancelled' } : await pass(no);
      }
      if (failure === null && sum.large.length > 0) {
        failed = LARGE_DRIFT.found;
        troubles.raise('drift-large', sum.large.map(largeText).join('; '));
      }
      return failure;
    }

    function fail(failure: CheckFailure): Awaited<ReturnType<RunWalk>> {
      failed ??= failureCode(failure);
      return err({ failure, record: record('failed') });
    }

    const first = await compare(1);
    if (first !== null) return fail(first);
    let reloaded = false;
    let state: LargeDrift = LARGE_DRIFT.found;
    if (sum.large.length > 0) {
      const before = tryStorage(() => largeBefore(records()));
      if (!before.ok) return fail(before.error);
      state = before.value.state;
      const mode = copyFor(why, mayRemove, before.value);
      if (mode !== null) {
        reloadedAtMs = clock.monoMs();
        const brought = await reload(mode, signal);
        if (signal.aborted) return fail({ code: 'cancelled' });
        reloaded = brought !== null;
        copied = brought?.changed ?? 0;
        if (reloaded && mode === 'differing') state = LARGE_DRIFT.stays;
        else if (reloaded && state === LARGE_DRIFT.found) state = LARGE_DRIFT.copied;
      }
    }
    if (reloaded || changesAny(sum) || sum.left > 0) {
      const second = await compare(2);
      if (second !== null) return fail(second);
    }
    if (sum.large.length > 0) failed = state;
    const { stays, large } = sum;
    if (large.length === 0) troubles.clear('drift-large');
    if (stays === 0 && large.length === 0) troubles.clear('drift-stays');
    if (stays > 0 || large.length > 0) return ok(record('stays'));
    if (sum.left > 0) return fail({ code: 'unsettled' });
    if (reloaded) return ok(record('reloaded'));
    return ok(record(changesAny(sum) ? 'repaired' : 'clean'));
  };
}

/** What the walks before have come to with large drift, as far back as it stood without a break. */
interface LargeBefore {
  readonly state: LargeDrift;
  /** When the copy came that left it, in wall-clock milliseconds; of no meaning before one came. */
  readonly copiedAtMs: number;
}

function largeBefore(records: readonly CheckRecord[]): LargeBefore {
  let before: LargeBefore = { state: LARGE_DRIFT.found, copiedAtMs: 0 };
  let isNewest = true;
  for (const { kind, outcome, failure, endedAt } of records) {
    if (kind !== 'walk' || outcome === 'failed') continue;
    if (outcome !== 'stays' || !isLargeDrift(failure) || failure === LARGE_DRIFT.found) break;
    before = { state: isNewest ? failure : before.state, copiedAtMs: Date.parse(endedAt) };
    isNewest = false;
  }
  return before;
}

function changesAny({ repaired, mended, corrected }: Walked): boolean {
  return repaired + mended + corrected > 0;
}

function largeText({ table, found, rows }: Walked['large'][number]): string {
  return `${table}: at least ${found} of ${rows} rows`;
}
