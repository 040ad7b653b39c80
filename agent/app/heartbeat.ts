import { DEVICE_DAYS_KEPT, EVENTS_KEPT } from '../contract/index.ts';
import { localTime } from '../domain/benefits/local-time.ts';
import { addDays } from '../domain/calendar/day.ts';
import { businessDay } from '../domain/ledger/business-day.ts';
import { REMOVALS_KEPT_DAYS } from '../store/removals-kept.ts';
import type { TillContext } from './context.ts';
import type { Hold } from './hold.ts';
import { REPLIES_KEPT_MS } from './idempotency.ts';
import type { Identify } from './identify.ts';
import type { StaffSessions } from './staff-session.ts';
import { storageSafe } from './work.ts';

export const HEARTBEAT_MS = 1_000;
/** A beat that comes so much too late, in milliseconds, is noted: a disk that hangs holds the till, or the machine is too busy. */
export const STALL_NOTED_MS = 3_000;
/** The highest time seen is written down so often while nothing is sold. */
export const CLOCK_NOTE_MS = 60_000;
export const HOUSEKEEPING_MS = 60 * 60_000;
const DAY_MS = 24 * 60 * 60_000;
/** An open sale that nobody came back to. */
export const BASKETS_KEPT_MS = 7 * DAY_MS;
/** Goods can come back so long; what their refund needs is kept. */
export const RETURNABLE_MS = 400 * DAY_MS;
/** Entries that one housekeeping removes at most, so that it never holds the till up for long. */
export const LEDGER_PRUNE_MAX = 2_000;
/** Removals that one housekeeping forgets at most. */
export const TOMBSTONES_PRUNE_MAX = 10_000;
/** Uses count against the limits of their rules so long; the totals of a rule keep them all. */
export const RULE_USES_KEPT_DAYS = RETURNABLE_MS / DAY_MS;
/** A leap of the clock beyond what closures explain is reported from here on. */
export const CLOCK_AHEAD_REPORTED_MS = 31 * DAY_MS;
/** The counter of a key that no member here has any more is kept so long: far beyond the life of any of its codes. */
export const CREDENTIAL_COUNTERS_KEPT_MS = DAY_MS;
/** Visits serve the board of the day and questions about the last weeks. */
export const VISITS_KEPT_DAYS = 31;

export interface Heartbeat {
  beat(): void;
  stop(): void;
}

/** How far the clock is ahead of the time that the till has seen pass; 0 where nights and closures explain it. */
export function clockAheadMs({ clock }: Pick<TillContext, 'clock'>): number {
  const aheadMs = clock.now() - clock.provenMs();
  return aheadMs > CLOCK_AHEAD_REPORTED_MS ? aheadMs : 0;
}

/** Everything that happens because time passes: deadlines, locks, time-outs, housekeeping. */
export function startHeartbeat(
  context: TillContext,
  parts: { identify: Identify; hold: Hold; staff: StaffSessions },
): Heartbeat {
  const { store, deps } = context;
  const { timers, log, clock } = deps;
  let trusted = true;
  let ahead = false;
  let notedMonoMs = clock.monoMs();
  let tidiedMonoMs = clock.monoMs();
  let beatMonoMs = clock.monoMs();
  let timer = timers.set(HEARTBEAT_MS, tick);

  function tick(): void {
    timer = timers.set(HEARTBEAT_MS, tick);
    const lateMs = Math.floor(clock.monoMs() - beatMonoMs - HEARTBEAT_MS);
    if (lateMs >= STALL_NOTED_MS)
      log('warn', 'the till stood still: its disk hangs or the machine is too busy', { lateMs });
    beatMonoMs = clock.monoMs();
    beat();
  }

  function beat(): void {
    parts.staff.lockIdle();
    parts.identify.sweep();
    parts.hold.expire();
    reportClock();
    store.scrubErased();
    store.journal.beat();
    if (due(notedMonoMs, CLOCK_NOTE_MS)) {
      notedMonoMs = clock.monoMs();
      attempt('the time could not be noted', () => context.clock.remember());
    }
    if (due(tidiedMonoMs, HOUSEKEEPING_MS)) {
      tidiedMonoMs = clock.monoMs();
      attempt('housekeeping failed', tidy);
      pruneLedger();
      pruneTombstones();
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
    const wasAhead = ahead;
    ahead = clockAheadMs(context) > 0;
    if (!wasAhead && ahead)
      attempt('the clock could not be reported', (emit) =>
        emit({ kind: 'till', what: 'clock-set-forward' }),
      );
  }

  function attempt(what: string, run: Parameters<TillContext['work']>[0]): void {
    const done = context.work(run);
    if (!done.ok) log('error', what, { code: done.error.code });
  }

  /** By the time that the till has seen pass: a clock set wrong for an hour must not cost a year of records. */
  function tidy(): void {
    const { timeZone, dayEndsAtMinute } = deps.place.store;
    const provenMs = context.clock.provenMs();
    const provenDay = businessDay(localTime(provenMs, timeZone), dayEndsAtMinute);
    store.events.pruneTo(EVENTS_KEPT);
    store.replies.pruneBefore(provenMs - REPLIES_KEPT_MS);
    store.baskets.pruneBefore(provenMs - BASKETS_KEPT_MS);
    store.holds.pruneBefore(provenMs - RETURNABLE_MS);
    store.visits.pruneBefore(addDays(provenDay, -VISITS_KEPT_DAYS));
    store.ruleUses.pruneBefore(addDays(provenDay, -RULE_USES_KEPT_DAYS));
    store.deviceStatistics.pruneBefore(addDays(provenDay, -DEVICE_DAYS_KEPT));
    store.screens.prune(provenMs);
    store.credentialUses.prune(provenMs, provenMs - CREDENTIAL_COUNTERS_KEPT_MS);
  }

  /** Only what lies in a backup of headquarters, and to which no goods can come back. */
  function pruneLedger(): void {
    const beforeMs = context.clock.provenMs() - RETURNABLE_MS;
    const done = storageSafe(() => store.sync.pruneLedger(beforeMs, LEDGER_PRUNE_MAX));
    if (!done.ok) log('error', 'housekeeping failed', { code: done.error.code });
  }

  /** Only those that headquarters itself has forgotten: nothing brings an older version of their rows any more. */
  function pruneTombstones(): void {
    const beforeMs = context.clock.provenMs() - REMOVALS_KEPT_DAYS * DAY_MS;
    const done = storageSafe(() => store.sync.pruneTombstones(beforeMs, TOMBSTONES_PRUNE_MAX));
    if (!done.ok) log('error', 'housekeeping failed', { code: done.error.code });
  }

  return { beat, stop: () => timers.clear(timer) };
}
