import { expect, test } from 'vitest';
import { FRAME_MAX_BYTES } from '../../../../sync/client/follow-stream.ts';
import { PAGE_MAX_ROWS } from '../../../../sync/protocol/feed.ts';
import { describeOnEngines } from '../../../support/hq-database.ts';
import { endSequencersAfterEach, pagesFrom, startSequencer } from './follow.ts';
import { inBulk, putSetting } from './writers.ts';

const ROWS = 100_000;

describeOnEngines('a bulk change', (hq) => {
  endSequencersAfterEach();

  test('100 k-row bulk change: every row comes once, in pages that a till takes, and what is urgent comes first', async () => {
    const db = await hq.fresh();
    await inBulk(db, async (tx) => {
      await tx.query(
        `INSERT INTO tags SELECT 'tag-' || n, '{"n":' || n || '}' FROM generate_series(1, ${ROWS}) AS n`,
      );
    });
    await putSetting(db, 'urgent');
    await (await startSequencer(db)).drain();
    const pages = await pagesFrom(db, null);
    expect(pages[0]?.rows[0]?.[1]).toBe('urgent');
    expect(Math.max(...pages.map(({ rows }) => rows.length))).toBeLessThanOrEqual(PAGE_MAX_ROWS);
    expect(Math.max(...pages.map((page) => Buffer.byteLength(JSON.stringify(page))))).toBeLessThan(
      FRAME_MAX_BYTES,
    );
    const keys = pages.flatMap(({ rows }) => rows.map(([table, key]) => `${table}/${key}`));
    expect([keys.length, new Set(keys).size]).toEqual([ROWS + 1, ROWS + 1]);
  });
});
