import type { Cursor } from '../protocol/feed.ts';
import type { CheckFacts } from './check-ports.ts';
import {
  type ConnectionEvent,
  type ConnectionState,
  nextConnection,
  shownState,
} from './connection-state.ts';
import type { SyncDeps } from './deps.ts';
import type { HqClock } from './hq-clock.ts';
import type { OfflineReason, SyncFacts, SyncStop, SyncStore } from './ports.ts';
import { tryStorage } from './storage-failure.ts';
import type { TransportMode } from './transport-mode.ts';
import type { Troubles } from './troubles.ts';

/** Whoever listens hears of changed facts at most once in so long, in milliseconds. */
export const FACTS_EVERY_MS = 200;

/** What is known of the connection; the parts report to it, and it answers for screens and use cases. */
export interface FactsKeeper {
  connection(): ConnectionState;
  event(event: ConnectionEvent, why?: { reason?: OfflineReason; stop?: SyncStop }): void;
  /** Bytes of headquarters came. */
  heard(): void;
  /** Milliseconds since headquarters was last heard; `Infinity` = never in this run. */
  silentMs(): number;
  follows(mode: TransportMode | 'none'): void;
  head(head: Cursor): void;
  applied(): void;
  snapshot(snapshot: SyncFacts['snapshot']): void;
  /** @param delayMs until the next attempt; `null` = one is under way */
  attempt(failures: number, delayMs: number | null): void;
  changed(): void;
  /** The state alone, without a look into the database. */
  shown(): Pick<SyncFacts, 'state' | 'sinceMs' | 'snapshot'>;
  facts(): SyncFacts;
  close(): void;
}

/** What the database says of sync. */
interface Stored {
  readonly cursor: Cursor | undefined;
  readonly waiting: ReturnType<SyncStore['waiting']>;
  readonly received: ReturnType<SyncStore['received']>;
}

export interface FactsParts {
  readonly deps: SyncDeps;
  readonly url: string;
  readonly hqClock: HqClock;
  readonly troubles: () => Troubles;
  readonly checks: () => CheckFacts;
  readonly onFacts: () => void;
}

export function createFactsKeeper({
  deps,
  url,
  hqClock,
  troubles,
  checks,
  onFacts,
}: FactsParts): FactsKeeper {
  const { store, clock, timers, log } = deps;
  let connection: ConnectionState = 'idle';
  let sinceMs = clock.now();
  let reason: OfflineReason = 'starting';
  let stop: SyncStop | undefined;
  let transport: SyncFacts['transport'] = 'none';
  let headPos: number | null = null;
  let heardMs: number | null = null;
  let heardMonoMs = Number.NEGATIVE_INFINITY;
  let appliedMs: number | null = null;
  let snapshot: SyncFacts['snapshot'] = { state: 'none', rowsDone: 0, rowsAll: 0 };
  let attempts = 0;
  let nextAttemptMs: number | null = null;
  let telling: unknown;
  let last: Stored = {
    cursor: undefined,
    waiting: { count: 0, oldestMs: null },
    received: { seq: 0, outboxNo: 0, backedUpSeq: 0 },
  };

  function changed(): void {
    telling ??= timers.set(FACTS_EVERY_MS, () => {
      telling = undefined;
      onFacts();
    });
  }

  return {
    connection: () => connection,
    event(event, why = {}) {
      const before = shownState(connection);
      connection = nextConnection(connection, event);
      if (why.reason !== undefined) reason = why.reason;
      if (why.stop !== undefined) stop = why.stop;
      const after = shownState(connection);
      if (event === 'opened' && after === 'online') {
        attempts = 0;
        nextAttemptMs = null;
      }
      if (after === before) return;
      // Out of reach it has been since the last word, not since somebody noticed.
      sinceMs = after === 'offline' ? (heardMs ?? sinceMs) : clock.now();
      log('info', 'the connection to headquarters changed', { from: before, to: after, ...why });
      changed();
    },
    heard() {
      heardMs = clock.now();
      heardMonoMs = clock.monoMs();
    },
    silentMs: () => clock.monoMs() - heardMonoMs,
    follows(mode) {
      if (transport === mode) return;
      transport = mode;
      changed();
    },
    head(head) {
      if (headPos === head.pos) return;
      headPos = head.pos;
      changed();
    },
    applied() {
      appliedMs = clock.now();
      changed();
    },
    snapshot(next) {
      snapshot = next;
      changed();
    },
    attempt(failures, delayMs) {
      attempts = failures;
      nextAttemptMs = delayMs === null ? null : clock.now() + delayMs;
      changed();
    },
    changed,
    shown: () => ({ state: shownState(connection), sinceMs, snapshot }),
    facts() {
      const state = shownState(connection);
      const stored = tryStorage(() => ({
        cursor: store.cursor(),
        waiting: store.waiting(),
        received: store.received(),
      }));
      // What cannot be read stays as it was last told.
      if (stored.ok) last = stored.value;
      const { cursor, waiting, received } = last;
      return {
        state,
        sinceMs,
        ...(state === 'offline' ? { offlineReason: reason } : {}),
        ...(state === 'stopped' && stop !== undefined ? { stopped: stop } : {}),
        transport: state === 'online' ? transport : 'none',
        url,
        timeline: cursor?.timeline ?? null,
        pos: cursor?.pos ?? 0,
        // A page may bring the till further than the head that was last told.
        headPos: headPos === null ? null : Math.max(headPos, cursor?.pos ?? 0),
        lastHeardMs: heardMs,
        lastAppliedMs: appliedMs,
        waiting: waiting.count,
        oldestWaitingMs: waiting.oldestMs,
        receivedSeq: received.seq,
        backedUpSeq: received.backedUpSeq,
        clockOffsetMs: hqClock.offsetMs(),
        snapshot,
        attempts,
        nextAttemptMs,
        troubles: troubles().list(),
        checks: checks(),
      };
    },
    close() {
      timers.clear(telling);
      telling = undefined;
    },
  };
}
