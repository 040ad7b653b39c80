import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  BUILD_KEPT_MS,
  openSnapshotBuild,
  type SnapshotBuild,
} from '../../../../agent/store/snapshot/snapshot-build.ts';
import { readNote, SNAPSHOT_NOTE } from '../../../../agent/store/snapshot/snapshot-note.ts';
import { openDatabase } from '../../../../agent/store/sqlite/open-database.ts';
import { isStorageError } from '../../../../agent/store/sqlite/storage-error.ts';
import type { FeedRow } from '../../../../sync/protocol/feed.ts';
import { SEGMENT_ROWS } from '../../../../sync/protocol/snapshot.ts';
import { findInClear } from '../../../support/byte-search.ts';
import { memberRow } from '../../../support/fed-rows.ts';
import { testMember } from '../../../support/ledger.ts';
import { packSegment, type SnapshotSource, segmentOf } from '../../../support/segments.ts';
import { feedBuild, startOf, testSnapshot } from '../../../support/snapshots.ts';
import { canMount, withTmpfs } from '../../../support/tmpfs.ts';

const SOURCE = testSnapshot(30);
const MEMBERS = { table: 'member', after: '' };

/** A folder with a key, in which builds are opened as often as wanted. */
function builder(dataDir = mkdtempSync(join(tmpdir(), 'tillside-snapshot-'))) {
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const key = randomBytes(32);
  return {
    dataDir,
    key,
    open(
      source: SnapshotSource,
      { nowMs = 1_000, timeline = 'timeline-1', pos = 100, storeId = 'store-1' } = {},
    ): SnapshotBuild {
      const fileId = randomBytes(8).toString('hex');
      const build = openSnapshotBuild(
        { dataDir, key, nowMs, storeId, fileId },
        startOf(source, pos, timeline),
      );
      onTestFinished(() => build.close());
      return build;
    },
    rows(sql: string): unknown[] {
      const db = openDatabase(join(dataDir, readNote(dataDir) ?? ''), key, false);
      try {
        return db.prepare(sql).all();
      } finally {
        db.close();
      }
    },
  };
}

/** Only the members, so that they are wanted first. */
const onlyMembers = (count: number): SnapshotSource => ({
  member: testSnapshot(count)['member'] ?? [],
});

describe('a snapshot that is built', () => {
  test('has every row as it came, in a file of the live schema, with nothing in clear', () => {
    const { dataDir, open, rows } = builder();
    const build = open(SOURCE);
    expect(feedBuild(build, SOURCE, 7)).toBeGreaterThan(10);
    expect(build.finish()).toMatchObject({
      ok: true,
      value: { next: null, rowsDone: 64, rowsAll: 64, start: { pos: 100 } },
    });
    build.close();
    const stored = rows('SELECT member_id AS key, ver, body FROM members ORDER BY member_id');
    expect(stored.map((row) => Object.values(row as object))).toEqual(SOURCE['member']);
    expect(rows('SELECT count(*) AS n FROM member_cards')).toEqual([{ n: 30 }]);
    expect(rows('SELECT sum(points) AS n FROM points_lots')).toEqual([{ n: 465 }]);
    expect(rows('SELECT tbl, key FROM feed_rows ORDER BY tbl')).toEqual([
      { tbl: 'setting', key: 'join' },
      { tbl: 'store', key: 'store-1' },
    ]);
    const member = testMember(1);
    expect(findInClear(dataDir, [member.name, member.phone ?? '', ...member.cards])).toEqual([]);
    const indexes = `SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = 'members'`;
    expect(rows(indexes)).toHaveLength(2);
  });

  test('gives a card that two members have to the newer version', () => {
    const { open, rows } = builder();
    const source = {
      member: [
        ...(onlyMembers(1)['member'] ?? []),
        ['m-2', 99, memberRow(2, 99, { cards: testMember(1).cards })[3] ?? ''],
        ['m-3', 50, memberRow(3, 50, { cards: testMember(1).cards })[3] ?? ''],
      ],
    } as SnapshotSource;
    const build = open(source);
    feedBuild(build, source, 10);
    build.finish();
    build.close();
    const owner = 'SELECT member_id FROM member_cards JOIN members ON no = member_no';
    expect(rows(owner)).toEqual([{ member_id: 'm-2' }]);
  });

  test('keeps a row that it cannot read aside, and goes on', () => {
    const { open, rows } = builder();
    const source: SnapshotSource = {
      member: [
        ['m-0', 7, '{"memberId":"m-0"}'],
        ...(onlyMembers(2)['member'] ?? []),
        ['m-9', 8, 'no JSON'],
      ],
    };
    const build = open(source);
    feedBuild(build, source, 2);
    expect(build.finish().ok).toBe(true);
    build.close();
    expect(rows('SELECT key, why IS NULL AS readable FROM feed_rows')).toEqual([
      { key: 'm-0', readable: 0 },
      { key: 'm-9', readable: 0 },
    ]);
    expect(rows('SELECT count(*) AS n FROM members')).toEqual([{ n: 2 }]);
  });

  test('takes as many rows in a segment as the protocol allows, and not one more', () => {
    const { open } = builder();
    const rows = (count: number) =>
      Array.from({ length: count }, (_, i) => [String(i).padStart(6, '0'), 1, '{}'] as const);
    const build = open({ tag: rows(SEGMENT_ROWS) });
    const over = build.segment(
      { table: 'tag', after: '' },
      packSegment('tag', rows(SEGMENT_ROWS + 1)),
    );
    expect(over).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('more than') },
    });
    expect(
      build.segment({ table: 'tag', after: '' }, packSegment('tag', rows(SEGMENT_ROWS))).ok,
    ).toBe(true);
  });
});

describe('a segment that is not what headquarters packed is dropped whole', () => {
  const rows = onlyMembers(5)['member'] ?? [];
  const good = packSegment('member', rows);
  const plain = zstdDecompressSync(good);
  const [first] = rows;
  test.each<[string, Uint8Array, string]>([
    ['truncated', good.subarray(0, good.length - 9), 'cut off or damaged'],
    ['empty', new Uint8Array(), 'cut off or damaged'],
    ['with a byte flipped', flip(good, good.length - 20), ''],
    ['without its trailer', zstdCompressSync(plain.subarray(0, 600)), ''],
    ['that is a page of HTML', Buffer.from('<html>please sign in</html>'), 'cut off or damaged'],
    ['with a wrong hash', packSegment('member', rows, { hash: '0'.repeat(64) }), 'not those'],
    ['with a wrong count', packSegment('member', rows, { rows: 4 }), '5 rows'],
    ['with another last key', packSegment('member', rows, { lastKey: 'm-9' }), 'last key'],
    ['of another table', packSegment('article', rows), 'of article'],
    ['with a key twice', packSegment('member', [...rows, ...rows.slice(0, 1)]), 'keys repeat'],
    ['without rows and without an end', packSegment('member', [], { done: false }), 'no rows'],
    ['with a row of four parts', packSegment('member', [[...(first ?? []), 1] as never]), 'row 1'],
    ['with a version of 0', packSegment('member', [['m-1', 0, '{}']]), 'row 1'],
    ['with rows after the trailer', zstdCompressSync(Buffer.concat([plain, plain])), 'follows'],
  ])('%s', (_what, bytes, why) => {
    const { open } = builder();
    const build = open({ member: rows });
    const before = build.progress();
    const refused = build.segment(MEMBERS, bytes);
    expect(refused).toMatchObject({
      ok: false,
      error: { code: 'segment-damaged', message: expect.stringContaining(why) },
    });
    expect(build.progress()).toEqual(before);
    expect(build.segment(MEMBERS, good)).toMatchObject({ ok: true, value: { next: null } });
    expect(build.finish().ok).toBe(true);
  });

  test('rows that lie before the segment are noticed even where the trailer fits them', () => {
    const { open } = builder();
    const build = open({ member: rows });
    build.segment(MEMBERS, packSegment('member', rows.slice(2, 4), { done: false }));
    const refused = build.segment(
      { table: 'member', after: 'm-4' },
      packSegment('member', rows.slice(0, 1)),
    );
    expect(refused).toMatchObject({ ok: false, error: { code: 'segment-damaged' } });
  });

  test('one that was taken before changes nothing', () => {
    const { open } = builder();
    const build = open({ member: rows });
    build.segment(MEMBERS, packSegment('member', rows.slice(0, 2), { done: false }));
    const before = build.progress();
    expect(build.segment(MEMBERS, good)).toEqual({ ok: true, value: before });
  });
});

describe('a build that was cut', () => {
  test('goes on where it stopped, from the start that it was begun with', () => {
    const { open } = builder();
    const first = open(SOURCE, { pos: 100 });
    feedBuild(first, SOURCE, 7, 6);
    const stopped = first.progress();
    first.close();
    const second = open(SOURCE, { pos: 900 });
    expect(second.progress()).toEqual(stopped);
    expect(second.progress().start.pos).toBe(100);
    feedBuild(second, SOURCE, 7);
    expect(second.finish().ok).toBe(true);
  });

  test('while it made its indexes makes them again', () => {
    const { dataDir, key, open } = builder();
    const first = open(SOURCE);
    feedBuild(first, SOURCE, 50);
    first.finish();
    first.close();
    const db = openDatabase(join(dataDir, readNote(dataDir) ?? ''), key, false);
    db.exec('UPDATE snapshot_build SET finished = 0; DROP INDEX members_by_gsrn');
    db.close();
    const second = open(SOURCE);
    expect(second.finish().ok).toBe(true);
  });

  test.each<[string, Parameters<ReturnType<typeof builder>['open']>[1]]>([
    ['of another timeline', { timeline: 'timeline-2' }],
    ['of another store', { storeId: 'store-2' }],
    ['so long ago that the feed may not reach back', { nowMs: 1_001 + BUILD_KEPT_MS }],
    ['in a future that the clock has left', { nowMs: 10 }],
  ])('%s is thrown away and begun anew', (_what, options) => {
    const { dataDir, open } = builder();
    const first = open(SOURCE);
    feedBuild(first, SOURCE, 7, 6);
    first.close();
    const file = readNote(dataDir);
    const second = open(SOURCE, options);
    expect(second.progress()).toMatchObject({ rowsDone: 0, next: { after: '' } });
    expect(existsSync(join(dataDir, file ?? ''))).toBe(false);
    expect(readdirSync(dataDir).filter((name) => name.endsWith('.db'))).toHaveLength(1);
  });

  test.each<[string, (path: string) => void]>([
    ['is gone', (path) => rmSync(path)],
    ['is empty', (path) => writeFileSync(path, '')],
    ['is not ours', (path) => writeFileSync(path, randomBytes(9_000))],
    ['has a damaged page', (path) => writeFileSync(path, flip(readFileSync(path), 5_000))],
  ])('whose file %s is begun anew', (_what, spoil) => {
    const { dataDir, open } = builder();
    const first = open(SOURCE);
    feedBuild(first, SOURCE, 7, 6);
    first.close();
    spoil(join(dataDir, readNote(dataDir) ?? ''));
    const second = open(SOURCE);
    expect(second.progress().rowsDone).toBe(0);
    feedBuild(second, SOURCE, 50);
    expect(second.finish().ok).toBe(true);
  });

  test('and whose note cannot be read names no file: nothing is deleted that might be another’s', () => {
    const { dataDir, open } = builder();
    open(SOURCE).close();
    const file = readNote(dataDir) ?? '';
    writeFileSync(join(dataDir, SNAPSHOT_NOTE), '{ "format": 1, "file": "../../etc/passwd" }');
    expect(readNote(dataDir)).toBeUndefined();
    open(SOURCE);
    expect(existsSync(join(dataDir, file))).toBe(true);
  });
});

const TAGS = Array.from(
  { length: 3_000 },
  (_, n): FeedRow => ['tag', `t-${n}`, 1, `"${n} and more"`],
);

test.each<[string, SnapshotSource]>([
  ['among the members', testSnapshot(400)],
  ['where only the check itself looks', testSnapshot(5, TAGS)],
])('a page that went bad %s makes the build go, and the next one is whole', (_, source) => {
  const { dataDir, open } = builder();
  const build = open(source);
  feedBuild(build, source, 500);
  build.close();
  const path = join(dataDir, readNote(dataDir) ?? '');
  const bytes = readFileSync(path);
  // In the middle, where resuming has no reason to look.
  writeFileSync(path, flip(bytes, Math.floor(bytes.length * 0.7)));
  const resumed = open(source);
  expect(resumed.progress().next).toBeNull();
  expect(resumed.finish()).toMatchObject({ ok: false, error: { code: 'snapshot-damaged' } });
  expect(readNote(dataDir)).toBeUndefined();
  const again = open(source);
  feedBuild(again, source, 500);
  expect(again.finish().ok).toBe(true);
});

describe.skipIf(!canMount())('a disk that is full, needing the right to mount', () => {
  test('drops the segment that did not fit, keeps those before, and goes on once there is room', () => {
    withTmpfs('16m', (mount) => {
      const { open } = builder(join(mount));
      const source = testSnapshot(3_000);
      const build = open(source);
      const ballast = join(mount, 'ballast');
      let failures = 0;
      for (let { next } = build.progress(); next !== null; next = build.progress().next) {
        const bytes = segmentOf(source, next, 1_000);
        const before = build.progress();
        fillUp(ballast);
        try {
          build.segment(next, bytes);
        } catch (error) {
          if (!isStorageError(error)) throw error;
          expect(error.code).toBe('storage-full');
          expect(build.progress()).toEqual(before);
          failures += 1;
        }
        rmSync(ballast, { force: true });
        expect(build.segment(next, bytes).ok).toBe(true);
      }
      expect(failures).toBeGreaterThan(3);
      expect(build.finish().ok).toBe(true);
      build.close();
    });
  });
});

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 0x40;
  return copy;
}

function fillUp(ballast: string): void {
  try {
    for (;;) writeFileSync(ballast, Buffer.alloc(64 * 1024), { flag: 'a' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
}
