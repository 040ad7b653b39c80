import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller, Till } from '../../agent/app/till.ts';
import { assert, evaluateRequestSchema, type Result } from '../../agent/contract/index.ts';
import { newId, systemClock, waitedTimers } from '../../agent/main/system.ts';
import { createCheckpointer } from '../../agent/store/checkpoint/create-checkpointer.ts';
import { createSnapshotPort } from '../../agent/store/snapshot/create-snapshot-port.ts';
import type { Store } from '../../agent/store/store.ts';
import { APPLY_BUDGET_MS, createApplier } from '../../sync/client/apply.ts';
import { mergeSnapshot } from '../../sync/client/merge-snapshot.ts';
import type { SnapshotPort } from '../../sync/client/ports.ts';
import type { FeedRow } from '../../sync/protocol/feed.ts';
import { SEGMENT_ROWS } from '../../sync/protocol/snapshot.ts';
import { CASHIER } from '../support/small-chain.ts';
import { createSmallTill } from '../support/small-till.ts';
import type { Benchmark } from './benchmark.ts';
import { buildSnapshot, fetchSegment, type Source, startSource } from './sync-loads.ts';
import { benchCard, benchRows } from './sync-members.ts';
import { once, percentile, resultOf } from './sync-pairs.ts';
import { openBenchStore } from './sync-store.ts';

const MEMBERS = 100_000;
const BATCH = 10_000;
const LINES = 30;
const BASKET = {
  currency: 'CNY',
  staffId: CASHIER.staffId,
  lines: Array.from({ length: LINES }, (_, n) => ({
    lineId: `l${n}`,
    sku: ['tea', 'milk', 'soap'][n % 3],
    qty: 1 + (n % 3),
    unitPriceMinor: 1_250 + n,
  })),
};
/** Loads, and as many times of quiet between them. */
const ROUNDS = 3;
const QUIET_CHECKOUTS = 200;
const WARM_UP_CHECKOUTS = 100;
/** From one request of a POS to its next, in milliseconds, drawn anew each time. */
const THINK_MS = { from: 2, to: 12 } as const;

const POS: Caller = {
  kind: 'client',
  clientId: 'pos-1',
  scopes: ['identify', 'basket', 'ledger:read', 'scanner'],
};

/**
 * One request, from the instant at which it arrives: while the till's thread is busy it waits, and that counts.
 * @returns its answer; `spent` is told how long it took, in milliseconds
 */
async function request<T>(
  spent: (ms: number) => void,
  ask: () => Result<T, unknown> | Promise<Result<T, unknown>>,
): Promise<T> {
  const waitMs = THINK_MS.from + Math.random() * (THINK_MS.to - THINK_MS.from);
  const dueMs = performance.now() + waitMs;
  await sleep(waitMs);
  const answer = await ask();
  spent(performance.now() - dueMs);
  assert(answer.ok, `the till answers: ${JSON.stringify(answer)}`);
  return answer.value;
}

/** A member's basket of 30 lines: evaluated, held and committed. @returns milliseconds of the three together */
async function checkout(till: Till, nth: number): Promise<number> {
  let totalMs = 0;
  const spent = (ms: number): void => {
    totalMs += ms;
  };
  const member = await till.identify(POS, { text: benchCard((nth * 61_803) % MEMBERS) });
  assert(member.ok, 'the card is known');
  const basket = evaluateRequestSchema.parse({
    ...BASKET,
    id: `b-${nth}`,
    identificationId: member.value.identificationId,
  });
  const reply = await request(spent, () => till.evaluate(POS, basket));
  const { evaluationId, basketHash } = reply;
  await request(spent, () =>
    till.hold(POS, { id: evaluationId, basketHash, staffId: CASHIER.staffId }),
  );
  const body = { basketHash, referenceId: `R-${nth}`, staffId: CASHIER.staffId };
  await request(spent, () => till.commit(POS, { id: evaluationId, key: newId(), body }));
  return totalMs;
}

/** A whole load as sync does it: the build in its thread, then the merge in slices that give way to sales. */
async function fullLoad(port: SnapshotPort, source: Source, ver: number, till: Till, store: Store) {
  await buildSnapshot(port, source, ver);
  const onApplied = till.applied;
  const applier = createApplier({
    store: {
      apply: () => assert(false, 'no page comes beside the snapshot') as never,
      applyAhead: () => assert(false, 'no row comes beside the snapshot') as never,
      isCrowded: () => store.sync.isCrowded(),
    },
    clock: systemClock,
    timers: waitedTimers,
    budgetMs: APPLY_BUDGET_MS,
    idle: () => till.isIdle(),
    onApplied: () => {},
  });
  const merged = await mergeSnapshot(
    {
      port,
      budgetMs: APPLY_BUDGET_MS,
      mode: 'newer',
      yieldNow: applier.yieldNow,
      onApplied: ({ changed }) => onApplied(changed),
    },
    new AbortController().signal,
  );
  assert(merged.ok && merged.value !== 'cancelled', 'the snapshot is merged');
}

interface Latencies {
  readonly quiet: number[];
  readonly loaded: number[];
}

const measured = once(async (): Promise<readonly Latencies[]> => {
  const bench = openBenchStore();
  const source = await startSource(MEMBERS);
  const { store, place, dataDir, key } = bench;
  const till = await createSmallTill({ store, now: systemClock.now, place, members: 0 });
  const random = (bytes: number) => randomBytes(bytes);
  const port = createSnapshotPort({
    dataDir,
    key,
    storeId: place.store.storeId,
    store,
    clock: systemClock,
    random,
  });
  const checkpointer = createCheckpointer({ store, key, timers: waitedTimers, log: () => {} });
  await checkpointer.started;
  let nth = 0;
  const checkouts = async (going: (done: number) => boolean): Promise<number[]> => {
    const ms: number[] = [];
    while (going(ms.length)) ms.push(await checkout(till, ++nth));
    return ms;
  };
  try {
    for (let from = 0; from < MEMBERS; from += BATCH) {
      const rows = benchRows(from, from + BATCH);
      store.sync.apply(rows.map(([id, ver, body]): FeedRow => ['member', id, ver, body]));
    }
    for (let round = 0; round < ROUNDS; round += 1)
      for (let from = 0; from < MEMBERS; from += SEGMENT_ROWS)
        await fetchSegment(source, from, 2 + round);
    await checkouts((done) => done < WARM_UP_CHECKOUTS);
    const rounds: Latencies[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const quiet = await checkouts((done) => done < QUIET_CHECKOUTS);
      let loading = true;
      const load = fullLoad(port, source, 2 + round, till, store).finally(() => {
        loading = false;
      });
      const [loaded] = await Promise.all([checkouts(() => loading), load]);
      rounds.push({ quiet, loaded });
    }
    return rounds;
  } finally {
    till.close();
    await port.close();
    await checkpointer.close();
    bench.close();
    await source.close();
  }
});

/** The latency of a checkout beside a full load, against the same till with nothing beside it. */
function latency(id: string, share: number): Benchmark {
  return {
    name: id,
    async run() {
      const rounds = await measured();
      return resultOf(
        {
          name: `sync: checkout beside a full load of 100,000 members, p${share * 100}`,
          unit: 'ms/checkout',
          baselineName: 'the same checkout with nothing beside it',
        },
        rounds.map(({ loaded }) => percentile(loaded, share)),
        rounds.map(({ quiet }) => percentile(quiet, share)),
      );
    },
  };
}

export const benchmarks: readonly Benchmark[] = [
  latency('sync-checkout-p50', 0.5),
  latency('sync-checkout-p99', 0.99),
];
