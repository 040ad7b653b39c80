import { describe, expect, test } from 'vitest';
import { createFeedReader } from '../../../../sync/hq/feed/create-feed-reader.ts';
import {
  PAGE_MAX_BYTES,
  PAGE_MAX_ROWS,
  pageSchema,
  ROW_MAX_BYTES,
} from '../../../../sync/protocol/feed.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { atTheBeginning, endSequencersAfterEach, pagesFrom, startSequencer } from './follow.ts';
import {
  addScope,
  createHeldRows,
  expectedState,
  inBulk,
  putMember,
  putSetting,
  putStaff,
  putTag,
} from './writers.ts';

const DAY_MS = 86_400_000;

describeOnEngines('the feed', (hq) => {
  endSequencersAfterEach();

  test('gives at the head an empty page that moves nothing', async () => {
    const db = await hq.fresh();
    const reader = createFeedReader({ db });
    const cursor = await atTheBeginning(reader);
    const page = must(await reader.readPage({ storeId: 'store-1', cursor, protocol: 2 }));
    expect(page).toMatchObject({ from: cursor, to: cursor, rows: [], count: 0, exact: true });
  });

  test.each([
    ['one store to every store', ['store-1'], null],
    ['every store to one store', null, ['store-1']],
  ])('has staff that moves from %s once in a page, as they are', async (_how, from, to) => {
    const db = await hq.fresh();
    const sequencer = await startSequencer(db);
    await putStaff(db, 'c-1', from, { staffId: 'c-1', nth: 1 });
    await putStaff(db, 'c-1', to, { staffId: 'c-1', nth: 2 });
    await sequencer.drain();
    const pages = await pagesFrom(db, null, { storeId: 'store-1' });
    const rows = pages.flatMap((page) => page.rows.map(([, key, , body]) => [key, body]));
    expect(rows).toEqual([['c-1', '{"staffId":"c-1","nth":2}']]);
    expect(pages.map((page) => page.count)).toEqual([1]);
  });

  test('moves a cursor past rows of other stores', async () => {
    const db = await hq.fresh();
    const sequencer = await startSequencer(db);
    await putMember(db, 'm-1', ['store-2']);
    await sequencer.drain();
    const [page] = await pagesFrom(db, null, { storeId: 'store-1' });
    expect(page).toMatchObject({
      rows: [],
      exact: true,
      to: await createFeedReader({ db }).head(),
    });
  });

  test.each([
    [PAGE_MAX_ROWS - 1, [PAGE_MAX_ROWS - 1]],
    [PAGE_MAX_ROWS, [PAGE_MAX_ROWS]],
    [PAGE_MAX_ROWS + 1, [PAGE_MAX_ROWS, 1]],
  ])('sends %i rows in pages of %j', async (rows, sizes) => {
    const db = await hq.fresh();
    await db.query(`INSERT INTO tags SELECT 'tag-' || n, '{}' FROM generate_series(1, ${rows}) n`);
    const sequencer = await startSequencer(db);
    await sequencer.drain();
    const pages = await pagesFrom(db, null);
    expect(pages.map(({ rows: sent }) => sent.length)).toEqual(sizes);
    expect(pages.map(({ exact }) => exact)).toEqual(sizes.map((_, i) => i === sizes.length - 1));
  });

  test('puts many small batches into one page', async () => {
    const db = await hq.fresh();
    const sequencer = await startSequencer(db, { maxRows: 3 });
    for (let i = 0; i < 20; i++) await putTag(db, `tag-${i}`);
    await sequencer.drain();
    const pages = await pagesFrom(db, null);
    expect(pages.map((page) => page.rows.length)).toEqual([20]);
  });

  test('A feed page too big: rows of the biggest size are spread over pages that a till takes', async () => {
    const db = await hq.fresh();
    // Nothing but quotes and backslashes: what grows most in JSON.
    const body = JSON.stringify('"\\'.repeat(ROW_MAX_BYTES / 4 - 1));
    expect(body).toHaveLength(ROW_MAX_BYTES - 2);
    await db.query("INSERT INTO tags SELECT 'tag-' || n, $1 FROM generate_series(1, 80) n", [body]);
    const sequencer = await startSequencer(db);
    await sequencer.drain();
    const pages = await pagesFrom(db, null);
    expect(pages.length).toBeGreaterThan(2);
    for (const page of pages) {
      expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThanOrEqual(PAGE_MAX_BYTES);
      expect(pageSchema.safeParse(page).success).toBe(true);
    }
    expect(pages.flatMap((page) => page.rows)).toHaveLength(80);
  });

  test('A till with schema N-1: tables that came after its protocol are left out, everything else comes', async () => {
    const db = await hq.fresh();
    const sequencer = await startSequencer(db);
    await putTag(db, 'wine');
    await putSetting(db, 'join');
    await putMember(db, 'm-1', ['store-1']);
    await putStaff(db, 'staff-1', null);
    await sequencer.drain();
    const tables = async (protocol: number) =>
      (await pagesFrom(db, null, { protocol })).flatMap(({ rows }) => rows.map(([table]) => table));
    expect(new Set(await tables(1))).toEqual(new Set(['member', 'staff']));
    expect(new Set(await tables(2))).toEqual(new Set(['member', 'staff', 'tag', 'setting']));
    const reader = createFeedReader({ db });
    const express = await reader.readExpress({ storeId: 'store-1', afterPos: 0, protocol: 1 });
    expect(new Set(express.rows.map(([table]) => table))).toEqual(new Set(['member', 'staff']));
  });

  test('moves staff and members from store to store', async () => {
    const db = await hq.fresh();
    const sequencer = await startSequencer(db);
    const stores = ['store-1', 'store-2', 'store-3'];
    const held = new Map(stores.map((storeId) => [storeId, createHeldRows()]));
    const cursors = new Map();
    async function follow() {
      await sequencer.drain();
      for (const storeId of stores) {
        for (const page of await pagesFrom(db, cursors.get(storeId) ?? null, { storeId })) {
          held.get(storeId)?.take(page.rows);
          cursors.set(storeId, page.to);
        }
        expect(held.get(storeId)?.state()).toEqual(await expectedState(db, storeId));
      }
    }
    await putStaff(db, 'li', null);
    await putMember(db, 'm-1', ['store-1']);
    await db.query("INSERT INTO point_accounts (member_id, body) VALUES ('m-1', '{}')");
    await follow();
    await putStaff(db, 'li', ['store-1']);
    await addScope(db, 'm-1', 'store-2');
    await follow();
    await putStaff(db, 'li', ['store-2', 'store-3']);
    await db.query("DELETE FROM member_scopes WHERE store_id = 'store-1'");
    await follow();
    await putStaff(db, 'li', null);
    await putMember(db, 'm-1', [], { memberId: 'm-1', tier: 'gold' });
    await follow();
    await db.query("DELETE FROM staff WHERE staff_id = 'li'");
    await db.query("DELETE FROM members WHERE member_id = 'm-1'");
    await db.query("DELETE FROM member_scopes WHERE member_id = 'm-1'");
    await follow();
  });

  test('gives urgent rows ahead of their turn, each once', async () => {
    const db = await hq.fresh();
    const sequencer = await startSequencer(db, { maxRows: 50 });
    await inBulk(db, async (tx) => {
      for (let i = 0; i < 120; i++) await putTag(tx, `tag-${i}`);
    });
    await sequencer.drain();
    const reader = createFeedReader({ db });
    const afterPos = (await reader.head()).pos;
    await putSetting(db, 'one');
    await putTag(db, 'quiet');
    await putSetting(db, 'two');
    await sequencer.drain();
    const query = { storeId: 'store-1', protocol: 2 };
    const first = await reader.readExpress({ ...query, afterPos });
    expect(first.rows.map(([, key]) => key)).toEqual(['one', 'two']);
    expect(first.toPos).toBe((await reader.head()).pos);
    expect(await reader.readExpress({ ...query, afterPos: first.toPos })).toEqual({
      rows: [],
      toPos: first.toPos,
    });
  });

  test('counts about how far a store is behind', async () => {
    const db = await hq.fresh();
    const sequencer = await startSequencer(db);
    for (let i = 0; i < 7; i++) await putTag(db, `tag-${i}`);
    await putMember(db, 'm-1', ['store-2']);
    await sequencer.drain();
    const reader = createFeedReader({ db });
    expect(await reader.behind('store-1', 0)).toBe(7);
    expect(await reader.behind('store-2', 2)).toBe(6);
  });

  test('tells whoever watches that the head moved', async () => {
    const db = await hq.fresh();
    await startSequencer(db);
    const reader = createFeedReader({ db });
    const heads: number[] = [];
    const stop = await reader.watch(({ pos }) => heads.push(pos));
    await putTag(db, 'a');
    await expect.poll(() => heads.at(-1)).toBe(1);
    await putTag(db, 'b');
    await expect.poll(() => heads.at(-1)).toBe(2);
    await stop();
    await putTag(db, 'c');
    await expect.poll(async () => (await reader.head()).pos).toBe(3);
    expect(heads.at(-1)).toBe(2);
  });

  describe('refuses a cursor', () => {
    test('of another timeline, with another chain value, or ahead of the head', async () => {
      const db = await hq.fresh();
      const sequencer = await startSequencer(db);
      await putTag(db, 'a');
      await sequencer.drain();
      const reader = createFeedReader({ db });
      const head = await reader.head();
      const codeOf = async (cursor: typeof head) => {
        const page = await reader.readPage({ storeId: 'store-1', cursor, protocol: 2 });
        return page.ok ? 'ok' : page.error.code;
      };
      expect(await codeOf(head)).toBe('ok');
      expect(await codeOf({ ...head, timeline: 'another-timeline' })).toBe('cursor-unknown');
      expect(await codeOf({ ...head, chain: 'f'.repeat(64) })).toBe('cursor-unknown');
      expect(await codeOf({ ...head, pos: head.pos + 1 })).toBe('cursor-unknown');
    });

    test('from before what was purged, and serves every cursor from there on', async () => {
      const db = await hq.fresh();
      const sequencer = await startSequencer(db);
      for (const tag of ['a', 'b', 'c']) await putTag(db, tag);
      await sequencer.drain();
      const reader = createFeedReader({ db });
      const before = await reader.head();
      await db.query("DELETE FROM tags WHERE tag = 'b'");
      await sequencer.drain();
      const deleted = await reader.head();
      await db.query('UPDATE feed_marks SET at_ms = 1000');
      await putTag(db, 'd');
      await db.query("DELETE FROM tags WHERE tag = 'c'");
      await sequencer.drain();
      const [mark] = await db.query<{ at_ms: number }>(
        'SELECT max(at_ms) AS at_ms FROM feed_marks',
      );
      const nowMs = (mark?.at_ms ?? 0) + DAY_MS;

      const purged = await reader.purge({ keepMs: 45 * DAY_MS, nowMs });
      expect(purged).toMatchObject({ tombstones: 1, floorPos: deleted.pos });
      const [first] = await db.query('SELECT min(pos) AS pos FROM feed_marks');
      expect(first).toEqual({ pos: deleted.pos });
      const refused = await reader.readPage({ storeId: 'store-1', cursor: before, protocol: 2 });
      expect(refused).toMatchObject({ ok: false, error: { code: 'cursor-too-old' } });
      const [page] = await pagesFrom(db, deleted);
      expect(page?.rows.map(([, key, , body]) => [key, body])).toEqual([
        ['d', '{"tag":"d"}'],
        ['c', null],
      ]);
      // Again it finds nothing, and never lowers the floor.
      const again = await reader.purge({ keepMs: 45 * DAY_MS, nowMs });
      expect(again).toEqual({ tombstones: 0, marks: 0, floorPos: deleted.pos });
    });
  });
});
