import type { CheckRecord } from '../../protocol/check.ts';
import { backoffMs, chanceOf } from '../backoff.ts';
import type { SyncDeps } from '../deps.ts';
import { ageMs, type Mark } from './age.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Everything is compared with headquarters at least so often, in milliseconds ... */
export const WALK_EVERY_MS = 24 * HOUR_MS;
/** ... and up to so much sooner, so that a thousand tills that began together drift apart. */
export const DAILY_SPREAD_MS = HOUR_MS;
/**
 * Chance delays a walk by up to so long, in milliseconds: what calls for one calls for it at every till of a chain at
 * once, such as a restored headquarters, an update, or a fault in a row that all have.
 */
export const SPREAD_MS: Readonly<Record<WantedWhy, number>> = {
  restored: 5 * MINUTE_MS,
  snapshot: MINUTE_MS,
  root: MINUTE_MS / 2,
  start: 10 * MINUTE_MS,
};
/** After a walk for a root that differed the next such one waits so long, in milliseconds ... */
export const ROOT_REST_MS = 10 * MINUTE_MS;
/** ... twice as long after each in a row that put nothing right, and so long at most. */
export const ROOT_REST_MAX_MS = 24 * HOUR_MS;
/** A walk that failed is tried again after so long, in milliseconds, doubling up to {@link WALK_RETRY_MAX_MS}. */
export const WALK_RETRY_MS = 30_000;
export const WALK_RETRY_MAX_MS = HOUR_MS;
/** The schedule is looked at so often at least, in milliseconds: a machine may have slept. */
export const LOOK_AGAIN_MS = MINUTE_MS;

export type WantedWhy = Exclude<CheckRecord['why'], 'asked' | 'daily'>;
export type DueWhy = WantedWhy | 'daily';

/** The most telling first: one walk serves all that are due. */
const ORDER: readonly WantedWhy[] = ['restored', 'snapshot', 'root', 'start'];

/** When everything is to be compared with headquarters. */
export interface Schedule {
  want(why: WantedWhy): void;
  /** Why a walk is due; `null` = none is. */
  due(): DueWhy | null;
  /** Milliseconds until one may be due, at most {@link LOOK_AGAIN_MS}. */
  waitMs(): number;
  /** A walk begins: what is wanted so far is served by it. What comes meanwhile is not. */
  began(): void;
  /** It ended. @param fruitful it put something right */
  ended(fruitful: boolean): void;
  /** It failed: what it was to serve is wanted again. @param askedToWaitMs by headquarters */
  failed(askedToWaitMs: number | null): void;
}

/** @param last the last walk that ended well, in whichever run of the program */
export function createSchedule(
  { clock, random }: Pick<SyncDeps, 'clock' | 'random'>,
  last: Pick<CheckRecord, 'endedAt'> | null,
): Schedule {
  const chance = (): number => chanceOf(random);
  const wanted = new Map<WantedWhy, number>();
  let serving: WantedWhy[] = [];
  let mark: Mark | null = last === null ? null : { wallMs: Date.parse(last.endedAt), monoMs: null };
  let everyMs = WALK_EVERY_MS - DAILY_SPREAD_MS * chance();
  let notBeforeMs = Number.NEGATIVE_INFINITY;
  let rootFreeAtMs = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let fruitless = 0;

  function want(why: WantedWhy): void {
    if (wanted.has(why)) return;
    const freeMs = why === 'root' ? Math.max(clock.monoMs(), rootFreeAtMs) : clock.monoMs();
    wanted.set(why, freeMs + SPREAD_MS[why] * chance());
  }

  function dailyInMs(): number {
    // The first walk of all is the one at the start.
    return mark === null ? Number.POSITIVE_INFINITY : everyMs - ageMs(mark, clock);
  }

  if (mark === null || ageMs(mark, clock) >= WALK_EVERY_MS) {
    mark = null;
    want('start');
  }

  return {
    want,
    due() {
      const nowMs = clock.monoMs();
      if (nowMs < notBeforeMs) return null;
      const why = ORDER.find((one) => (wanted.get(one) ?? Number.POSITIVE_INFINITY) <= nowMs);
      return why ?? (dailyInMs() <= 0 ? 'daily' : null);
    },
    waitMs() {
      const nowMs = clock.monoMs();
      const soonestMs = Math.min(
        LOOK_AGAIN_MS,
        dailyInMs(),
        ...[...wanted.values()].map((atMs) => atMs - nowMs),
      );
      return Math.max(0, Math.min(LOOK_AGAIN_MS, Math.max(soonestMs, notBeforeMs - nowMs)));
    },
    began() {
      serving = [...wanted.keys()];
      wanted.clear();
    },
    ended(fruitful) {
      failures = 0;
      notBeforeMs = Number.NEGATIVE_INFINITY;
      mark = { wallMs: clock.now(), monoMs: clock.monoMs() };
      everyMs = WALK_EVERY_MS - DAILY_SPREAD_MS * chance();
      if (serving.includes('root')) {
        fruitless = fruitful ? 0 : fruitless + 1;
        const restMs = Math.min(ROOT_REST_MS * 2 ** Math.min(fruitless, 20), ROOT_REST_MAX_MS);
        rootFreeAtMs = clock.monoMs() + restMs;
      }
      serving = [];
    },
    failed(askedToWaitMs) {
      failures += 1;
      const fullMs = Math.min(WALK_RETRY_MAX_MS, WALK_RETRY_MS * 2 ** Math.min(failures - 1, 20));
      const ownMs = fullMs / 2 + (fullMs / 2) * chance();
      const askedMs = askedToWaitMs === null ? 0 : backoffMs(1, askedToWaitMs, chance());
      notBeforeMs = clock.monoMs() + Math.max(ownMs, askedMs);
      for (const why of serving) if (!wanted.has(why)) wanted.set(why, clock.monoMs());
      serving = [];
    },
  };
}
