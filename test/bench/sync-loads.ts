import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { zstdDecompressSync } from 'node:zlib';
import { Unpackr } from 'msgpackr';
import { createRxDatabase } from 'rxdb/plugins/core';
import { replicateRxCollection } from 'rxdb/plugins/replication';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { assert } from '../../agent/contract/index.ts';
import { systemClock } from '../../agent/main/system.ts';
import { createSnapshotPort } from '../../agent/store/snapshot/create-snapshot-port.ts';
import { openDatabase } from '../../agent/store/sqlite/open-database.ts';
import type { SnapshotPort } from '../../sync/client/ports.ts';
import { SEGMENT_ROWS } from '../../sync/protocol/snapshot.ts';
import { cursorAt } from '../support/fed-rows.ts';

/** Rows of one transaction of the floor, and of one batch of a peer. */
const FLOOR_ROWS = 10_000;
const PEER_ROWS = 1_000;
/** Pages of the floor's write-ahead log before they move into the file: 80 MiB. */
const FLOOR_WAL_PAGES = 20_000;
/** Under it the load makes the digests of the full-volume checks by the way. */
const DIGEST_KEY = 'd1'.repeat(32);

/** A sender of `members` members over HTTP. */
export interface Source {
  readonly members: number;
  readonly url: string;
  close(): Promise<void>;
}

export async function startSource(members: number): Promise<Source> {
  const worker = new Worker(new URL('./sync-source.ts', import.meta.url), { workerData: members });
  const [port] = (await once(worker, 'message')) as [number];
  return {
    members,
    url: `http://127.0.0.1:${port}`,
    close: async () => void (await worker.terminate()),
  };
}

/** Lets the source pack what both loads fetch, so that nobody waits for it while the clock runs. */
export async function prepare(source: Source): Promise<void> {
  for (let from = 0; from < source.members; from += SEGMENT_ROWS) {
    await fetchSegment(source, from);
    await fetchColumns(source, from);
  }
}

/** The segment that begins with the member `from`, every row in version `ver`. */
export function fetchSegment(source: Source, from: number, ver = 1): Promise<Uint8Array> {
  return fetchBytes(`${source.url}/segment?from=${from}&ver=${ver}`);
}

function fetchColumns(source: Source, from: number): Promise<Uint8Array> {
  return fetchBytes(`${source.url}/columns?from=${from}`);
}

async function fetchBytes(url: string): Promise<Uint8Array> {
  const answer = await fetch(url);
  return new Uint8Array(await answer.arrayBuffer());
}

/** Rows per second of `load` in a folder of its own, which is removed afterwards. */
async function rowsPerSecond(
  source: Source,
  load: (folder: string) => Promise<{ loaded(): number | Promise<number>; close(): unknown }>,
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'tillside-bench-'));
  try {
    const startMs = performance.now();
    const done = await load(folder);
    const tookMs = performance.now() - startMs;
    const loaded = await done.loaded();
    await done.close();
    assert(loaded === source.members, `all ${source.members} members were loaded, not ${loaded}`);
    return (loaded * 1_000) / tookMs;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * The till's own load: the thread is started, every row is checked by the schema and read back against the segment's
 * hash, indexes made, every page checked, everything on the disk.
 */
export function loadOurs(source: Source): Promise<number> {
  return rowsPerSecond(source, async (dataDir) => {
    const port = createSnapshotPort({
      dataDir,
      key: randomBytes(32),
      storeId: 'store-1',
      // A merge would ask for more of it.
      store: { sync: { checks: { key: () => DIGEST_KEY } } } as never,
      clock: systemClock,
      random: (bytes) => randomBytes(bytes),
    });
    const rowsDone = await buildSnapshot(port, source);
    return { loaded: () => rowsDone, close: () => port.close() };
  });
}

/** Fetches every segment and finishes the build. @returns its rows */
export async function buildSnapshot(port: SnapshotPort, source: Source, ver = 1): Promise<number> {
  let progress = await port.begin({
    start: cursorAt(source.members * ver),
    tables: [{ table: 'member', rows: source.members }],
  });
  while (progress.next !== null) {
    const taken = await port.segment(
      progress.next,
      await fetchSegment(source, progress.rowsDone, ver),
    );
    assert(taken.ok, 'the segment is whole');
    progress = taken.value;
  }
  const finished = await port.finish();
  assert(finished.ok, 'the snapshot is whole');
  return finished.value.rowsDone;
}

type Columns = [key: string, ver: number, body: string, phoneReversed: string, card: string];

/**
 * The least that puts the same rows into an encrypted file where the same is found by the same keys: prepared inserts of
 * columns that come ready and in order of the key, indexes last, a large write-ahead log. Nothing is checked or parsed.
 */
export function loadFloor(source: Source): Promise<number> {
  return rowsPerSecond(source, async (folder) => {
    const db = openDatabase(join(folder, 'floor.db'), randomBytes(32), true);
    db.pragma('synchronous=NORMAL');
    db.pragma(`wal_autocheckpoint=${FLOOR_WAL_PAGES}`);
    db.exec(
      'CREATE TABLE members (no INTEGER PRIMARY KEY, member_id TEXT, ver INTEGER, body TEXT, phone_reversed TEXT, card TEXT)',
    );
    const insert = db.prepare('INSERT INTO members VALUES (NULL, ?, ?, ?, ?, ?)');
    const insertAll = db.transaction((rows: readonly Columns[]) => {
      for (const row of rows) insert.run(...row);
    });
    const unpackr = new Unpackr({ useRecords: false });
    for (let from = 0; from < source.members; from += SEGMENT_ROWS) {
      const bytes = zstdDecompressSync(await fetchColumns(source, from));
      const rows = unpackr.unpackMultiple(bytes) as Columns[];
      for (let at = 0; at < rows.length; at += FLOOR_ROWS)
        insertAll(rows.slice(at, at + FLOOR_ROWS));
    }
    db.exec(`
      CREATE UNIQUE INDEX members_by_id ON members (member_id);
      CREATE INDEX members_by_phone ON members (phone_reversed, member_id);
      CREATE UNIQUE INDEX members_by_card ON members (card);`);
    db.pragma('wal_checkpoint(TRUNCATE)');
    const loaded = () => (db.prepare('SELECT count(*) AS n FROM members').get() as { n: number }).n;
    return { loaded, close: () => db.close() };
  });
}

/** RxDB's own pull replication over HTTP into its memory storage, with the indexes that a till needs. */
export function loadRxdb(source: Source): Promise<number> {
  return rowsPerSecond(source, async () => {
    const db = await createRxDatabase({
      name: `bench-${randomBytes(8).toString('hex')}`,
      storage: getRxStorageMemory(),
      multiInstance: false,
    });
    const text = { type: 'string', maxLength: 32 } as const;
    const { members } = await db.addCollections({
      members: {
        schema: {
          version: 0,
          primaryKey: 'memberId',
          type: 'object',
          properties: { memberId: text, phone: text, card: text },
          required: ['memberId', 'phone', 'card'],
          indexes: ['phone', 'card'],
        },
      },
    });
    const replication = replicateRxCollection<unknown, { readonly from: number }>({
      collection: members,
      replicationIdentifier: 'bench',
      live: false,
      pull: {
        batchSize: PEER_ROWS,
        async handler(checkpoint, batchSize) {
          const { from } = checkpoint ?? { from: 0 };
          const answer = await fetch(`${source.url}/pull?from=${from}&limit=${batchSize}`);
          return await answer.json();
        },
      },
    });
    await replication.awaitInitialReplication();
    return { loaded: () => members.count().exec(), close: () => db.close() };
  });
}

interface Pouch {
  info(): Promise<{ doc_count: number }>;
  close(): Promise<void>;
}
type PouchConstructor = {
  new (name: string, options?: object): Pouch;
  replicate(from: Pouch, to: Pouch, options: object): Promise<{ ok: boolean }>;
};

/** PouchDB's own replication from CouchDB's HTTP API into leveldb; the index of ids is the only one that it gets. */
export function loadPouch(source: Source): Promise<number> {
  // The package brings no types.
  const Pouch = createRequire(import.meta.url)('pouchdb') as PouchConstructor;
  return rowsPerSecond(source, async (folder) => {
    const from = new Pouch(`${source.url}/members`, { skip_setup: true });
    const to = new Pouch(join(folder, 'pouch'), { adapter: 'leveldb' });
    await Pouch.replicate(from, to, { batch_size: PEER_ROWS, batches_limit: 10 });
    return { loaded: async () => (await to.info()).doc_count, close: () => to.close() };
  });
}
