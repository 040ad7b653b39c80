import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import { createFeedReader } from '../../../../sync/hq/feed/create-feed-reader.ts';
import type { FeedRow } from '../../../../sync/protocol/feed.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { atTheBeginning, endSequencersAfterEach, startSequencer } from './follow.ts';
import { putTag } from './writers.ts';

const WRITERS = 8;
const ROWS = 20_000;
const ROWS_A_TRANSACTION = 25;
/** Keys that all writers change. */
const COUNTERS = 5;
const HOLD_MS = 2_000;

/** One transaction: rows of its own, one counter up, and the same rows in a log with a plain serial number. */
async function writeSome(db: HqDatabase, name: string, lingerMs: number | null): Promise<void> {
  const counter = `counter-${name.length % COUNTERS}`;
  await db.transaction(async (tx) => {
    await tx.query(
      `INSERT INTO articles (sku, body) SELECT $1 || n, '{}' FROM generate_series(1, ${ROWS_A_TRANSACTION}) n`,
      [name],
    );
    await tx.query(
      `INSERT INTO plain_log (sku) SELECT $1 || n FROM generate_series(1, ${ROWS_A_TRANSACTION}) n`,
      [name],
    );
    if (lingerMs === null) await nextTurn();
    else if (lingerMs > 0) await sleep(lingerMs);
    // Last, since the others wait for its lock.
    await tx.query('UPDATE tags SET body = (body::bigint + 1)::text WHERE tag = $1', [counter]);
  });
}

async function prepare(db: HqDatabase): Promise<void> {
  await db.script('CREATE TABLE plain_log (id bigserial PRIMARY KEY, sku text NOT NULL)');
  for (let i = 0; i < COUNTERS; i++) await putTag(db, `counter-${i}`, 0);
}

/** Writes ROWS rows; every fifth transaction of `linger` stays open for up to 20 ms before its commit. */
async function writeAll(db: HqDatabase, prefix: string, linger: boolean): Promise<void> {
  const rounds = ROWS / ROWS_A_TRANSACTION / WRITERS;
  const writer = async (w: number) => {
    for (let round = 0; round < rounds; round++) {
      const lingerMs = !linger ? null : (round + w) % 5 === 0 ? 1 + ((7 * round + w) % 20) : 0;
      // Names of different length spread over the counters.
      await writeSome(db, `${prefix}${'.'.repeat((w + round) % COUNTERS)}${w}-${round}-`, lingerMs);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, w) => writer(w)));
}

/** Follows the feed while `running` and then to the head; tells every row as it comes. */
async function follow(
  db: HqDatabase,
  running: { now: boolean },
  each: (row: FeedRow) => void,
): Promise<void> {
  const reader = createFeedReader({ db });
  let cursor = await atTheBeginning(reader);
  for (;;) {
    const last = !running.now;
    const page = must(await reader.readPage({ storeId: 'store-1', cursor, protocol: 2 }));
    page.rows.forEach(each);
    if (page.to.pos === cursor.pos) {
      const [left] = await db.query('SELECT 1 FROM outbox LIMIT 1');
      if (last && left === undefined && (await reader.head()).pos === cursor.pos) return;
      await sleep(db.engine === 'pglite' ? 20 : 1);
    }
    cursor = page.to;
  }
}

/** The reader that a sequencer is there to replace: it remembers the highest serial number. */
async function followPlainly(db: HqDatabase, running: { now: boolean }): Promise<Set<string>> {
  const seen = new Set<string>();
  let at = 0;
  for (;;) {
    const last = !running.now;
    const rows = await db.query<{ id: number; sku: string }>(
      'SELECT id, sku FROM plain_log WHERE id > $1 ORDER BY id',
      [at],
    );
    for (const { id, sku } of rows) {
      seen.add(sku);
      at = id;
    }
    if (last && rows.length === 0) return seen;
    await sleep(db.engine === 'pglite' ? 20 : 1);
  }
}

describeOnEngines('the feed under eight writers', (hq) => {
  endSequencersAfterEach();

  test('misses none of 20,000 rows and keeps the order of each key, where a plain cursor loses rows', async () => {
    const db = await hq.fresh();
    await prepare(db);
    await startSequencer(db);
    const running = { now: true };
    const seen = new Set<string>();
    const counters = new Map<string, number>();
    const fed = follow(db, running, ([table, key, , body]) => {
      if (table === 'article') {
        expect(seen.has(key)).toBe(false);
        seen.add(key);
      } else {
        const value = Number(body);
        expect(value).toBeGreaterThan(counters.get(key) ?? -1);
        counters.set(key, value);
      }
    });
    const plain = followPlainly(db, running);
    await writeAll(db, 'sku', hq.engine === 'postgresql').finally(() => {
      running.now = false;
    });
    await fed;
    expect(seen.size).toBe(ROWS);
    const total = [...counters.values()].reduce((sum, value) => sum + value, 0);
    expect(total).toBe(ROWS / ROWS_A_TRANSACTION);
    // One connection commits in the order of its numbers: on PGlite the plain reader has no chance to fail.
    const missed = ROWS - (await plain).size;
    if (hq.engine === 'postgresql') expect(missed).toBeGreaterThan(0);
    else expect(missed).toBe(0);
  });
});

describeOnEngines(
  'the feed beside a transaction that stays open',
  (hq) => {
    endSequencersAfterEach();

    test('brings what others commit meanwhile long before it ends, and its own rows when it ends', async () => {
      const db = await hq.fresh();
      await prepare(db);
      await startSequencer(db);
      const running = { now: true };
      const committed = new Map<string, number>();
      const latencies: number[] = [];
      let heldSeen = false;
      const fed = follow(db, running, ([, key]) => {
        const atMs = committed.get(key);
        if (atMs !== undefined) latencies.push(performance.now() - atMs);
        heldSeen ||= key === 'held';
      });

      const startMs = performance.now();
      let heldMs = 0;
      let others = 0;
      let seenDuringHold = 0;
      const held = { now: true };
      const begun = Promise.withResolvers<void>();
      const writers = begun.promise.then(() =>
        Promise.all(Array.from({ length: WRITERS }, (_, w) => writeWhile(db, w, held, committed))),
      );
      await db.transaction(async (tx) => {
        await tx.query("INSERT INTO articles (sku, body) VALUES ('held', '{}')");
        begun.resolve();
        await sleep(HOLD_MS);
        held.now = false;
        others = (await writers).reduce((sum, n) => sum + n, 0);
        await expect.poll(() => latencies.length, { timeout: 15_000 }).toBe(others);
        seenDuringHold = latencies.length;
        expect(heldSeen).toBe(false);
        heldMs = performance.now() - startMs;
      });
      running.now = false;
      await fed;
      expect(heldSeen).toBe(true);
      expect(others).toBeGreaterThan(100);
      expect(seenDuringHold).toBe(others);
      const p99Ms = latencies.toSorted((a, b) => a - b)[Math.floor(latencies.length * 0.99)] ?? 0;
      // Below the oldest open transaction it would be the whole of the hold.
      expect(p99Ms).toBeLessThan(heldMs / 4);
    });
  },
  ['postgresql'],
);

/** Commits single rows, out of the transaction of the caller, and notes when each was committed. */
async function writeWhile(
  db: HqDatabase,
  w: number,
  held: { now: boolean },
  committed: Map<string, number>,
): Promise<number> {
  let n = 0;
  for (; held.now; n++) {
    const sku = `${w}-${n}`;
    // Before the commit: the reader may see it before this process hears that it is done.
    committed.set(sku, performance.now());
    await db.query("INSERT INTO articles (sku, body) VALUES ($1, '{}')", [sku]);
    await sleep(2);
  }
  return n;
}
