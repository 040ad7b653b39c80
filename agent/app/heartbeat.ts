import { EVENTS_KEPT } from '../contract/index.ts';
import { addDays } from '../domain/calendar/day.ts';
import type { TillContext } from './context.ts';
import type { Hold } from './hold.ts';
import { REPLIES_KEPT_MS } from './idempotency.ts';
import type { Identify } from './identify.ts';
import type { StaffSessions } from './staff-session.ts';

export const HEARTBEAT_MS = 1_000;
/** The highest time seen is written down so often while nothing is sold. */
export const CLOCK_NOTE_MS = 60_000;
export const HOUSEKEEPING_MS = 60 * 60_000;
const DAY_MS = 24 * 60 * 60_000;
/** An open sale that nobody came back to. */
export const BASKETS_KEPT_MS = 7 * DAY_MS;
/** Goods can come back so long; what their refund needs is kept. */
export const RETURNABLE_MS = 400 * DAY_MS;
/** Visits serve the board of the day and questions about the last weeks. */
export const VISITS_KEPT_DAYS = 31;

export interface Heartbeat {
  beat(): void;
  stop(): void;
}

/** Everything that happens because time passes: deadlines, locks, time-outs, housekeeping. */
export function startHeartbeat(
  context: TillContext,
  parts: { identify: Identify; hold: Hold; staff: StaffSessions },
): Heartbeat {
  const { store, deps } = context;
  const { timers, log, clock } = deps;
  let trusted = true;
  let notedMonoMs = clock.monoMs();
  let tidiedMonoMs = clock.monoMs();
  let timer = timers.set(HEARTBEAT_MS, tick);

  function tick(): void {
    timer = timers.set(HEARTBEAT_MS, tick);
    beat();
  }

  function beat(): void {
    parts.staff.lockIdle();
    parts.identify.sweep();
    parts.hold.expire();
    reportClock();
    if (due(notedMonoMs, CLOCK_NOTE_MS)) {
      notedMonoMs = clock.monoMs();
      attempt('the time could not be noted', () => context.clock.remember());
    }
    if (due(tidiedMonoMs, HOUSEKEEPING_MS)) {
      tidiedMonoMs = clock.monoMs();
      attempt('housekeeping failed', tidy);
    }
  }

  function due(sinceMonoMs: number, everyMs: number): boolean {
    return clock.monoMs() - sinceMonoMs >= everyMs;
  }

  function reportClock(): void {
    const was = trusted;
    trusted = context.clock.trusted();
    if (was && !trusted)
      attempt('the clock could not be reported', (emit) =>
        emit({ kind: 'till', what: 'clock-set-back' }),
      );
  }

  function attempt(what: string, run: Parameters<TillContext['work']>[0]): void {
    const done = context.work(run);
    if (!done.ok) log('error', what, { code: done.error.code });
  }

  function tidy(): void {
    const nowMs = context.nowMs();
    store.events.pruneTo(EVENTS_KEPT);
    store.replies.pruneBefore(nowMs - REPLIES_KEPT_MS);
    store.baskets.pruneBefore(nowMs - BASKETS_KEPT_MS);
    store.holds.pruneBefore(nowMs - RETURNABLE_MS);
    store.visits.pruneBefore(addDays(context.businessDay(), -VISITS_KEPT_DAYS));
    store.screens.prune(nowMs);
  }

  return { beat, stop: () => timers.clear(timer) };
}
