import { expect, test } from 'vitest';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import { createFeedReader } from '../../../../sync/hq/feed/create-feed-reader.ts';
import type { PageQuery } from '../../../../sync/hq/feed/read-page.ts';
import { BATCH_MAX_BYTES, sequenceBatch } from '../../../../sync/hq/feed/sequence-batch.ts';
import { FEED_TABLES, type Page, pageSchema } from '../../../../sync/protocol/feed.ts';
import { pageHash, rowHash } from '../../../../sync/protocol/feed-hash.ts';
import { CHECKS_SINCE, PROTOCOL_VERSION } from '../../../../sync/protocol/version.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { atTheBeginning } from '../feed/follow.ts';
import {
  createHeldRows,
  inBulk,
  putMember,
  putSetting,
  putStaff,
  putTag,
} from '../feed/writers.ts';
import { digestKeyOf } from './digest-model.ts';

const ZERO = '0'.repeat(32);

const sequence = (db: HqDatabase, maxRows = 500) =>
  sequenceBatch(db, { maxRows, maxBytes: BATCH_MAX_BYTES });

/** A till that follows pages from the beginning of the feed. */
async function follower(db: HqDatabase, storeId = 'store-1') {
  const reader = createFeedReader({ db });
  const held = createHeldRows();
  const digestKey = await digestKeyOf(db);
  let cursor = await atTheBeginning(reader);
  return {
    roots: () => held.roots(digestKey),
    async read(query: Partial<PageQuery> = {}): Promise<Page> {
      const page = must(
        await reader.readPage({
          storeId,
          cursor,
          protocol: PROTOCOL_VERSION,
          roots: 'all',
          ...query,
        }),
      );
      held.take(page.rows);
      cursor = page.to;
      return pageSchema.parse(page);
    },
  };
}

describeOnEngines('the roots in a page', (hq) => {
  test('are of every table in a first page, with and without rows, and of changed tables in later ones', async () => {
    const db = await hq.fresh();
    const till = await follower(db);
    const empty = await till.read();
    expect(empty.roots).toEqual(
      [...FEED_TABLES].sort().map((table) => ({ table, rows: 0, sum: ZERO })),
    );
    await putTag(db, '红酒');
    await putMember(db, 'm-1', ['store-1']);
    await putMember(db, 'm-2', ['store-2']);
    await sequence(db);
    const changed = await till.read({ roots: 'changed' });
    expect(changed.roots?.map(({ table, rows }) => [table, rows])).toEqual([
      ['member', 1],
      ['tag', 1],
    ]);
    expect(till.roots()).toEqual(expect.arrayContaining([...(changed.roots ?? [])]));
    expect((await till.read({ roots: 'changed' })).roots, 'nothing came').toBeUndefined();
    expect((await till.read()).roots, 'at the head').toEqual(till.roots());
    await db.query('DELETE FROM tags');
    await sequence(db);
    expect((await till.read({ roots: 'changed' })).roots).toEqual([
      { table: 'tag', rows: 0, sum: ZERO },
    ]);
  });

  test('are part of its hash', async () => {
    const db = await hq.fresh();
    await putTag(db, 'wine');
    await sequence(db);
    const page = await (await follower(db)).read();
    const hashes = page.rows.map(rowHash);
    expect(page.hash).toBe(pageHash('store-1', page, hashes));
    const [first, ...others] = page.roots ?? [];
    if (first === undefined) throw new Error('a page with roots');
    for (const wrong of [{ sum: '1'.repeat(32) }, { rows: first.rows + 1 }, { table: 'x' }])
      expect(
        pageHash('store-1', { ...page, roots: [{ ...first, ...wrong }, ...others] }, hashes),
      ).not.toBe(page.hash);
  });

  test('A till with schema N-1: none come, nor in a page that does not end at the head', async () => {
    const db = await hq.fresh();
    for (const tag of ['a', 'b']) {
      await putTag(db, tag);
      await sequence(db);
    }
    const old = await (await follower(db)).read({ protocol: CHECKS_SINCE - 1 });
    expect(Object.keys(old)).not.toContain('roots');
    expect(old.hash).toBe(
      pageHash('store-1', { from: old.from, to: old.to }, old.rows.map(rowHash)),
    );
    const till = await follower(db);
    const part = await till.read({ maxRows: 1 });
    expect([part.exact, part.roots]).toEqual([false, undefined]);
    const rest = await till.read({ maxRows: 1 });
    expect([rest.exact, rest.roots]).toEqual([true, till.roots()]);
  });

  test('count staff once who stand in both scopes while they move, the newer version, were it a removal', async () => {
    const db = await hq.fresh();
    const till = await follower(db);
    const liveScopes = async () =>
      (
        await db.query<{ scope: string }>(
          "SELECT scope FROM published WHERE key = 'li' AND body IS NOT NULL ORDER BY scope",
        )
      ).map(({ scope }) => scope);
    const rootsFit = async () => {
      const page = await till.read();
      expect(page.roots).toEqual(till.roots());
      return page.roots?.find(({ table }) => table === 'staff')?.rows;
    };
    await putStaff(db, 'li', null);
    await putStaff(db, 'wang', null);
    await sequence(db);
    expect(await rootsFit()).toBe(2);
    // The move waits with an import, and what follows overtakes it.
    await inBulk(db, (tx) => putStaff(tx, 'li', ['store-1'], { n: 1 }));
    await putStaff(db, 'li', ['store-1'], { n: 2 });
    await sequence(db, 1);
    expect(await liveScopes()).toEqual(['*', 'store-1']);
    expect(await rootsFit()).toBe(2);
    while (((await sequence(db, 1))?.taken ?? 0) > 0) await rootsFit();
    await inBulk(db, (tx) => putStaff(tx, 'li', null, { n: 3 }));
    await db.query("DELETE FROM staff WHERE staff_id = 'li'");
    await sequence(db, 1);
    expect(await liveScopes()).toEqual(['store-1']);
    expect(await rootsFit(), 'gone from everywhere').toBe(1);
    while (((await sequence(db, 1))?.taken ?? 0) > 0) await rootsFit();
    expect(await rootsFit()).toBe(1);
  });

  test('cost less than 90 bytes a table', async () => {
    const db = await hq.fresh();
    await putSetting(db, 'join');
    await sequence(db);
    const { roots } = await (await follower(db)).read();
    const bytes = JSON.stringify(roots?.map((root) => ({ ...root, rows: 1_000_000 }))).length;
    expect(bytes / FEED_TABLES.length).toBeLessThan(90);
  });
});
