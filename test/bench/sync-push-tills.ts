/**
 * Tills of the push benchmark, in a process of their own. Each is a real sync client on a real encrypted store, and
 * beside it the floor: a bare WebSocket and one prepared upsert into an encrypted file. Tells its parent, by IPC, when all
 * of them have a change durably, and at what instant each had it.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import WebSocket from 'ws';
import { systemClock, waitedTimers } from '../../agent/main/system.ts';
import { openDatabase } from '../../agent/store/sqlite/open-database.ts';
import { createSyncClient } from '../../sync/client/create-sync-client.ts';
import type { SnapshotPort } from '../../sync/client/ports.ts';
import { registerTill } from '../../sync/client/register-till.ts';
import { must } from '../support/hq-database.ts';
import { nowUs, type Side, type TillsReport, type TillsWanted } from './sync-push-wire.ts';
import { openBenchStore } from './sync-store.ts';

const random = (bytes: number) => randomBytes(bytes);
const deps = { clock: systemClock, timers: waitedTimers, random, version: '0.0.0-bench' };

const notNeeded = (): never => {
  throw new Error('broken invariant: a till that stands at the head needs no snapshot');
};
const NO_SNAPSHOT: SnapshotPort = {
  begin: notNeeded,
  segment: notNeeded,
  finish: notNeeded,
  merge: notNeeded,
  discard: notNeeded,
};

interface OpenTill {
  online(): boolean;
  close(): Promise<void>;
}

async function openTill(
  { ticket, storeId }: TillsWanted['tills'][number],
  { head, floorUrl }: TillsWanted,
  durable: (side: Side, key: string) => void,
): Promise<OpenTill> {
  const bench = openBenchStore(ticket.tillId, storeId);
  const { store, dataDir, key } = bench;
  const { incarnation } = store.sync;
  store.sync.register(must(await registerTill({ ...deps, ticket, incarnation })));
  // Headquarters has nothing yet that a first copy would bring.
  store.sync.apply([], head);
  const client = createSyncClient({
    ...deps,
    store: store.sync,
    log: () => {},
    onApplied(changed) {
      for (const one of changed) if (one.table === 'points') durable('ours', one.key);
    },
    installDocument: () => ({ ok: true, value: undefined }),
    localPoints: () => 0,
    snapshot: NO_SNAPSHOT,
  });
  client.start();

  const floor = openDatabase(join(dataDir, 'floor.db'), key, true);
  floor.exec('CREATE TABLE points (key TEXT PRIMARY KEY, body TEXT NOT NULL)');
  const upsert = floor.prepare(
    'INSERT INTO points VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET body = excluded.body',
  );
  const socket = new WebSocket(floorUrl);
  socket.on('message', (data) => {
    const { key: changed, body } = JSON.parse(String(data)) as { key: string; body: string };
    upsert.run(changed, body);
    durable('floor', changed);
  });
  return {
    online: () =>
      client.headquarters.facts().transport === 'stream' && socket.readyState === WebSocket.OPEN,
    async close() {
      await client.stop();
      socket.terminate();
      floor.close();
      bench.close();
    },
  };
}

async function run(wanted: TillsWanted): Promise<void> {
  const report = (message: TillsReport): void => void process.send?.(message);
  const seen = new Map<string, number[]>();
  function durable(side: Side, key: string): void {
    const atUs = seen.get(`${side} ${key}`) ?? [];
    seen.set(`${side} ${key}`, atUs);
    atUs.push(nowUs());
    if (atUs.length === wanted.tills.length) report({ t: 'durable', side, key, atUs });
  }
  const tills: OpenTill[] = [];
  for (const till of wanted.tills) tills.push(await openTill(till, wanted, durable));
  while (!tills.every((till) => till.online()))
    await new Promise((resolve) => setTimeout(resolve, 50));
  report({ t: 'ready' });
  await new Promise((resolve) => process.once('disconnect', resolve));
  for (const till of tills) await till.close();
}

process.once('message', (wanted: TillsWanted) => void run(wanted));
