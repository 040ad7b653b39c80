import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { CHECKS_LIMITS, createChecks } from '../../../../sync/hq/checks/create-checks.ts';
import { digestStep, PASS_START, type PassPlace } from '../../../../sync/hq/checks/digest-step.ts';
import {
  LOOKS_MAX,
  nextDigestStep,
  startDigestPass,
} from '../../../../sync/hq/checks/start-digest-pass.ts';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import { ROW_MAX_BYTES } from '../../../../sync/protocol/feed.ts';
import { readsOf } from '../../../support/explain.ts';
import { describeOnEngines } from '../../../support/hq-database.ts';
import { putMember, putSetting, putStaff, putTag } from '../feed/writers.ts';
import { expectDigestsRight } from './digest-model.ts';
import { handTimers } from './hand-timers.ts';
import { MEMBERS, scene, sequence } from './questions-scene.ts';
import { ask, askNodes, callerOf, pack, walk } from './walker.ts';

/** A whole pass, and how its steps went. */
async function pass(db: HqDatabase, stepRows = 1_000) {
  const sum = { mendedRoots: 0, damagedRows: 0, publishedRows: 0, most: 0, waits: 0 };
  for (let place: PassPlace | null = PASS_START; place !== null; ) {
    const from: PassPlace = place;
    const step = await db.transaction((tx) => digestStep(tx, from, 7, stepRows));
    sum.mendedRoots += step.mendedRoots;
    sum.damagedRows += step.damagedRows;
    sum.publishedRows += step.publishedRows;
    sum.most = Math.max(sum.most, step.publishedRows);
    sum.waits += Number(step.waits);
    place = step.place;
  }
  return sum;
}

const LOSE_MEMBERS = "DELETE FROM published WHERE tbl = 'member' AND key LIKE '会员-1%'";
/** 1, 10 to 19 and 100 to 199. */
const LOST_MEMBERS = 111;

describeOnEngines('rows lost from `published` whose source stands', (hq) => {
  test('come back under fresh versions, of every table and some a step, before a root is mended', async () => {
    const db = await hq.fresh();
    for (const n of [1, 2, 3, 4, 5]) await putMember(db, `m-${n}`, ['s1']);
    await putTag(db, 'a');
    await putSetting(db, 'k');
    await db.query("INSERT INTO articles VALUES ('tea', NULL, '{}')");
    await db.query("INSERT INTO stores VALUES ('s1', 'city', '{}')");
    await putStaff(db, 'e1', ['s1', 's2']);
    await putStaff(db, 'e2', null);
    await db.query("INSERT INTO point_accounts (member_id, body) VALUES ('m-3', '{}')");
    await db.query(
      "INSERT INTO documents SELECT 'policy', n, ''::bytea, '', '{\"version\":' || n || '}', 0 FROM generate_series(1, 2) n",
    );
    await sequence(db);
    const bodies = () => db.query('SELECT scope, tbl, key, body FROM published ORDER BY 1, 2, 3');
    const roots = () => db.query('SELECT * FROM feed_roots ORDER BY scope, tbl');
    const [right, sums] = [await bodies(), await roots()];
    await db.query('DELETE FROM published');
    const lost = right.length;
    expect(await pass(db, 2)).toMatchObject({
      mendedRoots: 0,
      damagedRows: lost,
      publishedRows: lost,
      most: 2,
    });
    expect(await roots(), 'tills must not be told that the loss is right').toEqual(sums);
    const alarms = await db.query<{ code: string; detail: string }>('SELECT * FROM alarms');
    expect(new Set(alarms.map(({ code }) => code))).toEqual(new Set(['hq-row-damaged']));
    expect(alarms.map(({ detail }) => detail).join()).not.toContain('m-');
    expect(await pass(db), 'they are on their way').toMatchObject({
      mendedRoots: 0,
      publishedRows: 0,
      waits: sums.length,
    });
    await sequence(db);
    expect(await bodies()).toEqual(right);
    expect(await pass(db)).toMatchObject({ mendedRoots: sums.length, damagedRows: 0, waits: 0 });
    await expectDigestsRight(db);
    expect(await pass(db)).toMatchObject({ mendedRoots: 0, waits: 0 });
  });

  test('do not wait for rows that no till could read, nor for those whose source is gone', async () => {
    const db = await hq.fresh();
    await putTag(db, 'a');
    await putTag(db, 'a\nb');
    await putTag(db, 'gone');
    await sequence(db);
    await db.query('ALTER TABLE tags DISABLE TRIGGER USER');
    await db.query("DELETE FROM tags WHERE tag = 'gone'");
    await db.query("DELETE FROM published WHERE key = 'gone'");
    expect(await pass(db)).toMatchObject({ mendedRoots: 1, damagedRows: 0, waits: 0 });
    await expectDigestsRight(db);
  });

  test('are looked for in one way through their source, however many steps publish them', async () => {
    const db = await hq.fresh();
    const [members, stepRows] = [2_000, 50];
    await db.query(`INSERT INTO members (member_id, body)
      SELECT 'm-' || n, '{"n":' || n || '}' FROM generate_series(1, ${members}) n`);
    await db.query("INSERT INTO member_scopes SELECT member_id, 's1', 'visit', 0 FROM members");
    await sequence(db);
    await db.query("DELETE FROM published WHERE key LIKE 'm-1%'");
    for (const table of ['members', 'member_scopes', 'published', 'outbox'])
      await db.query(`ANALYZE ${table}`);
    const read: Record<string, number> = { members: 0, member_scopes: 0 };
    const counting: HqDatabase = {
      ...db,
      transaction: (work) =>
        db.transaction((tx) =>
          work({
            async query(sql, values) {
              if (sql.includes('member_scopes') && !/FOR UPDATE|publish_row/.test(sql))
                for (const { table, rows } of await readsOf(tx, sql, values))
                  if (table in read) read[table] = (read[table] ?? 0) + rows;
              return tx.query(sql, values);
            },
          }),
        ),
    };
    const done = await pass(counting, stepRows);
    expect(done).toMatchObject({ publishedRows: 1_111, most: stepRows, mendedRoots: 0, waits: 1 });
    // Once to find them, and once to see whether any is on its way.
    expect(read['members']).toBeLessThanOrEqual(3 * members);
    expect(read['member_scopes']).toBeLessThanOrEqual(3 * members);
    await sequence(db);
    expect(await pass(db, stepRows)).toMatchObject({ mendedRoots: 1, publishedRows: 0 });
    await expectDigestsRight(db);
  });

  test("keep headquarters' own pass at their table until they are numbered", async () => {
    const db = await hq.fresh();
    await scene(db);
    await db.query(LOSE_MEMBERS);
    const deps = { db, nowMs: () => 1_000 };
    const ended = async () =>
      (await db.query<{ ended_at_ms: number | null }>('SELECT * FROM digest_pass'))[0]?.ended_at_ms;
    for (let i = 0; i < 3; i++) {
      while (await nextDigestStep(deps));
      expect(await ended()).toBeNull();
    }
    await sequence(db);
    while (await nextDigestStep(deps));
    expect(await ended()).toBe(1_000);
    await expectDigestsRight(db);
  });

  test('are drift of no till: whatever it asks, it comes again, and the table is looked at at once', async () => {
    const db = await hq.fresh();
    const { till } = await scene(db);
    const { timers, fire } = handTimers();
    const nowMs = () => 1_000_000;
    const digestPass = startDigestPass({ db, nowMs, timers, log: () => {} });
    const unfit: string[][] = [];
    const checks = createChecks({ db, nowMs, random: randomBytes }, CHECKS_LIMITS, (...table) => {
      unfit.push(table);
      digestPass.lookAt(...table);
    });
    const busy = { ok: false, error: { code: 'busy' } };
    till.table('member').delete('会员-2');
    // A walk under way, whose tree is kept.
    await ask(checks, callerOf(), till.rootsQuestion());
    await db.query(LOSE_MEMBERS);
    const all = Array.from({ length: 4_096 }, (_, node) => node);
    await expect(askNodes(checks, callerOf(), till, 'member', 4, all)).rejects.toThrow('busy');
    const rows = { buckets: pack([]), wanted: pack([]), own: ['会员-2', '会员-100'] };
    const cursor = till.cursor();
    expect(
      await checks.answer(callerOf(), { t: 'rows', table: 'member', cursor, ...rows }),
    ).toMatchObject(busy);
    // A headquarters that was started since keeps no tree.
    const started = createChecks({ db, nowMs, random: randomBytes });
    await expect(askNodes(started, callerOf(), till, 'member', 2, [0])).rejects.toThrow('busy');
    for (let i = 0; i < 20; i++)
      expect(
        await started.answer(callerOf(`till-${i}`), till.rootsQuestion()),
        'nobody keeps a place',
      ).toMatchObject(busy);
    expect(unfit).toEqual([
      ['s1', 'member'],
      ['s1', 'member'],
    ]);
    for (let i = 0; i < 3; i++) await fire();
    expect(await db.query('SELECT 1 FROM outbox')).toHaveLength(LOST_MEMBERS);
    expect(await started.answer(callerOf(), till.rootsQuestion())).toMatchObject(busy);
    await sequence(db);
    for (let i = 0; i < 3; i++) await fire();
    await till.follow();
    const answer = await walk(checks, till, 'member');
    expect(answer?.rows.map(([key]) => key)).toEqual(['会员-2']);
    expect(till.table('member').size).toBe(MEMBERS - 1);
    await expectDigestsRight(db);
    await digestPass.stop();
  });

  test('are found by the rows that a till has and headquarters lacks, where the root is lost too', async () => {
    const db = await hq.fresh();
    const { till } = await scene(db);
    const { timers, fire } = handTimers();
    const nowMs = () => 1_000_000;
    const digestPass = startDigestPass({ db, nowMs, timers, log: () => {} });
    const deps = { db, nowMs, random: randomBytes };
    const checks = createChecks(deps, CHECKS_LIMITS, digestPass.lookAt);
    await db.query("DELETE FROM published WHERE key = '会员-7'");
    await db.query(
      `UPDATE feed_roots SET (rows, s0, s1, s2, s3) = (SELECT count(*), ${[0, 1, 2, 3]
        .map((i) => `sum(d${i})::bigint & 4294967295`)
        .join(', ')} FROM published WHERE tbl = 'member')`,
    );
    await expect(walk(checks, till, 'member')).rejects.toThrow('busy');
    for (let i = 0; i < 2; i++) await fire();
    await sequence(db);
    for (let i = 0; i < 2; i++) await fire();
    await till.follow();
    expect(await walk(checks, till, 'member')).toBeNull();
    expect(till.table('member').size).toBe(MEMBERS);
    await digestPass.stop();
  });

  test('are gone for a till too where their source has become a row that no till could read', async () => {
    const db = await hq.fresh();
    const { till, checks } = await scene(db);
    await db.query(
      `UPDATE members SET body = repeat('x', ${ROW_MAX_BYTES + 1}) WHERE member_id = '会员-7'`,
    );
    await sequence(db);
    await db.query("DELETE FROM published WHERE tbl = 'member' AND key = '会员-7'");
    expect(await pass(db)).toMatchObject({ mendedRoots: 1, damagedRows: 0, waits: 0 });
    expect((await walk(checks, till, 'member'))?.rows).toEqual([['会员-7', 0, null]]);
  });

  test('wait in no longer a line than there is room for', async () => {
    const db = await hq.fresh();
    const { timers, fire } = handTimers();
    let steps = 0;
    const counting: HqDatabase = {
      ...db,
      transaction: (work) => {
        steps++;
        return db.transaction(work);
      },
    };
    const deps = { db: counting, nowMs: () => 1_000, timers, log: () => {} };
    const digestPass = startDigestPass(deps);
    await db.query('UPDATE digest_pass SET ended_at_ms = 1000');
    for (let i = 0; i < LOOKS_MAX + 5; i++) digestPass.lookAt(`s${i}`, 'member');
    digestPass.lookAt('s0', 'member');
    for (let i = 0; i < LOOKS_MAX; i++) await fire();
    expect(steps).toBe(LOOKS_MAX);
    const before = steps;
    digestPass.lookAt('s1', 'member');
    for (let i = 0; i < 2; i++) await fire();
    expect(steps - before, 'there is room again').toBe(2);
    await digestPass.stop();
  });
});
