import { expect, test } from 'vitest';
import { nextChain, pageHash, rowHash } from '../../../../sync/protocol/feed-hash.ts';
import { describeOnEngines } from '../../../support/hq-database.ts';
import { endSequencersAfterEach, pagesFrom, startSequencer } from './follow.ts';
import { createHeldRows, expectedState, inBulk, putMember, putSetting, putTag } from './writers.ts';

describeOnEngines('the sequencer', (hq) => {
  endSequencersAfterEach();

  test('gives every row the hash, and every batch the chain value, that the protocol states', async () => {
    const db = await hq.fresh();
    const sequencer = await startSequencer(db);
    for (const batch of [1, 2, 3]) {
      await db.transaction(async (tx) => {
        for (let i = 0; i < 3; i++) await putTag(tx, `标签-${batch}-${i}`, { text: `"${i}"\\` });
        await putTag(tx, `gone-${batch}`);
        await tx.query('DELETE FROM tags WHERE tag = $1', [`gone-${batch}`]);
      });
      await sequencer.drain();
    }
    const pages = await pagesFrom(db, null, { maxRows: 1 });
    expect(pages.length).toBeGreaterThanOrEqual(3);
    let chain = '0'.repeat(64);
    for (const page of pages) {
      const hashes = page.rows.map(rowHash);
      chain = nextChain(chain, page.to.pos, hashes);
      expect(page.to.chain).toBe(chain);
      expect(page.hash).toBe(pageHash('store-1', page, hashes));
    }
    const rows = createHeldRows();
    for (const page of pages) rows.take(page.rows);
    expect(rows.state()).toEqual(await expectedState(db, 'store-1'));
  });

  test('keeps one row of a key that changed often within a batch, the last one', async () => {
    const db = await hq.fresh();
    for (let i = 1; i <= 9; i++) await putTag(db, 'wine', { i });
    const sequencer = await startSequencer(db);
    await sequencer.drain();
    const [page, ...more] = await pagesFrom(db, null);
    expect(more).toEqual([]);
    expect(page?.rows.map(([, , , body]) => body)).toEqual(['{"i":9}']);
    expect(page?.to.pos).toBe(1);
  });

  test('is not held up by a bulk change when something urgent comes', async () => {
    const db = await hq.fresh();
    await inBulk(db, async (tx) => {
      for (let i = 0; i < 30; i++) await putSetting(tx, `bulk-${i}`);
    });
    await putSetting(db, 'urgent');
    const sequencer = await startSequencer(db, { maxRows: 10 });
    await sequencer.drain();
    const pages = await pagesFrom(db, null, { maxRows: 10 });
    expect(pages[0]?.rows[0]?.[1]).toBe('urgent');
    expect(pages.flatMap((page) => page.rows)).toHaveLength(31);
  });

  test('does not bring an older bulk value back over the urgent one that overtook it', async () => {
    const db = await hq.fresh();
    await inBulk(db, async (tx) => {
      for (let i = 0; i < 30; i++) await putSetting(tx, `s-${i}`, { from: 'bulk' });
    });
    await putSetting(db, 's-29', { from: 'urgent' });
    const sequencer = await startSequencer(db, { maxRows: 4 });
    await sequencer.drain();
    const rows = (await pagesFrom(db, null)).flatMap((page) => page.rows);
    expect(rows.filter(([, key]) => key === 's-29').map(([, , , body]) => body)).toEqual([
      '{"from":"urgent"}',
    ]);
  });

  test('leaves no gap where a transaction was rolled back', async () => {
    const db = await hq.fresh();
    await putTag(db, 'a');
    const rolledBack = db.transaction(async (tx) => {
      await putTag(tx, 'b');
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    await putTag(db, 'c');
    const sequencer = await startSequencer(db);
    await sequencer.drain();
    const [page] = await pagesFrom(db, null);
    expect(page?.rows.map(([, key]) => key)).toEqual(['a', 'c']);
    expect(page?.to.pos).toBe(2);
  });

  test('tells a row that is deleted and made again as deleted, then as there', async () => {
    const db = await hq.fresh();
    const sequencer = await startSequencer(db);
    const seen: (string | null)[] = [];
    let cursor = null;
    for (const step of [
      'INSERT INTO tags VALUES ($1, $2)',
      'DELETE FROM tags WHERE tag = $1 OR body = $2',
      'INSERT INTO tags VALUES ($1, $2)',
    ]) {
      await db.query(step, ['wine', '{}']);
      await sequencer.drain();
      for (const page of await pagesFrom(db, cursor)) {
        seen.push(...page.rows.map(([, , , body]) => body));
        cursor = page.to;
      }
    }
    expect(seen).toEqual(['{}', null, '{}']);
  });

  test('leaves a row out that no till could read, tells it as an alarm, and goes on', async () => {
    const db = await hq.fresh();
    await putTag(db, 'before');
    await putTag(db, 'huge', 'x'.repeat(128 * 1024));
    await putTag(db, 'k'.repeat(129));
    await putTag(db, 'two\nlines');
    await putTag(db, 'after');
    const sequencer = await startSequencer(db);
    await sequencer.drain();
    const rows = (await pagesFrom(db, null)).flatMap((page) => page.rows);
    expect(rows.map(([, key]) => key)).toEqual(['before', 'after']);
    const alarms = await db.query<{ code: string; detail: string }>(
      'SELECT code, detail FROM alarms ORDER BY id',
    );
    expect(alarms.map(({ code }) => code)).toEqual(Array(3).fill('feed-row-unfit'));
    expect(JSON.parse(alarms[0]?.detail ?? '')).toEqual({
      table: 'tag',
      key: 'huge',
      bytes: 128 * 1024 + 2,
    });
    expect(await sequencer.waiting()).toBe(0);
  });

  test('is woken by a commit', async () => {
    const db = await hq.fresh();
    await startSequencer(db);
    await putMember(db, 'm-1', ['store-1']);
    await expect
      .poll(
        async () =>
          (await pagesFrom(db, null)).flatMap((page) => page.rows.map(([table]) => table)),
        { interval: 5 },
      )
      .toEqual(['member']);
  });
});
