import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import {
  CHUNK_ROWS,
  createSnapshotReader,
} from '../../../../sync/hq/feed/create-snapshot-reader.ts';
import { rowHash } from '../../../../sync/protocol/feed-hash.ts';
import { describeOnEngines } from '../../../support/hq-database.ts';
import { endSequencersAfterEach, pagesFrom, startSequencer } from './follow.ts';
import { readSegment, readSnapshot } from './read-snapshot.ts';
import { createHeldRows, expectedState, putMember, putStaff, putTag } from './writers.ts';

const QUERY = { storeId: 'store-1', table: 'tag', after: '' };

async function putTags(db: HqDatabase, count: number, body = '{}'): Promise<void> {
  await db.query(
    "INSERT INTO tags SELECT 'tag-' || lpad(n::text, 6, '0'), $1 FROM generate_series(1, $2::int) n",
    [body, count],
  );
}

describeOnEngines('a snapshot', (hq) => {
  endSequencersAfterEach();

  test('has the rows of the store in order of the key, and a trailer that proves them', async () => {
    const db = await hq.fresh();
    const sequencer = await startSequencer(db);
    for (const tag of ['b', 'a', 'é', 'Z', '酒', '😀', 'a-b'])
      await putTag(db, tag, { text: `"${tag}"` });
    await putTag(db, 'gone');
    await db.query("DELETE FROM tags WHERE tag = 'gone'");
    await sequencer.drain();
    const reader = createSnapshotReader({ db });
    const { start, tables } = await reader.start('store-1', 2);
    expect(tables.find(({ table }) => table === 'tag')).toEqual({ table: 'tag', rows: 7 });
    const { rows, trailer } = await readSegment(reader, QUERY);
    expect(rows.map(([, key]) => key)).toEqual(['Z', 'a', 'a-b', 'b', 'é', '酒', '😀']);
    const hash = createHash('sha256').update(rows.map(rowHash).join('')).digest('hex');
    expect(trailer).toEqual({ table: 'tag', rows: 7, lastKey: '😀', done: true, hash });
    expect(await pagesFrom(db, start)).toEqual([]);
  });

  test('leaves other stores and tables that the till does not know out', async () => {
    const db = await hq.fresh();
    const sequencer = await startSequencer(db);
    await putMember(db, 'm-1', ['store-1']);
    await putMember(db, 'm-2', ['store-2']);
    await putTag(db, 'wine');
    await sequencer.drain();
    const reader = createSnapshotReader({ db });
    const members = await readSegment(reader, { ...QUERY, table: 'member' });
    expect(members.rows.map(([, key]) => key)).toEqual(['m-1']);
    const { tables } = await reader.start('store-1', 1);
    expect(tables.map(({ table }) => table)).not.toContain('tag');
    const tags = await readSegment(reader, { ...QUERY, protocol: 1 });
    expect(tags).toMatchObject({ rows: [], trailer: { rows: 0, done: true } });
  });

  test.each([
    [4, [4, 0]],
    [5, [4, 1]],
  ])('cuts %i rows into segments of at most four', async (count, sizes) => {
    const db = await hq.fresh();
    const sequencer = await startSequencer(db);
    await putTags(db, count);
    await sequencer.drain();
    const reader = createSnapshotReader({ db, limits: { maxRows: 4, maxBytes: 1_000_000 } });
    const first = await readSegment(reader, QUERY);
    const second = await readSegment(reader, { ...QUERY, after: first.trailer.lastKey });
    expect([first.rows.length, second.rows.length]).toEqual(sizes);
    expect([first.trailer.done, second.trailer.done]).toEqual([false, true]);
  });

  test('cuts a segment before it passes its bytes, trailer included', async () => {
    const db = await hq.fresh();
    const sequencer = await startSequencer(db);
    await putTags(db, 30, JSON.stringify('x'.repeat(1_000)));
    await sequencer.drain();
    const reader = createSnapshotReader({ db, limits: { maxRows: 100, maxBytes: 10_000 } });
    const keys = new Set<string>();
    for (let after = '', done = false; !done; ) {
      const { rows, trailer, sizeBytes } = await readSegment(reader, { ...QUERY, after });
      expect(sizeBytes).toBeLessThanOrEqual(10_000);
      for (const [, key] of rows) keys.add(key);
      ({ lastKey: after, done } = trailer);
    }
    expect(keys.size).toBe(30);
  });

  test('takes the newer version of staff that stand in both scopes for a moment', async () => {
    const db = await hq.fresh();
    const sequencer = await startSequencer(db, { maxRows: 1 });
    for (const id of ['a', 'b', 'c']) await putStaff(db, id, null, { at: 'everywhere' });
    await sequencer.drain();
    await sequencer.close();
    // As if the sequencer stood between the two rows of a move.
    await db.query(
      `INSERT INTO published SELECT 'store-1', tbl, key, pos + 100, ver + 100, '{"at":"store-1"}', hash, urgent, at_ms, bucket
       FROM published WHERE key = 'b'`,
    );
    for (const maxRows of [1, 2, 3, 4]) {
      const { rows } = await readSnapshot(db, 'store-1', { maxRows, maxBytes: 1_000_000 });
      expect(rows.map(([, key, , body]) => `${key} ${body}`)).toEqual([
        'a {"at":"everywhere"}',
        'b {"at":"store-1"}',
        'c {"at":"everywhere"}',
      ]);
    }
    // A removal that is newer than what the other scope has still counts: a till that follows the feed has gone by it.
    await db.query("UPDATE published SET body = NULL WHERE key = 'b' AND scope = 'store-1'");
    const { rows } = await readSnapshot(db, 'store-1');
    expect(rows.map(([, key]) => key)).toEqual(['a', 'c']);
  });

  test('and the feed from its start give what HQ has, though rows change between the segments', async () => {
    const db = await hq.fresh();
    const sequencer = await startSequencer(db);
    await putTags(db, 40);
    await sequencer.drain();
    const reader = createSnapshotReader({ db, limits: { maxRows: 10, maxBytes: 1_000_000 } });
    const { start } = await reader.start('store-1', 2);
    const held = createHeldRows();
    for (let after = '', done = false, n = 0; !done; n++) {
      const { rows, trailer } = await readSegment(reader, { ...QUERY, after });
      held.take(rows);
      ({ lastKey: after, done } = trailer);
      await putTag(db, `tag-00000${n}x`);
      await putTag(db, 'tag-000039', { n });
      await db.query('DELETE FROM tags WHERE tag = $1', [`tag-0000${10 + 7 * n}`]);
      await sequencer.drain();
    }
    for (const page of await pagesFrom(db, start)) held.take(page.rows);
    expect(held.state()).toEqual(await expectedState(db, 'store-1'));
  });

  test('is read no faster than it is taken, and not at all once the till is gone', async () => {
    const db = await hq.fresh();
    // Bodies that do not compress, so that what waits in the stream is what was read.
    await db.query(
      `INSERT INTO published SELECT '*', 'tag', 'tag-' || n, n, n,
         (SELECT string_agg(md5(k || '-' || n), '') FROM generate_series(1, 16) AS parts (k)), md5(n::text), false, 0, 0
       FROM generate_series(1, ${CHUNK_ROWS * 6}) AS numbers (n)`,
    );
    let reads = 0;
    const counting: HqDatabase = {
      ...db,
      query: (sql, values) => {
        reads++;
        return db.query(sql, values);
      },
    };
    const taking = createSnapshotReader({ db: counting })
      .readSegment({ ...QUERY, protocol: 2 })
      [Symbol.asyncIterator]();
    await taking.next();
    await new Promise((done) => setTimeout(done, 300));
    const stalled = reads;
    expect(stalled).toBeLessThan(5);
    await taking.return?.();
    await new Promise((done) => setTimeout(done, 100));
    expect(reads).toBeLessThanOrEqual(stalled + 1);
  });

  test('ends with the error of the database, without a trailer', async () => {
    const db = await hq.fresh();
    const failing: HqDatabase = { ...db, query: async () => Promise.reject(new Error('away')) };
    const reader = createSnapshotReader({ db: failing });
    await expect(readSegment(reader, QUERY)).rejects.toThrow('away');
  });
});
