import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert } from '../../agent/contract/index.ts';
import { openSnapshotBuild } from '../../agent/store/snapshot/snapshot-build.ts';
import { openDatabase } from '../../agent/store/sqlite/open-database.ts';
import type { RowPlace } from '../../sync/client/ports.ts';
import { type FeedRow, PAGE_MAX_ROWS } from '../../sync/protocol/feed.ts';
import { cursorAt } from '../support/fed-rows.ts';
import { packSegment } from '../support/segments.ts';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';
import { benchMember, benchRows, memberKey } from './sync-members.ts';
import { comparePairs } from './sync-pairs.ts';
import { type BenchStore, openBenchStore } from './sync-store.ts';

const MEMBERS = 100_000;
const BATCH = 10_000;
/** Pages of one measurement of upkeep. */
const PAGES = 10;
const SAMPLES = 7;
/** Rows of one slice of the deep scrub. */
const SCRUB_ROWS = 500;
/** Shares no factor with the members, so that the changes of a page lie all over the file. */
const STEP = 61_803;
const KEY = 'd1'.repeat(32);

/** Microseconds of this process's processor for each of `rows`. */
function cpuUs(rows: number, work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / rows;
}

/** A till with 100,000 members, with digests or without. */
function fed(withDigests: boolean): BenchStore {
  const bench = openBenchStore();
  const { sync } = bench.store;
  if (withDigests) {
    sync.checks.setKey(KEY);
    while (!sync.checks.make(BATCH).done);
  }
  for (let from = 0; from < MEMBERS; from += BATCH)
    sync.apply(
      benchRows(from, from + BATCH).map(([key, ver, body]): FeedRow => ['member', key, ver, body]),
    );
  sync.apply([], cursorAt(1));
  return bench;
}

/** Pages of changes all over the members, each a transaction. */
function createPages({ store }: BenchStore): () => number {
  let at = 0;
  return () => {
    const pages = Array.from({ length: PAGES }, () =>
      Array.from({ length: PAGE_MAX_ROWS }, (): FeedRow => {
        at += 1;
        const n = (at * STEP) % MEMBERS;
        return ['member', memberKey(n), 1 + at, benchMember(n, 100 + (at % 1_000))];
      }),
    );
    return cpuUs(PAGES * PAGE_MAX_ROWS, () => {
      for (const rows of pages) assert(store.sync.apply(rows).ignored === 0, 'each is a change');
    });
  };
}

async function upkeep(): Promise<BenchmarkResult> {
  const [digested, bare] = [fed(true), fed(false)];
  try {
    const [ours, baseline] = [createPages(digested), createPages(bare)];
    ours();
    baseline();
    return await comparePairs({
      name: 'checks: pages of 500 random changes among 100,000 encrypted members, digests kept',
      unit: 'us CPU/row',
      baselineName: 'the same pages without digests',
      samples: SAMPLES,
      ours: async () => ours(),
      baseline: async () => baseline(),
    });
  } finally {
    digested.close();
    bare.close();
  }
}

async function scrub(): Promise<BenchmarkResult> {
  const bench = fed(true);
  const db = openDatabase(bench.file(), bench.key, false);
  const { checks } = bench.store.sync;
  const some = db.prepare<[string, number], { member_id: string }>(
    'SELECT member_id, ver, body FROM members WHERE member_id > ? ORDER BY member_id LIMIT ?',
  );
  try {
    return await comparePairs({
      name: 'checks: deep scrub of 100,000 encrypted members with their cards',
      unit: 'us CPU/row',
      baselineName: 'reading the same rows in the same slices',
      samples: SAMPLES,
      ours: async () =>
        cpuUs(MEMBERS, () => {
          let place: RowPlace | null = null;
          do {
            const slice = checks.scrub(place, SCRUB_ROWS);
            assert(slice.suspects + slice.mended === 0, 'nothing is wrong');
            place = slice.next;
          } while (place !== null);
        }),
      baseline: async () =>
        cpuUs(MEMBERS, () => {
          for (let after: string | undefined = ''; after !== undefined; )
            after = some.all(after, SCRUB_ROWS).at(-1)?.member_id;
        }),
    });
  } finally {
    db.close();
    bench.close();
  }
}

/** Takes a snapshot of one segment in this thread. */
function load(segment: Uint8Array, digestKey: string | null): number {
  const dataDir = mkdtempSync(join(tmpdir(), 'tillside-bench-'));
  const [key, fileId] = [randomBytes(32), randomBytes(8).toString('hex')];
  const options = { dataDir, key, nowMs: 1, storeId: 's1', fileId, digestKey };
  const start = { start: cursorAt(9), tables: [{ table: 'member', rows: SEGMENT }] };
  try {
    return cpuUs(SEGMENT, () => {
      const build = openSnapshotBuild(options, start);
      assert(build.segment({ table: 'member', after: '' }, segment).ok, 'the segment is whole');
      assert(build.finish().ok, 'the snapshot is whole');
      build.close();
    });
  } finally {
    rmSync(dataDir, { recursive: true });
  }
}

const SEGMENT = 60_000;

async function snapshot(): Promise<BenchmarkResult> {
  const segment = packSegment('member', benchRows(0, SEGMENT));
  load(segment, KEY);
  return comparePairs({
    name: 'checks: snapshot load of 60,000 encrypted members with digests',
    unit: 'us CPU/row',
    baselineName: 'the same load without digests',
    samples: SAMPLES,
    ours: async () => load(segment, KEY),
    baseline: async () => load(segment, null),
  });
}

export const benchmarks: readonly Benchmark[] = [
  { name: 'checks-upkeep', run: upkeep },
  { name: 'checks-scrub', run: scrub },
  { name: 'checks-snapshot', run: snapshot },
];
