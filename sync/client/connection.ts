import { type Result, unreachable } from '../../agent/contract/result.ts';
import type { SessionReply } from '../protocol/session.ts';
import { backoffMs, chanceOf } from './backoff.ts';
import type { Brought } from './bring-snapshot.ts';
import {
  type CallFailure,
  failureText,
  offlineReasonOf,
  retryAfterOf,
  stopOf,
} from './call-failure.ts';
import type { SyncDeps } from './deps.ts';
import type { FactsKeeper } from './facts.ts';
import type { Pause } from './pause.ts';
import type { MergeMode, ReloadMode, SyncStop } from './ports.ts';
import { type Followed, type Pull, STEADY_MS } from './pull.ts';
import type { Session } from './session.ts';
import type { SnapshotFailure } from './snapshot.ts';
import { type StorageFailure, tryStorage, tryStorageLater } from './storage-failure.ts';
import type { Troubles } from './troubles.ts';
import { withRetries } from './with-retries.ts';

/** While a person has to act, the till looks so often whether it was done, in milliseconds. */
export const STOP_RECHECK_MS = 5 * 60_000;
/** After a break the till comes back within this time, in milliseconds; chance spreads the tills of a chain over it. */
export const RECONNECT_MAX_MS = 200;
/** A copy that a check asked for is given up after so many calls for it failed in a row, each after retries of its own. */
export const RELOAD_FAILURES_MAX = 3;

export interface Connection {
  /** Runs until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** The session is gone: it is opened anew. */
  sessionLost(): void;
  /** HQ refuses this till until a person acts. */
  halt(stop: SyncStop): void;
  /** HQ lacks part of the outbox: the session is opened anew and all that it lacks is sent again. */
  rewind(): void;
  /**
   * Brings a whole copy in as soon as a session is open, rows whose content differs included; the feed waits meanwhile.
   * @returns what it changed; `null` where `signal` aborted, HQ refuses this till, or the copy could not be brought: then
   *   the feed is followed as before
   */
  reload(mode: ReloadMode, signal: AbortSignal): Promise<Brought | null>;
}

export interface ConnectionParts {
  readonly deps: SyncDeps;
  readonly session: Session;
  readonly pull: Pull;
  readonly facts: FactsKeeper;
  readonly troubles: Troubles;
  readonly pause: Pause;
  readonly bringSnapshot: (
    mode: MergeMode,
    signal: AbortSignal,
  ) => Promise<Result<Brought, SnapshotFailure>>;
  /** What runs beside the feed while a session is open; ends with `signal` and never rejects. */
  readonly beside: (opened: SessionReply, signal: AbortSignal) => Promise<void>;
}

/** What comes after one round with an open session. */
type Next = 'again' | 'session-over';

/** The order of things: a session, a snapshot where one is needed, then the feed; and how long to wait after a failure. */
export function createConnection({
  deps,
  session,
  pull,
  facts,
  troubles,
  pause,
  bringSnapshot,
  beside,
}: ConnectionParts): Connection {
  const { store, clock, random, log } = deps;
  let scope = new AbortController();
  /** Ends following the feed and nothing else. */
  let following = new AbortController();
  let stopped: SyncStop | null = null;
  let snapshotNeeded = false;
  let rewindNeeded = false;
  /** Whoever waits for a copy whose rows count wherever they differ, and how it is merged. */
  let reloading: ((brought: Brought | null) => void)[] = [];
  let reloadMode: ReloadMode = 'adding';
  let reloadFailures = 0;
  let failures = 0;

  async function openSession(signal: AbortSignal): Promise<SessionReply | null> {
    const opened = await withRetries(
      () => {
        facts.event('retry');
        facts.attempt(failures, null);
        return session.open(signal);
      },
      {
        retries: Number.POSITIVE_INFINITY,
        random,
        pause,
        signal,
        again: (failure) => failure.code !== 'cancelled' && stopOf(failure) === null,
        onWait: (failure, inARow, delayMs) => {
          facts.event('failed', { reason: offlineReasonOf(failure) });
          facts.attempt(inARow, delayMs);
          log('debug', 'no session', { why: failureText(failure), delayMs });
        },
      },
    );
    if (opened.ok) return opened.value;
    const stop = stopOf(opened.error);
    if (stop !== null) halt(stop);
    return null;
  }

  function halt(stop: SyncStop): void {
    if (stopped === null) log('error', 'headquarters refuses this till', { stop });
    stopped = stop;
    endReload(null);
    facts.event('halted', { stop });
    scope.abort();
    if (stop === 'ledger-forked') deps.onOutdated?.();
  }

  /** HQ holds entries that this database never wrote: it is an older state of the till, as from a disk's image. */
  function isOwnLedger({ received }: SessionReply): boolean {
    const known = tryStorage(() => store.isHeadKnown(received));
    return !known.ok || known.value;
  }

  function endReload(brought: Brought | null): void {
    reloadFailures = 0;
    for (const end of reloading.splice(0)) end(brought);
  }

  /** HQ says what it holds; where that is less than it had confirmed, it forgot, and is told again. */
  function rewindTo({ received }: SessionReply): void {
    const stored = tryStorage(() => store.received());
    if (!stored.ok) return troubles.raise('storage-failed', stored.error.detail);
    const known = stored.value;
    const forgot = received.seq < known.seq || received.outboxNo < known.outboxNo;
    if (!forgot && !rewindNeeded) return;
    log('warn', 'the outbox is sent again', { afterSeq: received.seq, no: received.outboxNo + 1 });
    const rewound = tryStorage(() => store.sendAgain(received.seq, received.outboxNo));
    if (rewound.ok) rewindNeeded = false;
    else troubles.raise('storage-failed', rewound.error.detail);
  }

  /** Waits after a failure: longer with each one in a row. */
  async function waitAfter(failure: CallFailure | null, signal: AbortSignal): Promise<void> {
    failures += 1;
    const askedMs = failure === null ? null : retryAfterOf(failure);
    const delayMs = backoffMs(failures, askedMs, chanceOf(random));
    facts.attempt(failures, delayMs);
    await pause.wait(delayMs, signal);
    facts.event('retry');
    facts.attempt(failures, null);
  }

  async function onStorage(
    { detail }: Pick<StorageFailure, 'detail'>,
    signal: AbortSignal,
  ): Promise<Next> {
    troubles.raise('storage-failed', detail);
    await waitAfter(null, signal);
    return 'again';
  }

  async function onCallFailed(failure: CallFailure, signal: AbortSignal): Promise<Next> {
    if (failure.code === 'cancelled') return 'session-over';
    const stop = stopOf(failure);
    if (stop !== null) {
      halt(stop);
      return 'session-over';
    }
    if (failure.code === 'refused' && failure.refusal === 'unauthenticated') return 'session-over';
    if (failure.code === 'refused' && failure.refusal === 'cursor-unknown') return 'session-over';
    facts.event('failed', { reason: offlineReasonOf(failure) });
    log('info', 'headquarters is out of reach', { why: failureText(failure) });
    await waitAfter(failure, signal);
    return 'again';
  }

  async function onFollowed({ end, steady }: Followed, signal: AbortSignal): Promise<Next> {
    if (steady) failures = 0;
    switch (end.code) {
      case 'promote':
        return 'again';
      case 'session-over':
        return 'session-over';
      case 'failed':
        return onCallFailed(end.failure, signal);
      case 'snapshot-needed':
        log('warn', 'a snapshot is needed', { why: end.why });
        snapshotNeeded = true;
        // Another timeline is heard of in full by a session of its own.
        return 'session-over';
      case 'cut':
        facts.event('cut');
        if (steady) await pause.wait(RECONNECT_MAX_MS * chanceOf(random), signal);
        else await waitAfter(null, signal);
        return 'again';
      case 'page-refused':
        facts.event('failed', { reason: 'wrong-answer' });
        await waitAfter(null, signal);
        return 'again';
      case 'storage':
        return onStorage(end, signal);
      default:
        return unreachable(end);
    }
  }

  /** A copy that nothing but a check wants must not keep the till from its feed. */
  function giveUpReload(failure: SnapshotFailure): void {
    reloadFailures += 1;
    if (failure.code === 'call' && reloadFailures < RELOAD_FAILURES_MAX) return;
    log('warn', 'a copy for large drift could not be brought', { why: failure.code });
    facts.snapshot({ state: 'none', rowsDone: 0, rowsAll: 0 });
    endReload(null);
  }

  async function onSnapshotFailed(
    failure: SnapshotFailure,
    mode: MergeMode,
    signal: AbortSignal,
  ): Promise<Next> {
    if (mode !== 'newer' && !signal.aborted) giveUpReload(failure);
    switch (failure.code) {
      case 'call':
        return onCallFailed(failure.failure, signal);
      case 'damaged':
        troubles.raise('page-refused', failure.message);
        await waitAfter(null, signal);
        return 'again';
      case 'storage':
        return onStorage(failure, signal);
      default:
        return unreachable(failure);
    }
  }

  async function round(opened: SessionReply, signal: AbortSignal): Promise<Next> {
    const stored = tryStorage(() => store.cursor());
    if (!stored.ok) return onStorage(stored.error, signal);
    const cursor = stored.value;
    const mode = reloading.length > 0 ? reloadMode : 'newer';
    if (
      mode !== 'newer' ||
      snapshotNeeded ||
      cursor === undefined ||
      cursor.timeline !== opened.timeline
    ) {
      facts.follows('none');
      const brought = await bringSnapshot(mode, signal);
      if (!brought.ok) return onSnapshotFailed(brought.error, mode, signal);
      snapshotNeeded = false;
      failures = 0;
      if (mode !== 'newer') endReload(brought.value);
      return 'again';
    }
    following = new AbortController();
    const whileFollowing = AbortSignal.any([signal, following.signal]);
    const followed = await tryStorageLater(() => pull.follow(whileFollowing));
    if (signal.aborted) return 'session-over';
    if (following.signal.aborted) return 'again';
    return followed.ok ? onFollowed(followed.value, signal) : onStorage(followed.error, signal);
  }

  async function withSession(opened: SessionReply, ended: AbortSignal): Promise<void> {
    scope = new AbortController();
    const signal = AbortSignal.any([ended, scope.signal]);
    if (!isOwnLedger(opened)) {
      halt('ledger-forked');
      session.drop();
      return;
    }
    rewindTo(opened);
    const running = beside(opened, signal);
    try {
      for (let next: Next = 'again'; next === 'again' && !signal.aborted; )
        next = await round(opened, signal);
    } finally {
      scope.abort();
      session.drop();
      facts.follows('none');
      await running;
    }
  }

  return {
    halt,
    sessionLost: () => scope.abort(),
    rewind() {
      rewindNeeded = true;
      scope.abort();
    },
    reload(mode, signal) {
      return new Promise((resolve) => {
        if (signal.aborted || stopped !== null) return resolve(null);
        const end = (brought: Brought | null): void => {
          signal.removeEventListener('abort', onAbort);
          reloading = reloading.filter((one) => one !== end);
          resolve(brought);
        };
        const onAbort = (): void => end(null);
        signal.addEventListener('abort', onAbort, { once: true });
        reloadMode = mode;
        reloading.push(end);
        return following.abort();
      });
    },
    async run(signal) {
      facts.event('start');
      let shortSessions = 0;
      while (!signal.aborted) {
        stopped = null;
        const opened = await openSession(signal);
        const startMs = clock.monoMs();
        if (opened !== null) {
          facts.event('opened');
          await withSession(opened, signal);
        }
        if (signal.aborted) break;
        shortSessions = clock.monoMs() - startMs < STEADY_MS ? shortSessions + 1 : 0;
        if (stopped !== null) await pause.wait(STOP_RECHECK_MS, signal);
        // One session may end at once, for a snapshot say; sessions that do so time after time are asked for ever less.
        else if (shortSessions <= 1) await pause.wait(RECONNECT_MAX_MS * chanceOf(random), signal);
        else await pause.wait(backoffMs(shortSessions, null, chanceOf(random)), signal);
      }
      facts.event('close');
    },
  };
}
