import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import { sequenceBatch } from '../../../../sync/hq/feed/sequence-batch.ts';
import { nextChain, rowHash } from '../../../../sync/protocol/feed-hash.ts';
import { describeOnEngines } from '../../../support/hq-database.ts';
import { endSequencersAfterEach, pagesFrom, startSequencer } from './follow.ts';
import { putTag } from './writers.ts';

const LIMITS = { maxRows: 500, maxBytes: 8_000_000 };

/** The numbers of all rows, without a gap, and a mark behind every batch whose chain fits its rows. */
async function expectWholeFeed(db: HqDatabase, rows: number): Promise<void> {
  const numbers = await db.query<{ pos: number }>('SELECT pos FROM published ORDER BY pos');
  expect(numbers.map(({ pos }) => pos)).toEqual(Array.from({ length: rows }, (_, i) => i + 1));
  let chain = '0'.repeat(64);
  for (const page of await pagesFrom(db, null, { maxRows: 1 })) {
    chain = nextChain(chain, page.to.pos, page.rows.map(rowHash));
    expect(page.to.chain).toBe(chain);
  }
}

describeOnEngines('sequencers in trouble', (hq) => {
  endSequencersAfterEach();

  test('two at once number every row once, in one chain', async () => {
    const db = await hq.fresh();
    const second = hq.engine === 'postgresql' ? await hq.another(db) : db;
    const sequencers = [
      await startSequencer(db, { maxRows: 7 }),
      await startSequencer(second, { maxRows: 7 }),
    ];
    for (let i = 0; i < 300; i++) await putTag(i % 2 === 0 ? db : second, `tag-${i}`);
    for (const sequencer of sequencers) await sequencer.drain();
    await expect.poll(() => sequencers[0]?.waiting(), { timeout: 10_000 }).toBe(0);
    await expectWholeFeed(db, 300);
  });

  test('one that fails between numbering and commit leaves everything to the next', async () => {
    const db = await hq.fresh();
    for (let i = 0; i < 10; i++) await putTag(db, `tag-${i}`);
    const dying: HqDatabase = {
      ...db,
      transaction: (work) =>
        db.transaction(async (tx) => {
          await work(tx);
          throw new Error('died');
        }),
    };
    await expect(sequenceBatch(dying, LIMITS)).rejects.toThrow('died');
    const sequencer = await startSequencer(db);
    await sequencer.drain();
    await expectWholeFeed(db, 10);
  });

  test('one whose database fails tries again and loses nothing', async () => {
    const db = await hq.fresh();
    let failures = 3;
    const failing: HqDatabase = {
      ...db,
      async transaction(work) {
        if (failures-- > 0) throw new Error('away');
        return await db.transaction(work);
      },
    };
    const sequencer = await startSequencer(failing);
    for (let i = 0; i < 5; i++) await putTag(db, `tag-${i}`);
    await expect.poll(() => sequencer.waiting(), { timeout: 10_000 }).toBe(0);
    await expectWholeFeed(db, 5);
  });
});

describeOnEngines(
  'sequencers in other processes',
  (hq) => {
    endSequencersAfterEach();

    test('one that is killed between numbering and commit leaves everything to the next', async () => {
      const db = await hq.fresh();
      for (let i = 0; i < 10; i++) await putTag(db, `tag-${i}`);
      const program = fileURLToPath(
        new URL('../../../support/sequence-and-hang.ts', import.meta.url),
      );
      const child = spawn(process.execPath, [program, hq.urlOf(db)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      try {
        const [said] = await once(child.stdout, 'data');
        expect(String(said)).toBe('numbered\n');
        // It has the lock: another one gets nothing, and no reader sees its numbers.
        expect(await sequenceBatch(db, LIMITS)).toBeNull();
        expect(await pagesFrom(db, null)).toEqual([]);
      } finally {
        child.kill('SIGKILL');
      }
      await once(child, 'exit');
      const sequencer = await startSequencer(db);
      await expect.poll(() => sequencer.waiting(), { timeout: 10_000 }).toBe(0);
      await expectWholeFeed(db, 10);
    });

    test('a store that begins to carry a member just as the first points are booked gets both', async () => {
      const db = await hq.fresh();
      await db.query("INSERT INTO members (member_id, body) VALUES ('m-1', '{}')");
      const order: string[] = [];
      const accountIn = Promise.withResolvers<void>();
      const scope = accountIn.promise.then(async () => {
        await db.query("INSERT INTO member_scopes VALUES ('m-1', 'store-1', 'visit', 0)");
        order.push('scope');
      });
      await db.transaction(async (tx) => {
        await tx.query(
          "INSERT INTO point_accounts (member_id, body) VALUES ('m-1', '{\"lots\":[]}')",
        );
        accountIn.resolve();
        const settled = async () => {
          const waiting = await tx.query('SELECT 1 FROM pg_locks WHERE NOT granted');
          return waiting.length > 0 || order.length > 0;
        };
        await expect.poll(settled, { timeout: 20_000 }).toBe(true);
        order.push('account');
      });
      await scope;
      expect(order).toEqual(['account', 'scope']);
      const sequencer = await startSequencer(db);
      await sequencer.drain();
      const rows = (await pagesFrom(db, null)).flatMap((page) => page.rows);
      expect(rows.map(([table]) => table).toSorted()).toEqual(['member', 'points']);
    });
  },
  ['postgresql'],
);
