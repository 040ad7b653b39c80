import { argon2Verify } from 'hash-wasm';
import { expect, it } from 'vitest';
import { WEATHER_MAX_TAGS } from '../../../../agent/contract/calendar.ts';
import { type Member, memberSchema } from '../../../../agent/contract/member.ts';
import { DEMO_SEED, generateDemoChain } from '../../../../demo/chain.ts';
import { demoSettings } from '../../../../demo/settings.ts';
import { seedDemo } from '../../../../sync/hq/commands/seed.ts';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import { inBulk } from '../../../../sync/hq/records/bulk.ts';
import { FEED_KEY_MAX_CHARS } from '../../../../sync/hq/records/feed-key.ts';
import {
  carriersOf,
  HOME_ONLY,
  type MembersRule,
  REGIONS_MAX,
  readMembersRule,
} from '../../../../sync/hq/records/members-rule.ts';
import { hashPin } from '../../../../sync/hq/records/staff-pin.ts';
import {
  writeArticles,
  writeStaff,
  writeStores,
  writeTags,
} from '../../../../sync/hq/records/write-chain.ts';
import { writeMembers } from '../../../../sync/hq/records/write-members.ts';
import { SETTING_SCHEMAS, writeSetting } from '../../../../sync/hq/records/write-settings.ts';
import {
  documentRowSchema,
  pointsAccountSchema,
  staffRowSchema,
} from '../../../../sync/protocol/feed.ts';
import { describeOnEngines } from '../../../support/hq-database.ts';
import { NOW_MS, testDeps, withStores } from '../import/import-support.ts';

function member(memberId: string, facts: Record<string, unknown> = {}): Member {
  return memberSchema.parse({
    memberId,
    name: '张三',
    tier: 'gold',
    homeStoreId: 'sh-01',
    updatedAt: '2026-01-01T00:00:00.000Z',
    ...facts,
  });
}
const account = (memberId: string) =>
  pointsAccountSchema.parse({
    memberId,
    lots: [
      { lotId: `lot-${memberId}`, points: 5, earnedAt: '2026-01-01T00:00:00.000Z', source: 'sale' },
    ],
    booked: {},
  });
const write = (
  db: HqDatabase,
  members: readonly Member[],
  rest: Partial<Parameters<typeof writeMembers>[1]> = {},
) =>
  inBulk(db, (tx) =>
    writeMembers(tx, { members, accounts: [], rule: HOME_ONLY, nowMs: NOW_MS, ...rest }),
  );
/** What waits for its number: scope, table, key, whether it is a tombstone, whether it is urgent. */
async function outbox(db: HqDatabase): Promise<unknown[]> {
  const rows = await db.query<Record<string, unknown>>(
    'DELETE FROM outbox RETURNING id, scope, tbl, key, body IS NULL AS gone, urgent',
  );
  return rows
    .sort((a, b) => Number(a['id']) - Number(b['id']))
    .map(({ scope, tbl, key, gone, urgent }) =>
      [
        scope,
        tbl,
        key,
        ...(gone === true ? ['gone'] : []),
        ...(urgent === true ? ['urgent'] : []),
      ].join(' '),
    );
}

describeOnEngines('the records of HQ', (hq) => {
  it('send a member and the account once to the home store, and nothing where nothing changed', async () => {
    const db = await hq.fresh();
    await write(db, [member('m-1', { cards: ['1111'] })], { accounts: [account('m-1')] });
    expect(await outbox(db)).toEqual(['sh-01 member m-1', 'sh-01 points m-1']);
    await write(db, [member('m-1', { cards: ['1111'] })], { accounts: [account('m-1')] });
    expect(await outbox(db)).toEqual([]);
  });

  it('move a member to another home store: gone there, whole here', async () => {
    const db = await hq.fresh();
    await write(db, [member('m-1')], { accounts: [account('m-1')] });
    await outbox(db);
    await write(db, [member('m-1', { homeStoreId: 'cd-01' })]);
    const rows = await outbox(db);
    expect(rows.slice(-4)).toEqual([
      'sh-01 member m-1 gone',
      'sh-01 points m-1 gone',
      'cd-01 member m-1',
      'cd-01 points m-1',
    ]);
  });

  it('let phones, GSRNs and cards change hands in one go, in either order', async () => {
    const db = await hq.fresh();
    const gsrn = '952000191000000007';
    for (const [from, to] of [
      ['m-1', 'm-2'],
      ['m-2', 'm-1'],
    ] as const) {
      await write(db, [
        member('m-1', from === 'm-1' ? { phone: '13800000001', gsrn, cards: ['1111'] } : {}),
        member('m-2', from === 'm-2' ? { phone: '13800000001', gsrn, cards: ['1111'] } : {}),
      ]);
      expect(
        await db.query(
          'SELECT member_id FROM members WHERE phone IS NOT NULL AND gsrn IS NOT NULL',
        ),
      ).toEqual([{ member_id: from }]);
      expect(await db.query('SELECT member_id FROM member_cards')).toEqual([{ member_id: from }]);
      expect(to).not.toBe(from);
    }
  });

  it('refuse the card of a member who is not among those written', async () => {
    const db = await hq.fresh();
    await write(db, [member('m-1', { cards: ['1111'] })]);
    await expect(write(db, [member('m-2', { cards: ['1111'] })])).rejects.toMatchObject({
      code: '23505',
    });
    expect(await db.query('SELECT member_id FROM members')).toEqual([{ member_id: 'm-1' }]);
  });

  it('carry members in the stores of their region when the setting says so, and visits stay', async () => {
    const db = await hq.fresh();
    await withStores(db);
    await write(db, [member('m-1'), member('m-2', { homeStoreId: 'cd-01' })]);
    await db.query("INSERT INTO member_scopes VALUES ('m-2', 'hz-01', 'visit', 1)");
    const scopes = async () =>
      (
        await db.query<Record<string, string>>(
          'SELECT member_id, store_id, reason FROM member_scopes ORDER BY member_id, store_id',
        )
      ).map((row) => Object.values(row).join(' '));
    const rule: MembersRule = {
      scope: 'region',
      regions: { east: ['sh-01' as never, 'hz-01' as never], all: ['cd-01' as never] },
    };
    expect((await writeSetting(db, 'members', rule, NOW_MS)).ok).toBe(true);
    expect(await scopes()).toEqual([
      'm-1 hz-01 region',
      'm-1 sh-01 home',
      'm-2 cd-01 home',
      'm-2 hz-01 visit',
    ]);
    expect(await readMembersRule(db)).toEqual(rule);
    await write(db, [member('m-3', { homeStoreId: 'hz-01' })], { rule });
    expect((await scopes()).slice(-2)).toEqual(['m-3 hz-01 home', 'm-3 sh-01 region']);
    await writeSetting(db, 'members', { scope: 'home' }, NOW_MS);
    expect(await scopes()).toEqual([
      'm-1 sh-01 home',
      'm-2 cd-01 home',
      'm-2 hz-01 visit',
      'm-3 hz-01 home',
    ]);
  });

  it('leave whom a look-up answered where they are carried until then, and make a visit of it where one is written', async () => {
    const db = await hq.fresh();
    await withStores(db);
    const one = member('m-1');
    await write(db, [one]);
    await db.query("INSERT INTO member_scopes VALUES ('m-1', 'hz-01', 'lookup', 1)");
    const lookedUp = () =>
      db.query("SELECT reason, since_ms FROM member_scopes WHERE store_id = 'hz-01'");
    await write(db, [{ ...one, name: '李四' }]);
    await writeSetting(db, 'members', { scope: 'home' }, NOW_MS);
    expect(await lookedUp()).toEqual([{ reason: 'lookup', since_ms: 1 }]);
    const visits = [{ memberId: one.memberId, storeId: 'hz-01' as never }];
    await write(db, [one], { visits });
    expect(await lookedUp()).toEqual([{ reason: 'visit', since_ms: NOW_MS }]);
    await write(db, [one], { visits, nowMs: NOW_MS + 1 });
    expect(await lookedUp()).toEqual([{ reason: 'visit', since_ms: NOW_MS }]);
  });

  it('refuse a setting in another form and leave the one that is there', async () => {
    const db = await hq.fresh();
    await writeSetting(db, 'online', { pointsPer100Minor: 2 }, NOW_MS);
    const refused = await writeSetting(db, 'online', { pointsPer100Minor: -1 }, NOW_MS);
    expect(refused).toMatchObject({ ok: false });
    expect(await db.query("SELECT body FROM settings WHERE key = 'online'")).toEqual([
      { body: '{"pointsPer100Minor":2}' },
    ]);
    const regions = Object.fromEntries(
      Array.from({ length: REGIONS_MAX + 1 }, (_, n) => [`r${n}`, ['sh-01']]),
    );
    expect((await writeSetting(db, 'members', { scope: 'region', regions }, NOW_MS)).ok).toBe(
      false,
    );
  });

  it('take what members agree to for their faces, and refuse an age below 14 and a text in one language', async () => {
    const db = await hq.fresh();
    const words = { 'zh-CN': '本店识别', en: 'Recognised in this store' };
    const face = { textVersion: '1', storeText: words, chainText: words, ageMin: 14 };
    expect((await writeSetting(db, 'face', face, NOW_MS)).ok).toBe(true);
    const [row] = await db.query<{ body: string }>("SELECT body FROM settings WHERE key = 'face'");
    expect(JSON.parse(row?.body ?? '')).toMatchObject({ offInStores: [], retentionDays: 365 });
    for (const bad of [{ ageMin: 13 }, { storeText: { en: 'alone' } }]) {
      const written = await writeSetting(db, 'face', { ...face, ...bad }, NOW_MS);
      expect(written.ok ? '' : written.error).toContain(Object.keys(bad)[0]);
    }
  });

  it('take the weather of one store under its own key, and refuse it without an end', async () => {
    const db = await hq.fresh();
    const weather = { tags: ['rain'], validUntil: '2026-11-21T12:00:00Z' };
    expect((await writeSetting(db, 'weather:sh-01', weather, NOW_MS)).ok).toBe(true);
    expect(await db.query("SELECT key FROM settings WHERE key LIKE 'weather:%'")).toEqual([
      { key: 'weather:sh-01' },
    ]);
    const endless = await writeSetting(db, 'weather:sh-01', { tags: ['rain'] }, NOW_MS);
    expect(endless).toMatchObject({ ok: false, error: expect.stringContaining('validUntil') });
    const tags = Array.from({ length: WEATHER_MAX_TAGS + 1 }, (_, n) => `t${n}`);
    const many = { ...weather, tags };
    expect((await writeSetting(db, 'weather:sh-01', many, NOW_MS)).ok).toBe(false);
    const most = { ...weather, tags: tags.slice(1) };
    expect((await writeSetting(db, 'weather:sh-01', most, NOW_MS)).ok).toBe(true);
    expect((await writeSetting(db, 'weather:', weather, NOW_MS)).ok).toBe(false);
  });

  it('refuse a key that no till would take, with its field, and a setting that is none', async () => {
    const db = await hq.fresh();
    const name = { 'zh-CN': '贵宾', en: 'VIP' };
    for (const tag of ['a\nb', '', 'x'.repeat(FEED_KEY_MAX_CHARS + 1)]) {
      await expect(writeTags(db, [{ tag, name }])).rejects.toThrow('tag has 1 to 128');
    }
    await expect(writeArticles(db, [{ sku: 'a\nb' } as never])).rejects.toThrow('sku has');
    await expect(writeStaff(db, [{ staffId: 'a\nb' } as never])).rejects.toThrow('staffId has');
    await expect(writeStores(db, [{ storeId: 'a\nb' } as never])).rejects.toThrow('storeId has');
    const setting = await writeSetting(db, 'tiers\n' as never, [], NOW_MS);
    expect(setting).toMatchObject({ ok: false, error: expect.stringContaining('key') });
    expect(await outbox(db)).toEqual([]);
    await writeTags(db, [{ tag: 'x'.repeat(FEED_KEY_MAX_CHARS), name }]);
    expect(await outbox(db)).toHaveLength(1);
  });

  it('send staff to their stores, or to all, and a PIN that is the same keeps its hash', async () => {
    const db = await hq.fresh();
    const { random } = testDeps(db);
    const pinHash = await hashPin('1234', random);
    expect(await argon2Verify({ password: '1234', hash: pinHash })).toBe(true);
    expect(await hashPin('1234', random, pinHash)).toBe(pinHash);
    expect(await hashPin('4321', random, pinHash)).not.toBe(pinHash);
    const person = staffRowSchema.parse({
      staffId: '101',
      name: '王芳',
      role: 'cashier',
      pinHash,
      storeIds: ['sh-01'],
    });
    await writeStaff(db, [person, { ...person, staffId: '900' as never, storeIds: null }]);
    expect(await outbox(db)).toEqual(['sh-01 staff 101 urgent', '* staff 900 urgent']);
  });

  it('are filled with the demo chain once: 5,000 members with scope, points, staff, articles and rules', {
    timeout: 120_000,
  }, async () => {
    const db = await hq.fresh();
    const deps = testDeps(db);
    const seeded = await seedDemo(deps);
    const chain = generateDemoChain({ seed: DEMO_SEED, nowMs: NOW_MS });
    expect(seeded).toMatchObject({ members: chain.members.length, stores: 3, ruleSetVersion: 1 });
    const count = async (sql: string) => Number((await db.query<{ n: number }>(sql))[0]?.n);
    expect(await count('SELECT count(*) AS n FROM members')).toBe(chain.members.length);
    expect(await count("SELECT count(*) AS n FROM member_scopes WHERE reason = 'home'")).toBe(
      chain.members.filter(({ homeStoreId }) => homeStoreId !== undefined).length,
    );
    const lots = await db.query<{ body: string }>('SELECT body FROM point_accounts');
    expect(
      lots.reduce(
        (sum, { body }) => sum + pointsAccountSchema.parse(JSON.parse(body)).lots.length,
        0,
      ),
    ).toBe(chain.lots.length);
    const [document] = await db.query<{ body: string }>(
      "SELECT body FROM documents WHERE kind = 'rule-set'",
    );
    expect(documentRowSchema.parse(JSON.parse(document?.body ?? ''))).toMatchObject({ version: 1 });
    for (const { body } of await db.query<{ body: string }>('SELECT body FROM staff'))
      staffRowSchema.parse(JSON.parse(body));
    await outbox(db);
    expect(await seedDemo(deps)).toBeNull();
    expect(await outbox(db)).toEqual([]);
  });
});

it('the settings of the demo chain are in order', () => {
  for (const [key, value] of Object.entries(demoSettings)) {
    expect(SETTING_SCHEMAS[key as keyof typeof SETTING_SCHEMAS].safeParse(value).success).toBe(
      true,
    );
  }
  expect(carriersOf(HOME_ONLY, 'sh-01')).toEqual([{ storeId: 'sh-01', reason: 'home' }]);
});
