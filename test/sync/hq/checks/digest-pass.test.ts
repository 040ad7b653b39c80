import { expect, test } from 'vitest';
import { digestStep, PASS_START, type PassPlace } from '../../../../sync/hq/checks/digest-step.ts';
import { nextDigestStep, PASS_EVERY_MS } from '../../../../sync/hq/checks/start-digest-pass.ts';
import { verifyDigests } from '../../../../sync/hq/commands/verify.ts';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import { BATCH_MAX_BYTES, sequenceBatch } from '../../../../sync/hq/feed/sequence-batch.ts';
import { alarmText } from '../../../../sync/hq/tills/alarms.ts';
import { describeOnEngines } from '../../../support/hq-database.ts';
import { putMember, putTag } from '../feed/writers.ts';
import { expectDigestsRight } from './digest-model.ts';

const MEMBERS = 25;

async function scene(db: HqDatabase): Promise<void> {
  for (let i = 0; i < MEMBERS; i++) await putMember(db, `会员-${i}`, ['s1']);
  for (const tag of ['a', 'b', 'gone']) await putTag(db, tag);
  await db.query("DELETE FROM tags WHERE tag = 'gone'");
  await sequenceAll(db);
}

async function sequenceAll(db: HqDatabase): Promise<void> {
  while (((await sequenceBatch(db, { maxRows: 500, maxBytes: BATCH_MAX_BYTES }))?.taken ?? 0) > 0);
}

/** A whole pass. */
async function pass(db: HqDatabase, stepRows: number) {
  const sum = {
    steps: 0,
    rows: 0,
    mendedRows: 0,
    mendedRoots: 0,
    damagedRows: 0,
    publishedRows: 0,
  };
  for (let place: PassPlace | null = PASS_START; place !== null; sum.steps++) {
    const from: PassPlace = place;
    const step = await db.transaction((tx) => digestStep(tx, from, 7, stepRows));
    sum.rows += step.rows;
    sum.mendedRows += step.mendedRows;
    sum.mendedRoots += step.mendedRoots;
    sum.damagedRows += step.damagedRows;
    sum.publishedRows += step.publishedRows;
    place = step.place;
  }
  return sum;
}

const alarms = (db: HqDatabase) =>
  db.query<{ code: string; detail: string }>('SELECT code, detail FROM alarms ORDER BY id');

describeOnEngines("headquarters' own deep check", (hq) => {
  test('passes over every row, tombstones too, in small steps, and changes nothing that is right', async () => {
    const db = await hq.fresh();
    await scene(db);
    for (const stepRows of [1, 5, 1_000]) {
      const done = await pass(db, stepRows);
      expect(done).toMatchObject({ rows: MEMBERS + 3, mendedRows: 0, mendedRoots: 0 });
      expect(done.steps).toBeGreaterThan((MEMBERS + 3) / stepRows);
    }
    expect(await alarms(db)).toEqual([]);
  });

  test.each([
    ["SET d0 = d0 # 1 WHERE key = '会员-3'", 1, 0, '1 bit of a digest'],
    ["SET bucket = bucket # 1 WHERE key = '会员-3'", 1, 0, '1 bit of a bucket'],
    ["SET hash = repeat('0', 32) WHERE key = '会员-3'", 1, 0, 'a hash'],
    ["SET d0 = NULL, d1 = NULL, d2 = NULL, d3 = NULL WHERE tbl = 'tag'", 2, 0, 'missing digests'],
    ["SET d3 = 5 WHERE key = 'gone'", 1, 0, 'a digest of a removal'],
    [
      "SET body = '{}', d0 = d0 # 1, hash = repeat('1', 32) WHERE key = '会员-3'",
      1,
      1,
      'a body beside its hash: nothing else says what is right',
    ],
  ])('puts right: %s', async (damage, mendedRows, mendedRoots) => {
    const db = await hq.fresh();
    await scene(db);
    await db.query(`UPDATE published ${damage}`);
    expect(await pass(db, 10)).toMatchObject({ mendedRows, mendedRoots });
    await expectDigestsRight(db);
    const told = await alarms(db);
    expect(told.length).toBeGreaterThan(0);
    for (const { code, detail } of told) {
      expect(code).toBe('hq-digest-mended');
      expect(detail).not.toContain('会员');
      expect(alarmText(code, detail)['zh-CN']).toContain('摘要');
    }
    expect(await pass(db, 10)).toMatchObject({ mendedRows: 0, mendedRoots: 0 });
  });

  test('publishes a row whose body alone is damaged anew from its source, of every table', async () => {
    const db = await hq.fresh();
    await scene(db);
    await db.query("INSERT INTO settings VALUES ('k', '{\"k\":1}')");
    await db.query('INSERT INTO articles VALUES (\'tea\', NULL, \'{"sku":"tea"}\')');
    await db.query("INSERT INTO stores VALUES ('s1', 'city', '{\"storeId\":\"s1\"}')");
    await db.query(
      "INSERT INTO staff VALUES ('e1', '{s1,s2}', '{\"e\":1}'), ('e2', NULL, '{\"e\":2}')",
    );
    await db.query(
      "INSERT INTO point_accounts (member_id, body) VALUES ('会员-3', '{\"lots\":[]}')",
    );
    await db.query(
      "INSERT INTO documents SELECT 'policy', n, ''::bytea, '', '{\"version\":' || n || '}', 0 FROM generate_series(1, 2) n",
    );
    await sequenceAll(db);
    const bodies = () =>
      db.query('SELECT scope, tbl, key, body FROM published ORDER BY scope, tbl, key');
    const roots = () => db.query('SELECT tbl, rows FROM feed_roots ORDER BY scope, tbl');
    const right = await bodies();
    const sums = await roots();
    const [head] = await db.query<{ ver: number }>('SELECT max(ver) AS ver FROM published');
    await db.query("UPDATE published SET body = NULL WHERE tbl = 'points'");
    await db.query(
      `UPDATE published SET body = '{"bad":1}'
       WHERE body IS NOT NULL AND (tbl <> 'member' OR key = '会员-3') AND key NOT IN ('b', 'e2')`,
    );
    const damaged = 1 + 1 + 1 + 1 + 2 + 1 + 1 + 1;
    expect(await pass(db, 10)).toMatchObject({
      mendedRows: 0,
      mendedRoots: 0,
      damagedRows: damaged,
      publishedRows: damaged,
    });
    await sequenceAll(db);
    expect(await bodies()).toEqual(right);
    expect(await roots()).toEqual(sums);
    const anew = await db.query<{ tbl: string }>(
      'SELECT tbl FROM published WHERE ver > $1 ORDER BY tbl',
      [head?.ver ?? 0],
    );
    expect(new Set(anew.map(({ tbl }) => tbl))).toEqual(
      new Set(['article', 'document', 'member', 'points', 'setting', 'staff', 'store', 'tag']),
    );
    await expectDigestsRight(db);
    for (const { code, detail } of await alarms(db)) {
      expect(code).toBe('hq-row-damaged');
      expect(detail).not.toContain('会员');
      expect(alarmText(code, detail)['zh-CN']).toContain('重新发布');
    }
    expect(await pass(db, 10)).toMatchObject({ mendedRows: 0, damagedRows: 0 });
  });

  test.each([
    ['# 2', 'one bit'],
    ['# (1::bigint << 40)', 'one bit that makes it higher than all to come'],
    ['# (1::bigint << 60)', 'one bit that makes it higher than a number holds'],
    ['# (1::bigint << 63)', 'its sign'],
  ])('puts a version right that differs by %s: %s', async (damage) => {
    const db = await hq.fresh();
    await scene(db);
    const all = () => db.query('SELECT * FROM published ORDER BY scope, tbl, key');
    const right = await all();
    const keys = "key IN ('会员-3', 'a', 'gone')";
    await db.query(`UPDATE published SET ver = ver ${damage} WHERE ${keys}`);
    expect(await pass(db, 10)).toMatchObject({ mendedRows: 3, damagedRows: 0, publishedRows: 0 });
    expect(await all()).toEqual(right);
    expect(await db.query('SELECT 1 FROM outbox')).toEqual([]);
    expect(new Set((await alarms(db)).map(({ code }) => code))).toEqual(
      new Set(['hq-digest-mended']),
    );
    expect(await pass(db, 10)).toMatchObject({ mendedRows: 0, damagedRows: 0 });
  });

  test('publishes changes and removals that a version which was too high had kept back', async () => {
    const db = await hq.fresh();
    await scene(db);
    await db.query(
      "UPDATE published SET ver = ver # (1::bigint << 40) WHERE key IN ('会员-3', 'a', 'gone')",
    );
    await putMember(db, '会员-3', ['s1'], 'changed');
    await db.query("DELETE FROM tags WHERE tag = 'a'");
    await putTag(db, 'gone');
    await sequenceAll(db);
    await pass(db, 10);
    await sequenceAll(db);
    const { 0: member } = await db.query<{ same: boolean }>(
      "SELECT p.body = m.body AS same FROM published p JOIN members m ON m.member_id = p.key WHERE p.key = '会员-3'",
    );
    expect(member?.same).toBe(true);
    expect(
      await db.query(
        "SELECT key, body IS NULL AS gone FROM published WHERE tbl = 'tag' ORDER BY key",
      ),
    ).toEqual([
      { key: 'a', gone: true },
      { key: 'b', gone: false },
      { key: 'gone', gone: false },
    ]);
    await expectDigestsRight(db);
    expect(await pass(db, 10)).toMatchObject({ mendedRows: 0, damagedRows: 0 });
  });

  test.each([
    ["UPDATE published SET body = '{\"bad\":1}' WHERE key = 'gone'", 'a removal that got a body'],
    [
      "ALTER TABLE members DISABLE TRIGGER USER; UPDATE members SET body = '{}' WHERE member_id = '会员-3'; UPDATE published SET body = '{}' WHERE key = '会员-3'",
      'a row that is damaged in its source too',
    ],
  ])('only tells of what no source can put right: %s', async (damage) => {
    const db = await hq.fresh();
    await scene(db);
    for (const one of damage.split('; ')) await db.query(one);
    const before = await db.query('SELECT * FROM published ORDER BY scope, tbl, key');
    expect(await pass(db, 10)).toMatchObject({
      mendedRows: 0,
      mendedRoots: 0,
      damagedRows: 1,
      publishedRows: 0,
    });
    expect(await db.query('SELECT 1 FROM outbox')).toEqual([]);
    expect(await db.query('SELECT * FROM published ORDER BY scope, tbl, key')).toEqual(before);
    expect((await alarms(db)).map(({ code }) => code)).toEqual(['hq-row-damaged']);
  });

  test.each([
    ["UPDATE feed_roots SET s2 = (s2 + 1) & 4294967295 WHERE tbl = 'member'"],
    ["UPDATE feed_roots SET rows = rows + 1 WHERE tbl = 'tag'"],
    ["DELETE FROM feed_roots WHERE tbl = 'member'"],
    ["INSERT INTO feed_roots VALUES ('s1', 'article', 1, 2, 3, 4, 5)"],
  ])('puts a root right: %s', async (damage) => {
    const db = await hq.fresh();
    await scene(db);
    await db.query(damage);
    expect(await pass(db, 10)).toMatchObject({ mendedRows: 0, mendedRoots: 1 });
    await expectDigestsRight(db);
    expect(await alarms(db)).toHaveLength(1);
  });

  test('runs once a day, goes on where it was, and leaves it to whoever is at it', async () => {
    const db = await hq.fresh();
    await scene(db);
    let nowMs = 1_000;
    const deps = { db, nowMs: () => nowMs };
    const state = async () =>
      (
        await db.query<{
          started_at_ms: number;
          ended_at_ms: number;
          rows: number;
          mended: number;
        }>('SELECT * FROM digest_pass')
      )[0];
    expect(await nextDigestStep(deps)).toBe(true);
    nowMs += 50;
    await db.query("UPDATE published SET d1 = 0 WHERE tbl = 'member'");
    while (await nextDigestStep(deps));
    expect(await state()).toMatchObject({
      started_at_ms: null,
      ended_at_ms: 1_050,
      rows: MEMBERS + 3,
      mended: MEMBERS,
    });
    nowMs += PASS_EVERY_MS - 1;
    expect(await nextDigestStep(deps), 'a day is not over').toBe(false);
    nowMs += 1;
    expect(await nextDigestStep(deps)).toBe(true);
    expect(await state()).toMatchObject({ started_at_ms: nowMs, mended: 0 });
    if (hq.engine === 'pglite') return;
    const other = await hq.another(db);
    await other.transaction(async (tx) => {
      await tx.query('SELECT 1 FROM digest_pass FOR UPDATE');
      expect(await nextDigestStep(deps)).toBe(false);
    });
  });

  test('by hand goes over everything at once and says how far it is', async () => {
    const db = await hq.fresh();
    await db.query(
      "INSERT INTO outbox (scope, tbl, key, ver, body, urgent) SELECT '*', 'tag', 't-' || n, n, '{}', false FROM generate_series(1, 3) n",
    );
    await sequenceBatch(db, { maxRows: 500, maxBytes: BATCH_MAX_BYTES });
    await db.query("UPDATE published SET d1 = 0 WHERE key = 't-2'");
    const deps = { db, nowMs: () => 0 };
    const said: number[][] = [];
    expect(await verifyDigests(deps, (...one) => said.push(one), 1)).toEqual({
      rows: 3,
      mendedRows: 1,
      mendedRoots: 0,
      damagedRows: 0,
      publishedRows: 0,
    });
    expect(said).toEqual([[3, 3]]);
    expect((await verifyDigests(deps, () => {})).mendedRows).toBe(0);
  });
});
