import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HqDatabase, HqSession } from '../../../../sync/hq/database/database.ts';
import { createFeedReader } from '../../../../sync/hq/feed/create-feed-reader.ts';
import { BATCH_MAX_BYTES, sequenceBatch } from '../../../../sync/hq/feed/sequence-batch.ts';
import type { Cursor } from '../../../../sync/protocol/feed.ts';
import { PROTOCOL_VERSION } from '../../../../sync/protocol/version.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { digestKeyOf } from '../checks/digest-model.ts';
import { atTheBeginning } from './follow.ts';
import { readSnapshot } from './read-snapshot.ts';
import {
  addScope,
  createHeldRows,
  expectedState,
  type HeldRows,
  putMember,
  putSetting,
  putStaff,
  putTag,
} from './writers.ts';

interface Till {
  held: HeldRows;
  cursor: Cursor;
  exact: boolean;
}

const STORES = ['store-1', 'store-2'] as const;
const RUNS = 20;

/** As after migration, in a tenth of the time. */
const EMPTY_SQL = `
  TRUNCATE outbox, published, feed_roots, feed_marks, tags, settings, staff, members, member_cards, member_scopes, point_accounts,
    pass_keys, pass_codes, face_consents, face_templates, face_ends, face_fed, face_questions;
  INSERT INTO feed_marks VALUES (0, repeat('0', 64), 0);
  UPDATE feed_head SET pos = 0, chain = repeat('0', 64), floor_pos = 0;
`;

const small = fc.integer({ min: 0, max: 3 });
const store = fc.constantFrom(...STORES);

/** One change at HQ. */
const change = fc.oneof(
  fc.record({ do: fc.constant('tag' as const), n: small, value: fc.nat(99) }),
  fc.record({ do: fc.constant('setting' as const), n: small, value: fc.nat(99) }),
  fc.record({ do: fc.constant('no tag' as const), n: small }),
  fc.record({ do: fc.constant('member' as const), n: small, value: fc.nat(99) }),
  fc.record({ do: fc.constant('points' as const), n: small, value: fc.nat(99) }),
  fc.record({ do: fc.constant('no member' as const), n: small }),
  fc.record({ do: fc.constant('visit' as const), n: small, store }),
  fc.record({ do: fc.constant('leave' as const), n: small, store }),
  fc.record({
    do: fc.constant('face' as const),
    n: small,
    of: small,
    store,
    scope: fc.constantFrom('store', 'chain'),
  }),
  fc.record({ do: fc.constant('no face' as const), n: small }),
  fc.record({
    do: fc.constant('staff' as const),
    n: small,
    stores: fc.option(fc.subarray([...STORES])),
    value: fc.nat(99),
  }),
  fc.record({ do: fc.constant('no staff' as const), n: small }),
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      step: fc.constant('write' as const),
      changes: fc.array(change, { minLength: 1, maxLength: 4 }),
      bulk: fc.boolean(),
      fails: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      step: fc.constant('number' as const),
      maxRows: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      step: fc.constant('read' as const),
      store,
      maxRows: fc.integer({ min: 1, max: 6 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ step: fc.constant('snapshot' as const), store }) },
);

async function apply(tx: HqSession, one: Change): Promise<void> {
  const id = `m-${one.n}`;
  switch (one.do) {
    case 'tag':
      return putTag(tx, `t-${one.n}`, one.value);
    case 'setting':
      return putSetting(tx, `s-${one.n}`, one.value);
    case 'no tag':
      return void (await tx.query('DELETE FROM tags WHERE tag = $1', [`t-${one.n}`]));
    case 'member':
      return putMember(tx, id, [], one.value);
    case 'points':
      await tx.query(
        'INSERT INTO point_accounts (member_id, body) VALUES ($1, $2) ON CONFLICT (member_id) DO UPDATE SET body = excluded.body',
        [id, String(one.value)],
      );
      return;
    case 'no member':
      await tx.query('DELETE FROM member_scopes WHERE member_id = $1', [id]);
      await tx.query('DELETE FROM members WHERE member_id = $1', [id]);
      return;
    case 'visit':
      return addScope(tx, id, one.store);
    case 'leave':
      await tx.query('DELETE FROM member_scopes WHERE member_id = $1 AND store_id = $2', [
        id,
        one.store,
      ]);
      return;
    case 'face':
      await tx.query(
        `INSERT INTO face_templates SELECT $1, member_id, member_id, $3, $4, '{"n":' || $5 || '}', 0
         FROM members WHERE member_id = $2 ON CONFLICT DO NOTHING`,
        [`f-${one.n}`, `m-${one.of}`, one.scope, one.store, String(one.of)],
      );
      return;
    case 'no face':
      return void (await tx.query('DELETE FROM face_templates WHERE template_id = $1', [
        `f-${one.n}`,
      ]));
    case 'staff':
      return putStaff(tx, `p-${one.n}`, one.stores, one.value);
    case 'no staff':
      return void (await tx.query('DELETE FROM staff WHERE staff_id = $1', [`p-${one.n}`]));
  }
}

async function write(db: HqDatabase, changes: Change[], bulk: boolean, fails: boolean) {
  const work = db.transaction(async (tx) => {
    if (bulk) await tx.query("SET LOCAL tillside.bulk = 'on'");
    for (const one of changes) await apply(tx, one);
    if (fails) throw new Error('rolled back');
  });
  if (fails) await expect(work).rejects.toThrow('rolled back');
  else await work;
}

describeOnEngines('whatever changes at HQ, in whatever batches and pages it travels,', (hq) => {
  test('a till ends with exactly the rows of its scope', async () => {
    const db = await hq.fresh();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        await db.script(EMPTY_SQL);
        const reader = createFeedReader({ db });
        const digestKey = await digestKeyOf(db);
        const start = await atTheBeginning(reader);
        const tills = new Map(
          STORES.map((id): [string, Till] => [
            id,
            { held: createHeldRows(), cursor: start, exact: true },
          ]),
        );
        const read = async (storeId: (typeof STORES)[number], maxRows: number) => {
          const till = tills.get(storeId);
          if (till === undefined) throw new Error('no such till');
          const page = must(
            await reader.readPage({
              storeId,
              cursor: till.cursor,
              protocol: PROTOCOL_VERSION,
              maxRows,
              roots: 'all',
            }),
          );
          till.held.take(page.rows);
          till.cursor = page.to;
          till.exact = page.exact;
          // What V1 rests on: whoever applied everything up to the head holds what its roots say.
          expect(page.roots).toEqual(page.exact ? till.held.roots(digestKey) : undefined);
          return till;
        };
        for (const one of steps) {
          if (one.step === 'write') await write(db, one.changes, one.bulk, one.fails);
          else if (one.step === 'number')
            await sequenceBatch(db, { maxRows: one.maxRows, maxBytes: BATCH_MAX_BYTES });
          else if (one.step === 'read') await read(one.store, one.maxRows);
          else {
            const snapshot = await readSnapshot(db, one.store, { maxRows: 2, maxBytes: 10_000 });
            const held = createHeldRows();
            held.take(snapshot.rows);
            tills.set(one.store, { held, cursor: snapshot.start, exact: true });
          }
        }
        while (
          ((await sequenceBatch(db, { maxRows: 3, maxBytes: BATCH_MAX_BYTES }))?.taken ?? 0) > 0
        );
        for (const storeId of STORES) {
          while (!(await read(storeId, 4)).exact);
          const till = await read(storeId, 4);
          expect(till.held.state()).toEqual(await expectedState(db, storeId));
        }
      }),
      { numRuns: RUNS },
    );
  });
});
