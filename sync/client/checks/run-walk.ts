import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { toInstant } from '../../../agent/contract/time.ts';
import { type CheckRecord, LARGE_DRIFT } from '../../protocol/check.ts';
import type { Brought } from '../bring-snapshot.ts';
import type { SyncClock, SyncLog } from '../deps.ts';
import type { ReloadMode } from '../ports.ts';
import type { Troubles } from '../troubles.ts';
import { type CheckFailure, failureCode } from './check-failure.ts';
import { type Broken, NOTHING_REPAIRED, together } from './repair.ts';
import type { Walked } from './walk.ts';
import type { Tally } from './walk-parts.ts';

const HOUR_MS = 60 * 60_000;
/** Between two copies that a till fetches for large drift without being asked lies so long at least, in milliseconds. */
export const RELOAD_REST_MS = 6 * HOUR_MS;

export interface RunWalkParts {
  readonly clock: SyncClock;
  readonly log: SyncLog;
  readonly troubles: Troubles;
  /** Compares everything once and puts right what may be put right row by row. */
  readonly walk: (tally: Tally, signal: AbortSignal) => Promise<Result<Walked, Broken<Walked>>>;
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
 * Large drift that may be a burst of changes is compared again before it is believed. Rows that are lacking here come with
 * a copy. Rows that headquarters does not have stay, with the alarm, until a person asks for a deep check: it may be
 * headquarters that lost them, so no copy that comes unasked takes rows away.
 */
export function createRunWalk(parts: RunWalkParts): RunWalk {
  const { clock, log, troubles, walk, reload, settle } = parts;
  let reloadedAtMs = Number.NEGATIVE_INFINITY;

  /** The copy that large drift calls for; `null` = none. */
  function copyFor(
    why: CheckRecord['why'],
    mayRemove: boolean,
    large: Walked['large'],
  ): ReloadMode | null {
    if (large.length === 0) return null;
    if (mayRemove) return 'differing';
    if (!large.some(({ needsCopy }) => needsCopy)) return null;
    const rests = why !== 'asked' && clock.monoMs() - reloadedAtMs < RELOAD_REST_MS;
    return rests ? null : 'adding';
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
        failed = LARGE_DRIFT;
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
    const mode = copyFor(why, mayRemove, sum.large);
    if (mode !== null) {
      reloadedAtMs = clock.monoMs();
      const brought = await reload(mode, signal);
      if (signal.aborted) return fail({ code: 'cancelled' });
      reloaded = brought !== null;
      copied = brought?.changed ?? 0;
    }
    if (reloaded || changesAny(sum) || sum.left > 0) {
      const second = await compare(2);
      if (second !== null) return fail(second);
    }
    const { stays, large } = sum;
    if (large.length === 0) troubles.clear('drift-large');
    if (stays === 0 && large.length === 0) troubles.clear('drift-stays');
    if (stays > 0 || large.length > 0) return ok(record('stays'));
    if (sum.left > 0) return fail({ code: 'unsettled' });
    if (reloaded) return ok(record('reloaded'));
    return ok(record(changesAny(sum) ? 'repaired' : 'clean'));
  };
}

function changesAny({ repaired, mended, corrected }: Walked): boolean {
  return repaired + mended + corrected > 0;
}

function largeText({ table, found, rows, needsCopy }: Walked['large'][number]): string {
  const what = needsCopy ? '' : ' that headquarters does not have';
  return `${table}: at least ${found} of ${rows} rows${what}`;
}
