import { ok, type Result } from '../../../agent/contract/result.ts';
import type { CheckRecord } from '../../protocol/check.ts';
import type { ChecksStore } from '../check-ports.ts';
import type { SyncClock } from '../deps.ts';
import type { RowPlace } from '../ports.ts';
import { type StorageFailure, tryStorage } from '../storage-failure.ts';
import { ageMs, type Mark } from './age.ts';
import { createSliceSize } from './slice-size.ts';

const HOUR_MS = 60 * 60_000;
/** One slice of the deep scrub holds the till's thread for so long at most, in milliseconds. */
export const SCRUB_SLICE_MS = 5;
/** Rows of one slice. */
export const SCRUB_SLICE = { first: 32, least: 8, most: 2_048 } as const;
/** A pass is spread over so long, in milliseconds: a shop is open for more hours than that. */
export const SCRUB_PASS_MS = 6 * HOUR_MS;
/** A pass begins so long after the one before began, in milliseconds: each row is read at least daily. */
export const SCRUB_EVERY_MS = 18 * HOUR_MS;
/** Shortest and longest time between two slices, in milliseconds. */
export const SCRUB_STEP_MIN_MS = 20;
export const SCRUB_STEP_MAX_MS = 60_000;
/** The place is written down so often, in milliseconds: what was read since is read again after a kill. */
export const SCRUB_KEEP_MS = 60_000;
/** So many suspects do not wait for the end of the pass. */
export const SUSPECTS_AT_ONCE = 100;

/** What a pass has come to. */
export interface ScrubPass {
  readonly sinceMs: number;
  readonly rows: number;
  /** Rows that were not what their digest says. */
  readonly suspects: number;
  readonly mended: number;
}

/** The deep scrub (V3): reads every row and compares it with what was kept of it. */
export interface Scrub {
  /** Milliseconds until the next slice is due; `Infinity` = nothing can be scrubbed. */
  waitMs(): number;
  /** One slice; `null` = the pass goes on. */
  slice(): Result<ScrubPass | null, StorageFailure>;
  /** Begins a pass anew. */
  restart(): void;
  /** Whether a pass is under way, and how far it is. */
  progress(): { readonly done: number; readonly all: number } | null;
  /** Suspects since this was last asked. */
  takeSuspects(): number;
  /** Whether enough suspects wait for a walk at once. */
  isAlarmed(): boolean;
}

export interface ScrubParts {
  readonly checks: Pick<ChecksStore, 'scrub' | 'scrubPlace' | 'keepScrubPlace' | 'roots'>;
  readonly clock: SyncClock;
  /** The last whole pass, in whichever run of the program. */
  readonly last: Pick<CheckRecord, 'startedAt'> | null;
}

interface Pass extends ScrubPass {
  readonly place: RowPlace | null;
  readonly all: number;
  /** Rows that were read before this run of the program are not counted. */
  readonly resumed: boolean;
}

export function createScrub({ checks, clock, last }: ScrubParts): Scrub {
  const size = createSliceSize(clock, SCRUB_SLICE_MS, SCRUB_SLICE);
  let begun: Mark | null =
    last === null ? null : { wallMs: Date.parse(last.startedAt), monoMs: null };
  const kept = tryStorage(() => checks.scrubPlace());
  let pass: Pass | null = null;
  /** Where a former run of the program was; gone on from once. */
  let former = kept.ok ? kept.value : null;
  let nextAtMs = Number.NEGATIVE_INFINITY;
  let keptAtMs = Number.NEGATIVE_INFINITY;
  let suspects = 0;
  let asked = false;

  function begin(): Pass {
    const all = (checks.roots()?.roots ?? []).reduce((sum, { rows }) => sum + rows, 0);
    const fresh = { rows: 0, suspects: 0, mended: 0, all };
    const from = former;
    former = null;
    const sinceMs = from?.sinceMs ?? clock.now();
    begun = { wallMs: sinceMs, monoMs: from === null ? clock.monoMs() : null };
    return { ...fresh, place: from?.place ?? null, sinceMs, resumed: from !== null };
  }

  /** @returns how long a pass leaves between two slices, in milliseconds */
  function stepMs(all: number): number {
    const slices = Math.max(1, all / size.rows());
    return Math.min(SCRUB_STEP_MAX_MS, Math.max(SCRUB_STEP_MIN_MS, SCRUB_PASS_MS / slices));
  }

  function run(): ScrubPass | null {
    const now = pass ?? begin();
    pass = now;
    const limit = size.rows();
    const done = size.timed(
      () => checks.scrub(now.place, limit),
      // A slice of what finds rows reads no row and is full all the same.
      ({ rows }) => (rows === 0 ? limit : rows),
    );
    suspects += done.suspects;
    const after: Pass = {
      ...now,
      place: done.next,
      rows: now.rows + done.rows,
      suspects: now.suspects + done.suspects,
      mended: now.mended + done.mended,
    };
    nextAtMs = clock.monoMs() + stepMs(now.all);
    pass = after;
    if (done.next === null) {
      checks.keepScrubPlace(null);
      pass = null;
      asked = false;
      const { sinceMs, rows, suspects: found, mended, resumed, all } = after;
      return { sinceMs, rows: resumed ? Math.max(rows, all) : rows, suspects: found, mended };
    }
    if (clock.monoMs() - keptAtMs >= SCRUB_KEEP_MS) {
      checks.keepScrubPlace({ place: done.next, sinceMs: after.sinceMs });
      keptAtMs = clock.monoMs();
    }
    return null;
  }

  return {
    waitMs() {
      const nowMs = clock.monoMs();
      if (pass !== null || asked || former !== null) return Math.max(0, nextAtMs - nowMs);
      const ageOfLastMs = begun === null ? Number.POSITIVE_INFINITY : ageMs(begun, clock);
      return Math.max(0, nextAtMs - nowMs, SCRUB_EVERY_MS - ageOfLastMs);
    },
    slice() {
      const ended = tryStorage(run);
      // A disk that fails is asked again in a while.
      if (!ended.ok) nextAtMs = clock.monoMs() + SCRUB_STEP_MAX_MS;
      return ended.ok ? ok(ended.value) : ended;
    },
    restart() {
      pass = null;
      former = null;
      asked = true;
      nextAtMs = Number.NEGATIVE_INFINITY;
    },
    progress: () => (pass === null ? null : { done: Math.min(pass.rows, pass.all), all: pass.all }),
    takeSuspects() {
      const taken = suspects;
      suspects = 0;
      return taken;
    },
    isAlarmed: () => suspects >= SUSPECTS_AT_ONCE,
  };
}
