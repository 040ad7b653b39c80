import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { assert, type MemberId, ok } from '../../agent/contract/index.ts';
import { openStore } from '../../agent/store/open-store.ts';
import { openDatabase } from '../../agent/store/sqlite/open-database.ts';
import type { Store } from '../../agent/store/store.ts';
import { commitSale, testMember } from '../support/ledger.ts';
import type { Benchmark, BenchmarkResult } from './benchmark.ts';
import { compare } from './measure.ts';

const MEMBERS = 1_000_000;
const BATCH = 50_000;

interface Bench {
  readonly store: Store;
  /** A connection of its own to the same file, with the same settings. */
  readonly bare: Database.Database;
}

/** Runs `measure` on a fresh store in a temporary folder and removes it. */
async function withStore(
  measure: (bench: Bench) => Promise<BenchmarkResult>,
): Promise<BenchmarkResult> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tillside-bench-'));
  const key = randomBytes(32);
  const keyStore = { load: () => ok(key), save: () => ok(undefined) };
  const opened = openStore({ dataDir, keyStore, clock: { now: () => 0 }, random: randomBytes });
  assert(opened.ok, 'the store opens');
  const { file } = JSON.parse(readFileSync(join(dataDir, 'live.json'), 'utf8')) as { file: string };
  const bare = openDatabase(join(dataDir, file), key, false);
  try {
    return await measure({ store: opened.value, bare });
  } finally {
    bare.close();
    opened.value.close();
    rmSync(dataDir, { recursive: true });
  }
}

/**
 * A member by card among a million, as an object, against the same lookup as a bare prepared SELECT that gives the row
 * back as it is. Both hit members all over the file.
 */
async function memberLookup(): Promise<BenchmarkResult> {
  return withStore(async ({ store, bare }) => {
    for (let from = 0; from < MEMBERS; from += BATCH) {
      const batch = Array.from({ length: BATCH }, (_, i) => testMember(from + i));
      store.transaction(() => store.members.upsert(batch));
    }
    const select = bare.prepare<[string], { body: string }>(
      'SELECT m.body FROM member_cards c JOIN members m ON m.no = c.member_no WHERE c.card = ?',
    );
    let [asked, found] = [0, 0];
    // A step that shares no factor with the count visits every member, far from the one before.
    const nextCard = (): string => `62${String((++asked * 618_033) % MEMBERS).padStart(10, '0')}`;
    return compare({
      name: 'member lookup by card among 1,000,000',
      baselineName: 'bare prepared SELECT in the same file',
      ours(times) {
        for (let i = 0; i < times; i++) if (store.members.byCard(nextCard()) !== undefined) found++;
      },
      baseline(times) {
        for (let i = 0; i < times; i++) if (select.get(nextCard()) !== undefined) found++;
        assert(found === asked, 'every lookup finds its member');
      },
    });
  });
}

/**
 * All that the commit of a member's sale writes (entry with sealed body, lot and movement of points, outbox, reply,
 * event), against one row in a transaction of its own, on the disk when it returns, in the same encrypted file.
 */
async function commit(): Promise<BenchmarkResult> {
  return withStore(async ({ store, bare }) => {
    const member = testMember(1).memberId as MemberId;
    bare.exec('CREATE TABLE bare (no INTEGER PRIMARY KEY, body TEXT NOT NULL)');
    const insert = bare.prepare('INSERT INTO bare (body) VALUES (?)');
    const body = JSON.stringify(testMember(1));
    let n = 0;
    return compare({
      name: 'commit of a sale, on the disk',
      baselineName: 'bare INSERT of one row, synchronous=FULL',
      timesPerSample: 20,
      samples: 41,
      ours(times) {
        for (let i = 0; i < times; i++) commitSale(store, ++n, member);
      },
      baseline(times) {
        for (let i = 0; i < times; i++) insert.run(body);
      },
    });
  });
}

export const benchmarks: readonly Benchmark[] = [
  { name: 'member-lookup', run: memberLookup },
  { name: 'commit', run: commit },
];
