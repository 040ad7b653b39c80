import { performance } from 'node:perf_hooks';
import { assert } from '../../agent/contract/index.ts';
import { systemClock, waitedTimers } from '../../agent/main/system.ts';
import { openDatabase } from '../../agent/store/sqlite/open-database.ts';
import { APPLY_BUDGET_MS, createApplier } from '../../sync/client/apply.ts';
import { createPageTaker } from '../../sync/client/take-page.ts';
import {
  type Cursor,
  type FeedRow,
  PAGE_MAX_ROWS,
  type Page,
  streamFrameSchema,
} from '../../sync/protocol/feed.ts';
import { pageHash, rowHash } from '../../sync/protocol/feed-hash.ts';
import { cursorAt } from '../support/fed-rows.ts';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';
import { benchCard, benchMember, benchPhone, benchRows, memberKey } from './sync-members.ts';
import { comparePairs } from './sync-pairs.ts';
import { type BenchStore, openBenchStore } from './sync-store.ts';

const MEMBERS = 100_000;
const BATCH = 10_000;
/** Pages of one measurement. */
const PAGES = 10;
const SAMPLES = 7;
/** Shares no factor with the members, so that the changes of a page lie all over the file. */
const STEP = 61_803;
const STORE = 's1';

/** Lines of a stream: pages of changes of members, each one round later in version than the one before. */
function createPages() {
  let at = 0;
  let cursor: Cursor = cursorAt(1);

  function page(): string {
    const rows = Array.from({ length: PAGE_MAX_ROWS }, (): FeedRow => {
      at += 1;
      const n = (at * STEP) % MEMBERS;
      return ['member', memberKey(n), 1 + at, benchMember(n, 100 + (at % 1_000))];
    });
    const from = cursor;
    cursor = cursorAt(from.pos + rows.length);
    const hash = pageHash(STORE, { from, to: cursor }, rows.map(rowHash));
    const content: Page = { from, to: cursor, rows, count: rows.length, hash, exact: false };
    return JSON.stringify({ t: 'page', page: content });
  }

  return { next: () => Array.from({ length: PAGES }, page) };
}

/** The till's way of a line: form, place and hash are checked, then rows are applied in slices that give way to sales. */
function createOurs({ store }: BenchStore) {
  store.sync.apply([], cursorAt(1));
  for (let from = 0; from < MEMBERS; from += BATCH)
    store.sync.apply(
      benchRows(from, from + BATCH).map(([key, ver, body]): FeedRow => ['member', key, ver, body]),
    );
  const applier = createApplier({
    store: store.sync,
    clock: systemClock,
    timers: waitedTimers,
    budgetMs: APPLY_BUDGET_MS,
    idle: () => true,
    onApplied: ({ ignored }) => assert(ignored === 0, 'every row of the page is a change'),
  });
  const pages = createPageTaker({
    store: store.sync,
    storeId: () => STORE,
    applier,
    log: () => {},
    onTaken: () => {},
  });
  return async (lines: readonly string[]) => {
    for (const line of lines) {
      const frame = streamFrameSchema.parse(JSON.parse(line));
      assert(frame.t === 'page', 'the line is a page');
      assert(
        (await pages.take(frame.page, new AbortController().signal)) === null,
        'the page is taken',
      );
    }
  };
}

/** The same changes as bare upserts in a file with the same keys and settings, one transaction a page. */
function createFloor(file: string, key: Uint8Array) {
  const db = openDatabase(file, key, true);
  db.exec(`
    CREATE TABLE members (no INTEGER PRIMARY KEY, member_id TEXT, ver INTEGER, body TEXT, phone_reversed TEXT, card TEXT);
    CREATE UNIQUE INDEX members_by_id ON members (member_id);
    CREATE INDEX members_by_phone ON members (phone_reversed, member_id);
    CREATE UNIQUE INDEX members_by_card ON members (card);`);
  const upsert = db.prepare(`
    INSERT INTO members VALUES (NULL, ?, ?, ?, ?, ?) ON CONFLICT (member_id) DO UPDATE SET ver = excluded.ver,
      body = excluded.body, phone_reversed = excluded.phone_reversed, card = excluded.card`);
  const put = (n: number, ver: number, body: string) =>
    upsert.run(memberKey(n), ver, body, [...benchPhone(n)].reverse().join(''), benchCard(n));
  const fill = db.transaction((from: number) => {
    for (const [i, [, ver, body]] of benchRows(from, from + BATCH).entries())
      put(from + i, ver, body);
  });
  for (let from = 0; from < MEMBERS; from += BATCH) fill(from);
  const putAll = db.transaction((rows: readonly FeedRow[]) => {
    for (const [, id, ver, body] of rows) put(Number(id.slice(2)), ver, body ?? '');
  });
  return {
    async apply(lines: readonly string[]) {
      for (const line of lines) putAll((JSON.parse(line) as { page: Page }).page.rows);
    },
    close: () => db.close(),
  };
}

async function rowsPerSecond(work: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await work();
  return (PAGES * PAGE_MAX_ROWS * 1_000) / (performance.now() - startMs);
}

/** Random changes among 100,000 members, page by page, each durable (`synchronous=FULL`) before the next is read. */
async function catchUp(): Promise<BenchmarkResult> {
  const bench = openBenchStore();
  const floor = createFloor(`${bench.dataDir}/floor.db`, bench.key);
  const ours = createOurs(bench);
  // The same pages for both, whoever comes first.
  const [forOurs, forFloor] = [createPages(), createPages()];
  try {
    await ours(forOurs.next());
    await floor.apply(forFloor.next());
    return await comparePairs({
      name: 'sync: catch-up, pages of 500 random changes among 100,000 encrypted members',
      unit: 'rows/s',
      baselineName: 'raw upserts in pages of the same size, AES-256, synchronous=FULL',
      samples: SAMPLES,
      ours() {
        const lines = forOurs.next();
        return rowsPerSecond(() => ours(lines));
      },
      baseline() {
        const lines = forFloor.next();
        return rowsPerSecond(() => floor.apply(lines));
      },
    });
  } finally {
    floor.close();
    bench.close();
  }
}

export const benchmarks: readonly Benchmark[] = [{ name: 'sync-catch-up', run: catchUp }];
