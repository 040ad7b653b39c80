import { err, ok } from '../../../agent/contract/result.ts';
import { type CheckRecord, LARGE_DRIFT } from '../../protocol/check.ts';
import type { Page } from '../../protocol/feed.ts';
import type { SessionReply } from '../../protocol/session.ts';
import type { Brought } from '../bring-snapshot.ts';
import type { ChecksPort } from '../check-ports.ts';
import type { SyncDeps } from '../deps.ts';
import { createPause } from '../pause.ts';
import type { Applied, ReloadMode } from '../ports.ts';
import type { Session } from '../session.ts';
import { tryStorage } from '../storage-failure.ts';
import type { Transport } from '../transport.ts';
import type { Troubles } from '../troubles.ts';
import { createAskCheck } from './ask-check.ts';
import { createCheckFacts } from './check-facts.ts';
import { askedToWaitMs, failureCode, isUnknownThere } from './check-failure.ts';
import { compareRoots } from './compare-roots.ts';
import { createDigestKey } from './digest-key.ts';
import { proveLedger } from './ledger-proof.ts';
import { createMakeDigests } from './make-digests.ts';
import { createRepair } from './repair.ts';
import { createReports } from './reports.ts';
import { createRunScrub } from './run-scrub.ts';
import { createRunWalk } from './run-walk.ts';
import { createSchedule, LOOK_AGAIN_MS, type WantedWhy } from './schedule.ts';
import { createScrub } from './scrub.ts';
import { settle, WALK_BEHIND_MAX, WALK_WAIT_MS } from './settle.ts';
import { createStorageTrouble } from './storage-trouble.ts';
import { createVerifyJobs, type Verified } from './verify-jobs.ts';
import { walkAll } from './walk.ts';

export interface ChecksParts {
  readonly deps: SyncDeps;
  readonly session: Session;
  readonly transport: Transport;
  readonly troubles: Troubles;
  /** Whether headquarters can be asked, and how far the till is behind it; `null` = unknown. */
  readonly online: () => boolean;
  readonly behind: () => number | null;
  /** Lets waiting input and sales run first. */
  readonly yieldNow: (signal: AbortSignal) => Promise<void>;
  /** The same before something is written: the database finds room too. */
  readonly makeRoom: (signal: AbortSignal) => Promise<void>;
  readonly onApplied: (applied: Applied) => void;
  /** Brings a whole copy of headquarters in, rows whose content differs included; `null` where it could not be brought. */
  readonly reload: (mode: ReloadMode, signal: AbortSignal) => Promise<Brought | null>;
  readonly onChange: () => void;
}

/** The till's full-volume checks. */
export interface Checks {
  readonly port: ChecksPort;
  /** A session was opened. Before any of its pages is applied. */
  opened(reply: SessionReply): void;
  /** A page was applied: its roots are compared. */
  taken(page: Page): void;
  /** Something happened after which everything is compared. */
  want(why: WantedWhy): void;
  run(signal: AbortSignal): Promise<void>;
}

/** Compares, walks, scrubs and repairs, one after the other and never two at once. */
export function createChecks(parts: ChecksParts): Checks {
  const { deps, session, troubles, online, behind, yieldNow, makeRoom } = parts;
  const { onApplied, reload, onChange } = parts;
  const { store, clock, timers, log } = deps;
  const { checks } = store;
  const pause = createPause(timers);
  const facts = createCheckFacts(checks, clock, onChange);
  const ask = createAskCheck(parts);
  const reports = createReports({ checks, clock, log, session });
  const storage = createStorageTrouble(troubles);
  const key = createDigestKey(checks, storage);
  const jobs = createVerifyJobs(wake);
  const { lastWalk, lastScrub } = facts.facts();
  const schedule = createSchedule(deps, lastWalk);
  const scrub = createScrub({ checks, clock, last: lastScrub });

  let failedInARow = 0;
  /** Somebody called while work was under way: there is no waiting after it. */
  let woken = false;

  function wake(): void {
    woken = true;
    pause.wake();
  }

  const repair = createRepair({
    checks,
    clock,
    pause,
    yieldNow: makeRoom,
    onApplied,
    onRows: (done, all) => facts.show('repairing', { done, all }),
  });
  const runWalk = createRunWalk({
    clock,
    log,
    troubles,
    walk: (tally, signal) => {
      facts.show('comparing');
      return walkAll(
        {
          checks,
          clock,
          yieldNow,
          ask,
          digestKey: Buffer.from(key.hex ?? '', 'hex'),
          cursor: cursorNow,
          tally,
          repair,
          onSummed: (done, all) => facts.show('walking', { done, all }),
        },
        signal,
      );
    },
    settle: (signal) => settle(deps, parts, signal),
    reload(mode, signal) {
      facts.show('reloading');
      return reload(mode, signal);
    },
  });

  function cursorNow() {
    const cursor = store.cursor();
    // Only a till with a place in the feed has roots, and only one with roots walks.
    if (cursor === undefined) throw new Error('broken invariant: a walk has a place in the feed');
    return cursor;
  }

  function keep(record: CheckRecord): void {
    const kept = tryStorage(() => checks.record(record));
    if (!kept.ok) storage.raise(kept.error);
    onChange();
  }

  function showIdle(): void {
    const progress = scrub.progress();
    if (progress !== null) return facts.show('scrubbing', progress);
    facts.show(key.isKnownThere === false ? 'off' : 'idle');
  }

  const make = createMakeDigests({
    checks,
    clock,
    log,
    storage,
    makeRoom,
    onSlice: () => facts.show('making'),
    onMade: () => schedule.want('start'),
  });

  async function walk(
    why: CheckRecord['why'],
    signal: AbortSignal,
    mayRemove = false,
  ): Promise<Verified> {
    schedule.began();
    const ended = await runWalk(why, signal, mayRemove);
    showIdle();
    if (ended.ok) {
      failedInARow = 0;
      storage.clear();
      schedule.ended(ended.value.repaired > 0 || ended.value.mended > 0);
      keep(ended.value);
      return ok([ended.value, ...(await proveUpward(why, signal))]);
    }
    const { failure, record } = ended.error;
    schedule.failed(askedToWaitMs(failure));
    if (failure.code === 'storage') storage.raise(failure);
    if (isUnknownThere(failure)) key.unknownThere();
    failedInARow += 1;
    const detail = failureCode(failure);
    log('info', 'the comparison with headquarters did not come to its end', { why, detail });
    // One record tells of a failure that lasts; each tells that a person asked for, or that put something right before.
    const tells = failure.code !== 'cancelled' && (failedInARow === 1 || why === 'asked');
    if (tells || record.repaired + record.mended > 0) keep(record);
    if (isUnknownThere(failure)) return err({ code: 'not-known-there', detail });
    const offline = failure.code === 'call' && failure.failure.code === 'unreachable';
    return err({ code: offline ? 'offline' : 'failed', detail });
  }

  /** The ledger is held against headquarters' once a day and where a person asks or something was restored. */
  async function proveUpward(why: CheckRecord['why'], signal: AbortSignal): Promise<CheckRecord[]> {
    if (key.hex === null || why === 'root' || why === 'snapshot') return [];
    const record = await proveLedger(
      { deps, session, troubles, yieldNow, key: Buffer.from(key.hex, 'hex'), why },
      signal,
    );
    // A till that has sold nothing has nothing to prove.
    if (signal.aborted || (record.rows === 0 && record.outcome === 'clean')) return [];
    keep(record);
    return [record];
  }

  const scrubSlice = createRunScrub({
    scrub,
    clock,
    facts,
    schedule,
    storage,
    yieldNow,
    keep,
    // A person asks for a scrub by asking for a deep check.
    walkSuspects: async (why, signal) => (canWalk() ? walk(why, signal, why === 'asked') : null),
  });

  async function verify(deep: boolean, signal: AbortSignal): Promise<Verified> {
    if (!key.take() || !(await make(signal)))
      return err({ code: 'failed', detail: storage.isRaised() ? 'storage' : 'cancelled' });
    if (!deep) return walk('asked', signal);
    scrub.restart();
    for (;;) {
      const ended = await scrubSlice('asked', signal);
      if (signal.aborted) return err({ code: 'failed', detail: 'cancelled' });
      if (storage.isRaised()) return err({ code: 'failed', detail: 'storage' });
      if (ended === null) continue;
      const walked = ended.walked ?? (await walk('asked', signal, true));
      return walked.ok ? ok([ended.scrubbed, ...walked.value]) : walked;
    }
  }

  function canWalk(): boolean {
    if (!key.isTaken || key.isKnownThere !== true || !online()) return false;
    const roots = tryStorage(() => checks.roots());
    const timeline = session.current()?.timeline;
    return roots.ok && roots.value?.cursor.timeline === timeline;
  }

  /** Does what is due. @returns how long nothing is, in milliseconds */
  async function step(signal: AbortSignal): Promise<number> {
    if (jobs.isWaiting()) {
      await jobs.runNext((deep) => verify(deep, signal));
      return 0;
    }
    const ready = tryStorage(() => (key.take() ? null : checks.ready()));
    if (!ready.ok) {
      storage.raise(ready.error);
      return LOOK_AGAIN_MS;
    }
    if (ready.value === null ? !(await make(signal)) : !ready.value) {
      facts.show(key.hex === null ? 'off' : 'making');
      return LOOK_AGAIN_MS;
    }
    if (scrub.isAlarmed() && scrub.takeSuspects() > 0) schedule.want('root');
    const why = schedule.due();
    if (why !== null && canWalk()) {
      const rowsBehind = behind();
      if (rowsBehind === null || rowsBehind > WALK_BEHIND_MAX) return WALK_WAIT_MS;
      await walk(why, signal);
      return 0;
    }
    if (scrub.waitMs() <= 0) await scrubSlice('daily', signal);
    else showIdle();
    if (online() && key.isKnownThere === true) await reports.tell(signal);
    const untilWalkMs = why === null ? schedule.waitMs() : WALK_WAIT_MS;
    return Math.min(scrub.waitMs(), untilWalkMs, LOOK_AGAIN_MS);
  }

  return {
    port: {
      facts: () => facts.facts(),
      verify({ deep }) {
        if (session.current() === null || !online())
          return Promise.resolve(err({ code: 'offline', detail: 'headquarters is out of reach' }));
        if (key.isKnownThere !== true)
          return Promise.resolve(
            err({ code: 'not-known-there', detail: 'headquarters is of an earlier version' }),
          );
        return jobs.ask(deep);
      },
    },
    opened(reply) {
      key.told(reply);
      if (!key.isKnownThere) log('info', 'headquarters does no full-volume checks', {});
      key.take();
      reports.opened();
      wake();
    },
    taken(page) {
      const differ = tryStorage(() => compareRoots(checks, page));
      if (!differ.ok) return storage.raise(differ.error);
      if (differ.value.length === 0) return;
      log('warn', 'rows differ from headquarters', { tables: differ.value, at: page.to.pos });
      schedule.want('root');
      wake();
    },
    want(why) {
      schedule.want(why);
      wake();
    },
    async run(signal) {
      if (lastWalk?.outcome === 'stays') {
        const { staying } = facts.facts();
        const isLarge = lastWalk.failure === LARGE_DRIFT;
        if (isLarge) troubles.raise('drift-large', `since ${lastWalk.endedAt}`);
        if (staying > 0 || !isLarge)
          troubles.raise('drift-stays', `${staying} rows since ${lastWalk.endedAt}`);
      }
      // Also where the program ends while this one rests after a failure: whoever waits is told.
      signal.addEventListener('abort', jobs.cancel, { once: true });
      while (!signal.aborted) {
        woken = false;
        const waitMs = await step(signal);
        if (waitMs > 0 && !woken) await pause.wait(waitMs, signal);
      }
    },
  };
}
