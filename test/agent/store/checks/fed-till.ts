import type Database from 'better-sqlite3';
import { expect } from 'vitest';
import type { MemberId } from '../../../../agent/contract/index.ts';
import type { RowPlace } from '../../../../sync/client/ports.ts';
import { rowDigest } from '../../../../sync/protocol/digest.ts';
import type { FeedRow } from '../../../../sync/protocol/feed.ts';
import { rowHash } from '../../../../sync/protocol/feed-hash.ts';
import {
  accountRow,
  articleRow,
  cursorAt,
  memberRow,
  staffRow,
  storeRow,
} from '../../../support/fed-rows.ts';
import { openTestStore, type TestStore } from '../../../support/store.ts';

export const HASH = '$argon2id$v=19$m=1024,t=1,p=1$c2FsdHNhbHQ$aGFzaA';
export const KEY = '5a'.repeat(32);
export const M1 = 'm-1' as MemberId;
export const MEMBERS = 12;

/** Everything of a small chain, as the feed tells it. */
export function allRows(): FeedRow[] {
  const ids = Array.from({ length: MEMBERS }, (_, i) => i + 1);
  return [
    ...ids.map((n) => memberRow(n, 10 + n)),
    ...ids.map((n) => accountRow(`m-${n}`, 30 + n, { [`lot-hq-${n}`]: n })),
    staffRow('s-1', 51, HASH),
    articleRow('tea', 52),
    articleRow('milk', 53),
    storeRow(54),
    ['setting', 'join', 55, '{"tier":"new"}'],
  ];
}

/** A till that was fed everything, its digests made. */
export function fedTill(rows = allRows()): TestStore {
  const till = openTestStore();
  till.store.sync.checks.setKey(KEY);
  while (!till.store.sync.checks.make(50).done);
  till.store.sync.apply(rows, cursorAt(100));
  return till;
}

/** A whole pass in slices of `limit` rows. */
export function scrub({ store }: TestStore, limit = 5) {
  let place: RowPlace | null = null;
  const sum = { suspects: 0, mended: 0, rows: 0 };
  do {
    const slice = store.sync.checks.scrub(place, limit);
    sum.suspects += slice.suspects;
    sum.mended += slice.mended;
    sum.rows += slice.rows;
    place = slice.next;
  } while (place !== null);
  return sum;
}

export const digestOf = ([table, key, ver, body]: FeedRow): string =>
  rowDigest(Buffer.from(KEY, 'hex'), rowHash([table, key, ver, body])).toString('hex');

/** What the till would say of its rows in a walk. */
export function seenOf({ store }: TestStore, table: string): Map<string, string> {
  const seen = store.sync.checks.digests(table, '', 1_000);
  return new Map(seen.map(({ key, digest }) => [key, Buffer.from(digest).toString('hex')]));
}

/** What a walk would do: whatever the till's digests say otherwise than headquarters' rows is put right. */
export function walk(till: TestStore, rows = allRows()): string[] {
  const { checks } = till.store.sync;
  const repaired: string[] = [];
  for (const table of new Set(rows.map(([name]) => name))) {
    const seen = seenOf(till, table);
    const right = new Map(rows.filter(([name]) => name === table).map((row) => [row[1], row]));
    const differ = [...new Set([...seen.keys(), ...right.keys()])].filter((key) => {
      const row = right.get(key);
      return seen.get(key) !== (row && digestOf(row));
    });
    const asked = differ.map((key) => {
      const row = right.get(key);
      return { key, ver: row?.[2] ?? 0, body: row?.[3] ?? null };
    });
    const done = checks.repair(table, asked, seen, cursorAt(100));
    expect(done.left).toBe(0);
    repaired.push(...done.repaired.map(({ key, kind }) => `${table}/${key} ${kind}`));
  }
  return repaired.sort();
}

export type Damage = (db: Database.Database) => unknown;
export const sql =
  (text: string): Damage =>
  (db) =>
    db.exec(text);
export const flip = (of: string): string => `CAST(replace(${of}, 'gold', 'gole') AS TEXT)`;
