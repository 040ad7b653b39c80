import { statSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { afterAll, describe, expect, test, vi } from 'vitest';
import {
  findDamage,
  QUICK_CHECK_MAX_BYTES,
  START_ROWS_MAX,
} from '../../../../agent/store/integrity/find-damage.ts';
import { openStore } from '../../../../agent/store/open-store.ts';
import { openDatabase } from '../../../../agent/store/sqlite/open-database.ts';
import { isDamage } from '../../../../agent/store/sqlite/storage-error.ts';
import { damagedCopy, makeSoldFolder, ruinPage, treesOf } from '../../../support/damaged.ts';
import { memoryKeyStore, TEST_NOW_MS } from '../../../support/store.ts';

/** A busy machine takes many times as long as a quiet one. */
vi.setConfig({ testTimeout: 120_000 });

const folder = makeSoldFolder({ sales: 5 });
const path = join(folder.dataDir, folder.file);
/** Rows of the outbox, each a fifth of a page. */
const ROWS = START_ROWS_MAX + 200;
change((db) => {
  db.prepare(
    `INSERT INTO outbox (no, kind, seq, at_ms, body)
     WITH RECURSIVE n (no) AS (SELECT 1001 UNION ALL SELECT no + 1 FROM n WHERE no < 1000 + ?)
     SELECT no, 'audit', no, 0, printf('%.*c', 700, 'x') FROM n`,
  ).run(ROWS);
  db.prepare(`INSERT INTO feed_rows (tbl, key, ver, body) VALUES ('later', 'long', 1, ?)`).run(
    'x'.repeat(QUICK_CHECK_MAX_BYTES),
  );
});
afterAll(() => folder.remove());

function change(use: (db: Database.Database) => void): void {
  const db = openDatabase(path, folder.key, false);
  use(db);
  db.close();
}

/** Pages of the outbox with the number of their rows, the newest first. */
let leaves: { pageno: number; ncell: number }[] = [];
change((db) => {
  leaves = db
    .prepare<[], { pageno: number; ncell: number }>(
      `SELECT pageno, ncell FROM dbstat WHERE name = 'outbox' AND pagetype = 'leaf' ORDER BY path DESC`,
    )
    .all();
});

/** The page on which the nth newest row of the outbox lies. */
function pageOfNewest(nth: number): number {
  let left = nth;
  for (const { pageno, ncell } of leaves) {
    left -= ncell;
    if (left <= 0) return pageno;
  }
  throw new Error(`the outbox has no ${nth} rows`);
}

/** What the start says of the folder with that page ruined. */
function startWith(page: number): string {
  const copy = damagedCopy(folder, (file) => ruinPage(file, page));
  const opened = openStore({
    dataDir: copy.dataDir,
    keyStore: memoryKeyStore(folder.key),
    clock: { now: () => TEST_NOW_MS },
    random: (bytes) => new Uint8Array(bytes),
  });
  if (opened.ok) opened.value.close();
  copy.remove();
  return opened.ok ? 'opens' : opened.error.code;
}

describe('start check over 64 MiB', () => {
  test(`reads the newest ${START_ROWS_MAX} rows of what the till alone knows, to the row`, () => {
    expect(statSync(path).size).toBeGreaterThan(QUICK_CHECK_MAX_BYTES);
    expect(startWith(pageOfNewest(1))).toBe('database-damaged');
    expect(startWith(pageOfNewest(START_ROWS_MAX))).toBe('database-damaged');
    expect(startWith(pageOfNewest(START_ROWS_MAX + 10))).toBe('opens');
  });

  test('finds a damaged entry of the ledger, and leaves what headquarters has for idle time', () => {
    const trees = treesOf(folder);
    expect(startWith(trees.get('ledger')?.at(-1) ?? 0)).toBe('database-damaged');
    expect(startWith(trees.get('feed_rows')?.at(-1) ?? 0)).toBe('opens');
  });

  test('a file of 64 MiB is read whole, and one byte less of room in the limit reads rows', () => {
    const { size } = statSync(path);
    const copy = damagedCopy(folder, (file) => ruinPage(file, pageOfNewest(START_ROWS_MAX + 10)));
    const db = openDatabase(copy.path, folder.key, false);
    const found = (maxBytes: number): unknown => {
      try {
        return findDamage(db, copy.path, maxBytes);
      } catch (error) {
        return isDamage(error);
      }
    };
    expect(found(size)).not.toBeUndefined();
    expect(found(size - 1)).toBeUndefined();
    db.close();
    copy.remove();
  });
});
