import { assert } from '../../agent/contract/result.ts';
import { toInstant } from '../../agent/contract/time.ts';
import type { SessionReply } from '../protocol/session.ts';
import { createHqAllowance } from './allowance.ts';
import { APPLY_BUDGET_MS, createApplier } from './apply.ts';
import { bringSnapshot } from './bring-snapshot.ts';
import { failureText } from './call-failure.ts';
import { trustedKeysOf } from './check-receipt.ts';
import { createChecks } from './checks/create-checks.ts';
import { createConnection } from './connection.ts';
import { createDocuments } from './documents.ts';
import { createFaceKeys } from './face-keys.ts';
import { createFactsKeeper } from './facts.ts';
import { createHqClock } from './hq-clock.ts';
import { createKeepRunning, describeThrown } from './keep-running.ts';
import { createLookup } from './lookup.ts';
import { createPasses } from './passes.ts';
import { createPause } from './pause.ts';
import type { Applied } from './ports.ts';
import { createPull } from './pull.ts';
import { createPush } from './push.ts';
import { readRefused } from './read-refused.ts';
import { createRefusedRows } from './refused-rows.ts';
import { createSales } from './sales.ts';
import { createSession } from './session.ts';
import { SEGMENT_FIRST_BYTE_MS } from './snapshot.ts';
import { tryStorage } from './storage-failure.ts';
import type { SyncClient, SyncClientOptions } from './sync-client.ts';
import { createTransport } from './transport.ts';
import { createTroubles } from './troubles.ts';

/** A session reconciles its reservations again so long after the last time, in milliseconds: it may last for weeks. */
export const RECONCILE_EVERY_MS = 60 * 60_000;
/** Reservations made so short a time before are left alone by it, in milliseconds: the clocks of both may be apart. */
export const RECONCILE_SPARES_MS = 10 * 60_000;

/**
 * Sync of a registered till with its headquarters. It decides nothing about a sale and no sale waits for it: what comes
 * down is applied in short slices, what goes up is taken from the outbox, and being offline is a state with facts.
 */
export function createSyncClient(options: SyncClientOptions): SyncClient {
  const { store, clock, timers, log, snapshot: port } = options;
  const registration = store.registration();
  assert(registration !== undefined, 'sync begins with a registration');
  const budgetMs = options.applyBudgetMs ?? APPLY_BUDGET_MS;
  const hqClock = createHqClock(clock);
  const facts = createFactsKeeper({
    deps: options,
    url: registration.url,
    hqClock,
    troubles: () => troubles,
    checks: () => checks.port.facts(),
    onFacts: options.onFacts ?? (() => {}),
  });
  const troubles = createTroubles(clock, log, facts.changed);
  const transport = createTransport({
    url: registration.url,
    ca: registration.ca,
    clock,
    timers,
    proxy: options.proxy,
    exchange: options.exchange,
    hqNowMs: () => hqClock.nowMs(),
    onHeard: () => facts.heard(),
  });
  const session = createSession({
    deps: options,
    transport,
    registration,
    hqClock,
    onLost: () => connection.sessionLost(),
    onStop: (stop) => connection.halt(stop),
  });
  const pause = createPause(timers);
  const keepRunning = createKeepRunning({ deps: options, pause, troubles });
  let scoped: AbortSignal = AbortSignal.abort();

  const noteRefused = createRefusedRows(troubles);

  function onApplied(applied: Applied): void {
    const { changed } = applied;
    facts.applied();
    troubles.clear('storage-failed');
    noteRefused(applied);
    if (changed.length === 0) return;
    if (changed.some(({ table }) => table === 'document')) documents.notify();
    faces?.applied(changed);
    options.onApplied(changed);
  }

  const applier = createApplier({
    store,
    clock,
    timers,
    budgetMs,
    idle: options.idle ?? (() => true),
    onApplied,
  });
  const documents = createDocuments({
    deps: options,
    session,
    transport,
    pause,
    troubles,
    install: options.installDocument,
  });
  const pull = createPull({
    deps: options,
    session,
    transport,
    storeId: () => registration.place.store.storeId,
    applier,
    hqClock,
    facts,
    troubles,
    onTaken: (page) => checks.taken(page),
  });

  function reachable(): boolean {
    const shown = facts.shown();
    if (session.current() === null || shown.state !== 'online') return false;
    const loading = shown.snapshot.state === 'loading' || shown.snapshot.state === 'merging';
    return facts.silentMs() <= (loading ? SEGMENT_FIRST_BYTE_MS : pull.silenceMaxMs());
  }

  const allowance = createHqAllowance({
    deps: options,
    session,
    reachable,
    onQueued: () => push.notify(),
    localPoints: options.localPoints,
    localCoupon: options.localCoupon ?? (() => 'unknown'),
  });
  const lookup = createLookup({ deps: options, session, reachable, onApplied });
  const sales = createSales({ deps: options, session, reachable });
  const passes = createPasses({ deps: options, session, reachable });
  /** By HQ's clock: what was reserved before is reconciled; `null` = nothing since the session was opened. */
  let reconcileBefore: string | null = null;
  let reconciledAtMs = 0;

  /** When a session is opened and every hour in it, after all that was booked has gone up. */
  async function reconcile(): Promise<void> {
    const sinceMs = clock.monoMs() - reconciledAtMs;
    const hqNowMs = hqClock.nowMs();
    if (reconcileBefore === null && hqNowMs !== null && sinceMs >= RECONCILE_EVERY_MS)
      reconcileBefore = toInstant(hqNowMs - RECONCILE_SPARES_MS);
    if (reconcileBefore === null) return;
    const before = reconcileBefore;
    reconcileBefore = null;
    reconciledAtMs = clock.monoMs();
    const done = await allowance.reconcile(before, scoped);
    if (done.ok) return log('debug', 'reservations were reconciled', { released: done.value });
    reconcileBefore ??= before;
    log('debug', 'reservations were not reconciled', { why: failureText(done.error) });
  }

  const push = createPush({
    deps: options,
    session,
    trusted: trustedKeysOf(registration),
    troubles,
    onGap: () => connection.rewind(),
    onDrained: () =>
      void reconcile().catch((error: unknown) =>
        log('error', 'reservations were not reconciled', describeThrown(error)),
      ),
    onChange: facts.changed,
    onJoined: options.onJoined ?? (() => {}),
  });
  const checks = createChecks({
    deps: options,
    session,
    transport,
    troubles,
    online() {
      const { state, snapshot } = facts.shown();
      const loading = snapshot.state === 'loading' || snapshot.state === 'merging';
      return session.current() !== null && state === 'online' && !loading;
    },
    behind() {
      const { headPos, pos } = facts.facts();
      return headPos === null ? null : headPos - pos;
    },
    yieldNow: applier.stepAside,
    makeRoom: applier.yieldNow,
    onApplied,
    reload: (mode, signal) => connection.reload(mode, signal),
    onChange: facts.changed,
  });
  const faces =
    options.faces &&
    createFaceKeys({
      deps: options,
      faces: options.faces,
      session,
      privateKey: registration.privateKey,
      hqClock,
      troubles,
    });
  const connection = createConnection({
    deps: options,
    session,
    pull,
    facts,
    troubles,
    pause,
    async bringSnapshot(mode, signal) {
      const before = tryStorage(() => store.cursor());
      if (!before.ok) return before;
      const brought = await bringSnapshot(
        {
          deps: options,
          session,
          transport,
          port,
          pause,
          applier,
          budgetMs,
          mode,
          facts,
          onApplied,
        },
        signal,
      );
      const timeline = before.value?.timeline ?? null;
      const isOther = timeline !== null && timeline !== session.current()?.timeline;
      // A copy that a check fetched is compared by that check.
      if (brought.ok && mode === 'newer') checks.want(isOther ? 'restored' : 'snapshot');
      return brought;
    },
    async beside(opened: SessionReply, signal) {
      checks.opened(opened);
      scoped = signal;
      reconcileBefore = opened.at;
      await Promise.all([
        keepRunning('push', push.run, signal),
        keepRunning('documents', documents.run, signal),
        faces && keepRunning('faces', faces.run, signal),
      ]);
    },
  });

  async function connect(signal: AbortSignal): Promise<void> {
    await readRefused({ store, applier, troubles, onApplied }, signal);
    faces?.begin();
    await connection.run(signal);
  }

  const ending = new AbortController();
  let running: Promise<unknown> | null = null;
  return {
    headquarters: {
      state() {
        const { state, sinceMs } = facts.shown();
        return { state: state === 'online' ? 'online' : 'offline', sinceMs };
      },
      allowance,
      lookup: { find: (query) => lookup.find(query) },
      sales: sales.port,
      passes: passes.port,
      facts: () => facts.facts(),
      checks: checks.port,
      syncNow() {
        pull.promote();
        pause.wake();
        push.now();
        documents.notify();
        faces?.notify();
      },
    },
    start() {
      running ??= Promise.all([
        keepRunning('connection', connect, ending.signal),
        keepRunning('checks', checks.run, ending.signal),
      ]);
    },
    notify: () => push.notify(),
    async stop() {
      ending.abort();
      await running;
      session.drop();
      facts.close();
      transport.close();
      // Questions beside a sale end with their connections; what they write has to be written before the store closes.
      await Promise.all([allowance.settled(), lookup.settled(), sales.settled(), passes.settled()]);
    },
  };
}
