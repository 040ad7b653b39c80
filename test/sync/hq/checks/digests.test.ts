import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readDigestKey } from '../../../../sync/hq/checks/read-digest-key.ts';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import { BATCH_MAX_BYTES, sequenceBatch } from '../../../../sync/hq/feed/sequence-batch.ts';
import { migrate } from '../../../../sync/hq/migrate.ts';
import { HQ_MIGRATIONS } from '../../../../sync/hq/migrations.ts';
import { startNewTimeline } from '../../../../sync/hq/tills/new-timeline.ts';
import { rowHash } from '../../../../sync/protocol/feed-hash.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { expectDigestsRight } from './digest-model.ts';

/** Numbers all that waits, a few rows at a time. */
async function sequence(db: HqDatabase, maxRows: number): Promise<void> {
  while (((await sequenceBatch(db, { maxRows, maxBytes: BATCH_MAX_BYTES }))?.taken ?? 0) > 0);
}

const key = fc.oneof(
  fc.constantFrom('a', 'b', '会员-1', 'ключ', '🍷', "o'brien\\"),
  fc
    .string({ unit: 'binary', minLength: 1, maxLength: 8 })
    .filter((k) => !/[\0\n]/.test(k) && k.isWellFormed()),
);
const change = fc.record({
  scope: fc.constantFrom('*', 's1', 's2'),
  tbl: fc.constantFrom('tag', 'member'),
  key,
  body: fc.option(fc.string({ unit: 'grapheme', maxLength: 20 }).filter((b) => !b.includes('\0'))),
  bulk: fc.boolean(),
});

describeOnEngines('the digests of headquarters', (hq) => {
  test('are those of the protocol, whatever rows come, change and go, and the roots are their sums', async () => {
    const db = await hq.fresh();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(change, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 7 }),
        async (rounds, maxRows) => {
          for (const changes of rounds) {
            for (const { scope, tbl, key, body, bulk } of changes)
              await db.query('SELECT publish_row($1, $2, $3, $4, $5)', [
                scope,
                tbl,
                key,
                body,
                !bulk,
              ]);
            await sequence(db, maxRows);
            await expectDigestsRight(db);
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  test('are made for rows that were there before there were digests', async () => {
    const db = await hq.fresh({ migrated: false });
    must(
      await migrate(
        db,
        HQ_MIGRATIONS.filter(({ version }) => version < 13),
      ),
    );
    for (const [tbl, rowKey, ver, body] of [
      ['tag', '红酒', 1, '{"tag":"红酒"}'],
      ['tag', 'gone', 2, null],
      ['member', 'm-1', 3, '{}'],
    ] as const)
      await db.query(
        "INSERT INTO published (scope, tbl, key, pos, ver, body, hash, urgent, at_ms) VALUES ('s1', $1, $2, $3::bigint, $3::bigint, $4, $5, false, 0)",
        [tbl, rowKey, ver, body, rowHash([tbl, rowKey, ver, body])],
      );
    must(await migrate(db, HQ_MIGRATIONS));
    await expectDigestsRight(db);
    const [roots] = await db.query<{ n: number }>('SELECT sum(rows)::int AS n FROM feed_roots');
    expect(roots?.n).toBe(2);
  });

  test('have a key of their own in each database, which is not in the schema', async () => {
    const keys = [];
    for (let i = 0; i < 2; i++) {
      const db = await hq.fresh({ migrated: false });
      must(await migrate(db, HQ_MIGRATIONS));
      const key = await readDigestKey(db);
      expect(key).toMatch(/^[0-9a-f]{64}$/);
      keys.push(key);
    }
    expect(new Set(keys).size).toBe(2);
  });

  test('keep their key when the database was restored from a backup', async () => {
    const db = await hq.fresh();
    const before = await readDigestKey(db);
    expect(await startNewTimeline(db)).not.toBeNull();
    expect(await readDigestKey(db)).toBe(before);
  });
});
