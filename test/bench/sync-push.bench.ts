import { type ChildProcess, fork } from 'node:child_process';
import { once as happens } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import type { HqDatabase } from '../../sync/hq/database/database.ts';
import { createFeedReader } from '../../sync/hq/feed/create-feed-reader.ts';
import { inBulk } from '../../sync/hq/records/bulk.ts';
import { writeMembers } from '../../sync/hq/records/write-members.ts';
import { startTestHq, type TestHq } from '../support/hq.ts';
import { must } from '../support/hq-database.ts';
import { testMember } from '../support/ledger.ts';
import type { Benchmark } from './benchmark.ts';
import { median } from './measure.ts';
import { once, percentile } from './sync-pairs.ts';
import { nowUs, type Side, type TillsReport, type TillsWanted } from './sync-push-wire.ts';

const STORES = Array.from({ length: 20 }, (_, n) => `s${n + 1}`);
const TILLS = 200;
/** Each holds its share of the tills: two cores are there for them, headquarters and its database. */
const PROCESSES = 2;
const WARM_UP_CHANGES = 5;
const CHANGES = 60;
/** From one change, when all tills have it, to the next, in milliseconds. */
const PAUSE_MS = 60;
/** A change that has not arrived by then never will, in milliseconds. */
const PATIENCE_MS = 60_000;

type Engine = 'embedded' | 'pglite';

/** Microseconds from commit until each till had the change on its disk, change by change. */
type Latencies = Readonly<Record<Side, readonly (readonly number[])[]>>;

/** What waits for a change to be at all tills. */
interface Arrivals {
  /** @returns the instants at which each till had it */
  of(side: Side, key: string): Promise<readonly number[]>;
}

const accountOf = (memberId: string, points: number) =>
  JSON.stringify({
    memberId,
    lots: [
      {
        lotId: `lot-${memberId}`,
        points,
        earnedAt: '2026-11-01T00:00:00.000Z',
        channel: 'online',
        bucket: 'base',
        source: 'hq',
      },
    ],
    booked: {},
  });

/** Members that every store carries, one for each change, and the head once they are in the feed. */
async function fill(hq: TestHq): Promise<{ ids: string[]; head: TillsWanted['head'] }> {
  const { db } = hq.deps;
  const members = Array.from({ length: WARM_UP_CHANGES + CHANGES }, (_, n) =>
    testMember(n, { homeStoreId: 's1' as never }),
  );
  const ids = members.map(({ memberId }) => memberId as string);
  await inBulk(db, (tx) =>
    writeMembers(tx, {
      members,
      accounts: ids.map((id) => JSON.parse(accountOf(id, 0))),
      rule: { scope: 'region', regions: { all: STORES as never } },
      nowMs: Date.now(),
    }),
  );
  while ((await db.query('SELECT 1 FROM outbox LIMIT 1')).length > 0) await sleep(50);
  return { ids, head: await createFeedReader({ db }).head() };
}

/** The floor's sending side: who hears the notification reads the row and sends it to every socket. */
async function startFloor(db: HqDatabase) {
  await db.script('CREATE TABLE bench_floor (key text PRIMARY KEY, body text NOT NULL)');
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await happens(server, 'listening');
  const send = async (key: string): Promise<void> => {
    const [row] = await db.query('SELECT key, body FROM bench_floor WHERE key = $1', [key]);
    const text = JSON.stringify(row);
    for (const client of server.clients) client.send(text);
  };
  const stop = await db.listen('bench_floor', (key) => void send(key));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      await stop();
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}

/** Starts the processes of tills and waits until every till stands at the head. */
async function startTills(hq: TestHq, head: TillsWanted['head'], floorUrl: string) {
  const tills: { ticket: TillsWanted['tills'][number]['ticket']; storeId: string }[] = [];
  for (let n = 0; n < TILLS; n += 1) {
    const storeId = STORES[n % STORES.length] ?? '';
    tills.push({ ticket: must(await hq.ticket(`till-${n + 1}`, storeId)), storeId });
  }
  const arrived = new Map<string, { atUs: number[]; all: PromiseWithResolvers<number[]> }>();
  const arrivalOf = (side: Side, key: string) => {
    const name = `${side} ${key}`;
    const known = arrived.get(name) ?? { atUs: [], all: Promise.withResolvers<number[]>() };
    arrived.set(name, known);
    return known;
  };
  const children: ChildProcess[] = [];
  const ready: Promise<void>[] = [];
  for (let nth = 0; nth < PROCESSES; nth += 1) {
    const child = fork(new URL('./sync-push-tills.ts', import.meta.url));
    children.push(child);
    const isReady = Promise.withResolvers<void>();
    ready.push(isReady.promise);
    child.once('exit', () => isReady.reject(new Error('a process of tills ended')));
    child.on('message', (report: TillsReport) => {
      if (report.t === 'ready') return isReady.resolve();
      const arrival = arrivalOf(report.side, report.key);
      arrival.atUs.push(...report.atUs);
      if (arrival.atUs.length === TILLS) arrival.all.resolve(arrival.atUs);
    });
    const wanted: TillsWanted = {
      tills: tills.filter((_, n) => n % PROCESSES === nth),
      head,
      floorUrl,
    };
    child.send(wanted);
  }
  const arrivals: Arrivals = {
    async of(side, key) {
      const { all, atUs } = arrivalOf(side, key);
      const late = sleep(PATIENCE_MS, undefined, { ref: false }).then(() => {
        throw new Error(`${side}: only ${atUs.length} of ${TILLS} tills have ${key}`);
      });
      return Promise.race([all.promise, late]);
    },
  };
  return {
    ready: Promise.all(ready),
    arrivals,
    async close() {
      for (const child of children) {
        if (child.exitCode !== null) continue;
        child.disconnect();
        await happens(child, 'exit');
      }
    },
  };
}

async function measure(engine: Engine): Promise<Latencies> {
  const folder = mkdtempSync(join(tmpdir(), 'tillside-bench-hq-'));
  // The embedded server runs as a user of its own where this one is root: it has to get through.
  chmodSync(folder, 0o711);
  const hq = await startTestHq({
    stores: STORES,
    database: { kind: engine, folder: join(folder, 'db') },
  });
  const { db } = hq.deps;
  const floor = await startFloor(db);
  try {
    const { ids, head } = await fill(hq);
    const tills = await startTills(hq, head, floor.url);
    try {
      await tills.ready;
      const change: Readonly<Record<Side, (key: string) => Promise<unknown>>> = {
        ours: (key) =>
          db.query('UPDATE point_accounts SET body = $2 WHERE member_id = $1', [
            key,
            accountOf(key, 100),
          ]),
        floor: (key) =>
          db.transaction(async (tx) => {
            const values = [key, accountOf(key, 100)];
            await tx.query('INSERT INTO bench_floor VALUES ($1, $2)', values);
            await tx.query("SELECT pg_notify('bench_floor', $1)", [key]);
          }),
      };
      const latencies: Record<Side, number[][]> = { ours: [], floor: [] };
      for (const [nth, key] of ids.entries())
        for (const side of sidesOf(nth)) {
          await change[side](key);
          const committedUs = nowUs();
          const atUs = await tills.arrivals.of(side, key);
          if (nth >= WARM_UP_CHANGES) latencies[side].push(atUs.map((at) => at - committedUs));
          await sleep(PAUSE_MS);
        }
      return latencies;
    } finally {
      await tills.close();
    }
  } finally {
    await floor.close();
    await hq.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** The order alternates, so that a machine that is busier for a while touches both alike. */
function sidesOf(nth: number): readonly Side[] {
  return nth % 2 === 0 ? ['ours', 'floor'] : ['floor', 'ours'];
}

/** Of all changes at all tills, and of each change its last till. */
const FIGURES: readonly {
  readonly id: string;
  readonly name: string;
  readonly of: (latencies: Latencies[Side]) => number;
}[] = [
  { id: 'p50', name: 'p50', of: (all) => percentile(all.flat(), 0.5) },
  { id: 'p99', name: 'p99', of: (all) => percentile(all.flat(), 0.99) },
  {
    id: 'last',
    name: 'last of 200 tills, median of the changes',
    of: (all) => median(all.map((one) => Math.max(...one))),
  },
];

/** 200 real sync clients on 200 real stores of 20 stores; one account of points that every store carries changes. */
function onEngine(engine: Engine, shown: string): readonly Benchmark[] {
  const measured = once(() => measure(engine));
  return FIGURES.map(({ id, name, of }) => ({
    name: `sync-push-${engine}-${id}`,
    async run() {
      const latencies = await measured();
      const [ours, baseline] = [of(latencies.ours) / 1_000, of(latencies.floor) / 1_000];
      return {
        name: `sync: HQ commit to durable at 200 tills, ${shown}, ${name}`,
        unit: 'ms',
        ours,
        baseline,
        baselineName: 'bare LISTEN, one WebSocket send and one encrypted upsert a till',
        ratio: ours / baseline,
        samples: CHANGES,
      };
    },
  }));
}

export const benchmarks: readonly Benchmark[] = [
  ...onEngine('embedded', 'PostgreSQL'),
  ...onEngine('pglite', 'PGlite'),
];
