import { expect, test } from 'vitest';
import { toInstant } from '../../../../agent/contract/time.ts';
import {
  CHECK_BATCH,
  checkDue,
  ENGINE_ALARM_EVERY_MS,
  SALE_FAILURES_MAX,
} from '../../../../sync/hq/accuracy/check-due.ts';
import { createAccuracyCheck } from '../../../../sync/hq/accuracy/create-accuracy-check.ts';
import {
  FINDINGS_KEPT_DAYS,
  forgetAccuracy,
  MEMBER_HISTORY_KEPT_DAYS,
} from '../../../../sync/hq/accuracy/forget-accuracy.ts';
import { PASS_BATCH, passEntries } from '../../../../sync/hq/accuracy/pass-entries.ts';
import { createPublishedRules } from '../../../../sync/hq/accuracy/published-rules.ts';
import { readAccuracy, totalAccuracy } from '../../../../sync/hq/accuracy/read-accuracy.ts';
import { readCases } from '../../../../sync/hq/accuracy/read-cases.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { type BooksRig, NOON_MS, openBooks, TODAY } from '../books/rig.ts';
import { findings, memberThere, publish, RULES, sealedSale } from './accuracy-rig.ts';

const DAY_MS = 24 * 60 * 60_000;
const report = (rig: BooksRig) => readAccuracy(rig.deps, { from: TODAY, to: TODAY });

describeOnEngines('sales that are looked at', (hq) => {
  async function open(): Promise<BooksRig> {
    const rig = openBooks(await hq.fresh());
    // Versions of members count from long ago on.
    await rig.db.query('UPDATE accuracy_state SET history_since_ms = 0');
    await publish(rig);
    return rig;
  }
  const look = async (rig: BooksRig) => {
    expect(await createAccuracyCheck(rig.deps).run()).toBe(true);
    return findings(rig);
  };

  test('are accurate where the till had the latest, and looking again changes nothing', async () => {
    const rig = await open();
    const till = rig.till('till-1');
    const memberId = await rig.member(1, { tier: 'gold' });
    sealedSale(till);
    sealedSale(till, { input: { member: memberThere(memberId, 'gold') } });
    must(await till.send());
    const found = [
      { engine: 'equal', accurate: true, cause: null, fields: '[]' },
      { engine: 'equal', accurate: true, cause: null, fields: '[]' },
    ];
    expect(await look(rig)).toEqual(found);
    expect(await look(rig)).toEqual(found);
    expect((await report(rig)).total).toMatchObject({ sales: 2, accurate: 2, rate: 1 });
  });

  test('that the engine does not give again raise one alarm a day for a till and its rules, and all count as wrong', async () => {
    const rig = await open();
    const till = rig.till('till-1');
    sealedSale(till, { spoil: (kept) => ({ ...kept, discountMinor: kept.discountMinor + 1 }) });
    sealedSale(till, { header: { pointsEarned: 7 } });
    must(await till.send());
    expect(await look(rig)).toMatchObject([
      { engine: 'different', accurate: false, cause: 'engine-differs' },
      { engine: 'different', accurate: false, cause: 'engine-differs' },
    ]);
    await rig.db.query("UPDATE evaluations_checked SET due = nextval('accuracy_due')");
    await look(rig);
    const alarms = async () => {
      const rows = await rig.db.query<{ till_id: string; detail: string }>(
        "SELECT till_id, detail FROM alarms WHERE code = 'engine-differs' ORDER BY id",
      );
      return rows.map((row) => `${row.till_id} ${row.detail.replace(/, \S+ /, ', ')}`);
    };
    const first = 'till-1 rules 1, seq 1: evaluation.discountMinor';
    expect(await alarms()).toEqual([first]);
    expect((await report(rig)).total).toMatchObject({ engineDifferent: 2, rate: 0 });
    const other = rig.till('till-2');
    sealedSale(other, { header: { pointsEarned: 7 } });
    must(await other.send());
    await look(rig);
    const second = 'till-2 rules 1, seq 1: entry.pointsEarned';
    expect(await alarms()).toEqual([first, second]);
    await rig.db.query(
      "UPDATE evaluations_checked SET due = nextval('accuracy_due'), engine = NULL",
    );
    rig.clockMs += ENGINE_ALARM_EVERY_MS - 1;
    await look(rig);
    expect(await alarms()).toEqual([first, second]);
    await rig.db.query(
      "UPDATE evaluations_checked SET due = nextval('accuracy_due'), engine = NULL",
    );
    rig.clockMs += 1;
    await look(rig);
    expect(await alarms()).toEqual([first, second, first, second]);
  });

  test('whose body was changed, whose key is gone, whose rules are not kept are told apart', async () => {
    const rig = await open();
    const till = rig.till('till-1');
    const broken = sealedSale(till);
    Object.assign(broken, { sealed: Buffer.alloc(99).toString('base64') });
    sealedSale(till, { header: { keyId: 'key-gone-0000' as never } });
    sealedSale(till, {
      rules: RULES.replace('version: 1', 'version: 9'),
    });
    // A hold that was over when the money came had what was known of the member cleared.
    sealedSale(till, { memberId: 'm-1' });
    must(await till.send());
    await rig.db.query("DELETE FROM subject_keys WHERE key_id = 'key-gone-0000'");
    expect(await look(rig)).toMatchObject([
      { engine: 'broken', accurate: false, cause: 'body-broken' },
      { engine: 'erased', accurate: null, cause: null },
      { engine: 'rule-set-missing', accurate: false, cause: 'rule-set-missing' },
      { engine: 'input-cleared', accurate: null, cause: null },
    ]);
    expect((await report(rig)).total).toMatchObject({
      sales: 4,
      accurate: 0,
      erased: 2,
      rate: 0,
      causes: { 'body-broken': 1, 'rule-set-missing': 1 },
    });
  });

  test('are judged by the rules in force and the member of that moment, whatever came later', async () => {
    const rig = await open();
    const till = rig.till('till-1');
    const memberId = await rig.member(1, { tier: 'silver' });
    sealedSale(till, { input: { member: memberThere(memberId, 'silver') }, atMs: NOON_MS - 1_000 });
    // Changed after that moment: by HQ's own clock for the rules, by the database's for the member.
    rig.clockMs = NOON_MS;
    await publish(rig, RULES.replace('version: 1', 'version: 2').replace('1000', '2000'));
    await rig.db.query(
      `UPDATE members SET body = replace(body, '"tier":"silver"', '"tier":"gold"') WHERE member_id = $1`,
      [memberId],
    );
    await rig.db.query('UPDATE member_history SET until_ms = $1', [NOON_MS]);
    sealedSale(till, { input: { member: memberThere(memberId, 'silver') }, atMs: NOON_MS });
    must(await till.send());
    await rig.db.query('UPDATE member_history SET until_ms = least(until_ms, $1)', [NOON_MS]);
    expect(await look(rig)).toMatchObject([
      { accurate: true, cause: null },
      { accurate: false, cause: 'rule-set-stale' },
    ]);
  });

  test('of one till know those before them, also within one and the same millisecond', async () => {
    const rig = await open();
    const till = rig.till('till-1');
    const memberId = await rig.member(1, { tier: 'silver' });
    for (const before of [0, 1])
      sealedSale(till, {
        input: {
          member: memberThere(memberId, 'silver'),
          counters: { daily: { 'member-day': before } },
        },
      });
    must(await till.send());
    expect(await look(rig)).toMatchObject([{ accurate: true }, { accurate: true }]);
  });

  test('should have counted what another till had sold by then and sent later', async () => {
    const rig = openBooks(await hq.fresh());
    await rig.db.query('UPDATE accuracy_state SET history_since_ms = 0');
    const rules = RULES.replace('member.tier == "gold"', 'member.yearSpendMinor >= 1000');
    await publish(rig, rules);
    const [a, b] = [rig.till('till-1'), rig.till('till-2')];
    const memberId = await rig.member(1, { tier: 'silver', yearSpendMinor: 999 });
    const member = { ...memberThere(memberId, 'silver'), yearSpendMinor: 999 } as never;
    const before = { kind: 'override', at: toInstant(NOON_MS - 60_000) } as const;
    b.entry({ memberId: memberId as never, spendMinor: 1, orders: 1, header: before });
    sealedSale(a, { rules, input: { member } });
    rig.clockMs = NOON_MS + 60_000;
    must(await a.send());
    must(await b.send());
    await rig.db.query('UPDATE member_history SET until_ms = $1', [rig.clockMs]);
    const [found] = await look(rig);
    expect(found).toMatchObject({ accurate: false, cause: 'member-stale' });
    expect(JSON.parse(found?.fields ?? '')).toContain('yearSpendMinor');
  });

  test('whose member has no history any more are believed, and named', async () => {
    const rig = await open();
    await rig.db.query('UPDATE accuracy_state SET history_since_ms = $1', [NOON_MS + 1]);
    rig.clockMs = NOON_MS + 1;
    const till = rig.till('till-1');
    const memberId = await rig.member(1, { tier: 'silver' });
    sealedSale(till, { input: { member: memberThere(memberId, 'gold') } });
    must(await till.send());
    expect(await look(rig)).toMatchObject([{ accurate: true, cause: 'no-history' }]);
    expect((await report(rig)).total).toMatchObject({ accurate: 1, withoutHistory: 1, causes: {} });
  });

  test('that came before anything was kept of members are not judged, but their uses count', async () => {
    const rig = await open();
    await rig.db.query('UPDATE accuracy_state SET history_since_ms = $1', [NOON_MS + 1]);
    const [a, b] = [rig.till('till-1'), rig.till('till-2')];
    const memberId = await rig.member(1, { tier: 'silver' });
    const member = memberThere(memberId, 'silver');
    sealedSale(a, { input: { member }, atMs: NOON_MS });
    must(await a.send());
    rig.clockMs = NOON_MS + 1;
    sealedSale(b, { input: { member }, atMs: NOON_MS + 1 });
    must(await b.send());
    expect(await look(rig)).toMatchObject([{ accurate: false, cause: 'counter-stale' }]);
  });

  test('are taken in from the till whose entries have waited longest, whatever it is called', async () => {
    const rig = await open();
    const [a, z] = [rig.till('till-a'), rig.till('till-z')];
    for (let n = 0; n < PASS_BATCH; n++) a.entry();
    sealedSale(z);
    must(await z.send());
    rig.clockMs += 1;
    for (let from = 0; from < PASS_BATCH; from += 100)
      must(await a.sendItems(a.outbox.slice(from, from + 100)));
    await passEntries(rig.db);
    const taken = await rig.db.query("SELECT 1 FROM accuracy_cursors WHERE till_id = 'till-z'");
    expect(taken).toHaveLength(1);
  });

  test('at which the database fails again and again go behind the others', async () => {
    const rig = await open();
    const till = rig.till('till-1');
    const memberId = await rig.member(1, { tier: 'silver' });
    sealedSale(till, { input: { member: memberThere(memberId, 'silver') } });
    sealedSale(till);
    must(await till.send());
    await passEntries(rig.db);
    const db = {
      ...rig.db,
      async query(sql: string, values?: never) {
        if (sql.includes('FROM member_history')) return rig.db.query('SELECT 1 / 0');
        return rig.db.query(sql, values);
      },
    } as BooksRig['db'];
    const failures = new Map<string, number>();
    const check = () => checkDue({ ...rig.deps, db }, createPublishedRules(), failures);
    for (let n = 1; n < SALE_FAILURES_MAX; n++) await expect(check()).rejects.toThrow();
    expect(await findings(rig)).toMatchObject([{ engine: null }, { engine: null }]);
    await check();
    expect(await findings(rig)).toMatchObject([{ engine: null }, { engine: 'equal' }]);
    expect((await report(rig)).waiting).toBe(1);
    expect((await look(rig)).map(({ engine }) => engine)).toEqual(['equal', 'equal']);
  });

  test('count what a till sent later as the books did: by the clock of the chain, and in its currency', async () => {
    const rig = openBooks(await hq.fresh());
    await rig.db.query('UPDATE accuracy_state SET history_since_ms = 0');
    const rules = RULES.replace('member.tier == "gold"', 'member.monthSpendMinor >= 1000');
    await publish(rig, rules);
    const [a, b] = [rig.till('till-1'), rig.till('till-2')];
    const memberId = await rig.member(1, { tier: 'silver' });
    const before = { kind: 'override', at: toInstant(NOON_MS - 60_000) } as const;
    const spent = { memberId: memberId as never, spendMinor: 1_000, orders: 1 as const };
    b.entry({ ...spent, header: { ...before, businessDay: '2027-03-01' } });
    b.entry({ ...spent, header: { ...before, currency: 'USD' } });
    sealedSale(a, {
      rules,
      input: { member: { ...memberThere(memberId, 'silver'), monthSpendMinor: 1_000 } as never },
    });
    rig.clockMs = NOON_MS + 60_000;
    must(await a.send());
    must(await b.send());
    await rig.db.query('UPDATE member_history SET until_ms = $1', [rig.clockMs]);
    const [found] = await look(rig);
    expect(found).toMatchObject({ engine: 'equal', accurate: true });
  });

  test('know what was sold to ids that had been merged into the member, and not what was sold to others', async () => {
    const rig = await open();
    const [a, b] = [rig.till('till-1'), rig.till('till-2')];
    const memberId = await rig.member(1, { tier: 'silver' });
    const oldId = await rig.member(2, { status: 'merged', mergedInto: memberId as never });
    const oldestId = await rig.member(3, { status: 'merged', mergedInto: oldId as never });
    const member = memberThere(memberId, 'silver');
    const sell = (till: typeof a, of: string, atMs: number) =>
      sealedSale(till, { input: { member: { ...member, memberId: of } as never }, atMs });
    sell(a, memberId, NOON_MS);
    must(await a.send());
    expect(await look(rig)).toMatchObject([{ accurate: true }]);
    sell(b, await rig.member(4, { tier: 'silver' }), NOON_MS - 60_000);
    must(await b.send());
    expect((await look(rig))[0]).toMatchObject({ accurate: true });
    sell(b, oldestId, NOON_MS - 50_000);
    must(await b.send(b.outbox.length));
    expect((await look(rig))[0]).toMatchObject({ accurate: false, cause: 'counter-stale' });
  });

  test('are judged without points that an import brought later', async () => {
    const rig = openBooks(await hq.fresh());
    await rig.db.query('UPDATE accuracy_state SET history_since_ms = 0');
    const rules = `${RULES}
  - id: redeem
    name: { zh-CN: 抵现, en: Redeem }
    lane: points-spend
    when: member.known
    effect: { kind: points-redeem, minorPerPoint: 1 }
`;
    await publish(rig, rules);
    const till = rig.till('till-1');
    const memberId = await rig.member(1, { tier: 'silver' });
    await rig.lot(memberId, 'old', 20, { source: 'import' });
    sealedSale(till, {
      rules,
      input: {
        member: memberThere(memberId, 'silver'),
        pointsToSpend: 50,
        allowances: {
          points: { reachable: true, available: 20 },
          coupons: {},
          allotments: {},
        },
      },
      header: { pointsSpent: 20 },
      facts: { movements: [{ lotId: 'old', delta: -20 }] },
    });
    must(await till.send());
    const earnedAt = toInstant(NOON_MS + 60_000);
    await rig.lot(memberId, 'new', 30, { source: 'import', earnedAt });
    expect(await look(rig)).toMatchObject([{ accurate: true, cause: null }]);
  });

  test('are looked at again where an entry of an earlier moment comes late from another till', async () => {
    const rig = await open();
    const [a, b] = [rig.till('till-1'), rig.till('till-2')];
    const memberId = await rig.member(1, { tier: 'silver' });
    const member = memberThere(memberId, 'silver');
    sealedSale(b, { input: { member }, atMs: NOON_MS });
    sealedSale(a, { input: { member }, atMs: NOON_MS - 60_000 });
    must(await b.send());
    expect(await look(rig)).toMatchObject([{ accurate: true }]);
    must(await a.send());
    expect(await look(rig)).toMatchObject([
      { accurate: true },
      { accurate: false, cause: 'counter-stale' },
    ]);
  });

  test('stay due where entries came in while they were looked at', async () => {
    const rig = await open();
    const [a, b] = [rig.till('till-1'), rig.till('till-2')];
    sealedSale(a);
    must(await a.send());
    await passEntries(rig.db);
    sealedSale(b);
    let isFirst = true;
    const db = {
      ...rig.db,
      async query(sql: string, values?: never) {
        if (isFirst && sql.includes('FROM settings')) {
          isFirst = false;
          must(await b.send());
          await passEntries(rig.db);
        }
        return rig.db.query(sql, values);
      },
    } as BooksRig['db'];
    expect(await checkDue({ ...rig.deps, db }, createPublishedRules())).toBe(1);
    expect(await findings(rig)).toMatchObject([{ engine: null }, { engine: null }]);
    expect((await look(rig)).map(({ engine }) => engine)).toEqual(['equal', 'equal']);
  });

  test('are taken in and looked at in batches, each once', async () => {
    const rig = await open();
    const till = rig.till('till-1');
    for (let n = 0; n <= PASS_BATCH; n++) till.entry();
    for (let from = 1; from <= till.outbox.length; from += 100)
      must(await till.sendItems(till.outbox.slice(from - 1, from + 99)));
    expect((await report(rig)).waiting).toBe(PASS_BATCH + 1);
    expect(await passEntries(rig.db)).toBe(PASS_BATCH);
    expect(await passEntries(rig.db)).toBe(1);
    expect(await passEntries(rig.db)).toBe(0);
    expect((await report(rig)).waiting).toBe(PASS_BATCH + 1);
    expect(await checkDue(rig.deps, createPublishedRules())).toBe(CHECK_BATCH);
    expect((await report(rig)).waiting).toBe(PASS_BATCH + 1 - CHECK_BATCH);
    await look(rig);
    const told = await report(rig);
    expect(told).toMatchObject({ waiting: 0, total: { sales: PASS_BATCH + 1 } });
    expect(await totalAccuracy(rig.db, TODAY, TODAY)).toEqual(told.total);
  });

  test('are listed newest first, page by page, by store, week and cause', async () => {
    const rig = await open();
    const till = rig.till('till-1');
    for (let n = 0; n < 5; n++)
      sealedSale(till, { rules: RULES.replace('version: 1', 'version: 9'), atMs: NOON_MS + n });
    must(await till.send());
    await look(rig);
    const first = must(await readCases(rig.db, { limit: 3 }));
    const rest = must(await readCases(rig.db, { limit: 3, after: first.next ?? '' }));
    expect([...first.cases, ...rest.cases].map(({ seq }) => seq)).toEqual([5, 4, 3, 2, 1]);
    expect(rest.next).toBeNull();
    const only = { limit: 9, storeId: 'store-1' as never, week: '2026-W47' };
    expect(must(await readCases(rig.db, only)).cases).toHaveLength(5);
    expect(must(await readCases(rig.db, { ...only, cause: 'member-stale' })).cases).toEqual([]);
    expect(must(await readCases(rig.db, { ...only, week: '2026-W48' })).cases).toEqual([]);
    for (const after of ['nowhere', '[1]', '{}'])
      expect(await readCases(rig.db, { limit: 1, after })).toMatchObject({
        ok: false,
        error: { code: 'invalid-input', field: 'after' },
      });
  });

  test('leave nobody waiting for what breaks them: it is counted as wrong, and the others go on', async () => {
    const rig = await open();
    const till = rig.till('till-1');
    sealedSale(till);
    must(await till.send());
    await rig.db.query(
      `INSERT INTO documents SELECT kind, 5, convert_to('{"payload":{}}', 'UTF8'), sha256, body, published_at_ms
       FROM documents`,
    );
    expect(await look(rig)).toMatchObject([{ engine: 'broken', cause: 'unexplained' }]);
    expect(rig.logged.some(({ message }) => message === 'a sale could not be checked')).toBe(true);
  });

  test('members are remembered without what names them, and forgotten with them or after a time', async () => {
    const rig = await open();
    const memberId = await rig.member(1, { tier: 'silver' });
    const change = () =>
      rig.db.query(
        `UPDATE members SET body = replace(body, 'silver', 'gold') WHERE member_id = $1`,
        [memberId],
      );
    await change();
    await change();
    const versions = await rig.db.query<{ facts: string }>('SELECT facts FROM member_history');
    expect(versions).toHaveLength(1);
    const kept = Object.keys(JSON.parse(versions[0]?.facts ?? '{}'));
    expect(kept).toContain('tier');
    expect(kept.filter((name) => ['name', 'phone', 'cards', 'gsrn'].includes(name))).toEqual([]);

    const count = async () => (await rig.db.query('SELECT 1 FROM member_history')).length;
    await rig.db.query('UPDATE member_history SET until_ms = $1', [NOON_MS]);
    rig.clockMs = NOON_MS + MEMBER_HISTORY_KEPT_DAYS * DAY_MS - 1;
    await forgetAccuracy(rig.deps);
    expect(await count()).toBe(1);
    rig.clockMs += 1;
    await forgetAccuracy(rig.deps);
    expect(await count()).toBe(0);
    const [state] = await rig.db.query<{ since: number }>(
      'SELECT history_since_ms AS since FROM accuracy_state',
    );
    expect(state?.since).toBe(NOON_MS);

    await rig.db.query(`UPDATE members SET body = replace(body, 'gold', 'silver')`);
    expect(await count()).toBe(1);
    await rig.db.query('DELETE FROM members');
    expect(await count()).toBe(0);
  });

  test('a member whom no history can hold can be written all the same', async () => {
    const rig = await open();
    const memberId = await rig.member(1, { tier: 'gold' });
    await rig.db.query(`UPDATE members SET body = replace(body, '王小明1', '\\u0000')`);
    await rig.db.query(`UPDATE members SET body = replace(body, '\\u0000', 'x')`);
    const rows = await rig.db.query<{ facts: string | null }>(
      'SELECT facts FROM member_history WHERE member_id = $1 ORDER BY ver',
      [memberId],
    );
    expect(rows.map(({ facts }) => facts === null)).toEqual([false, true]);
  });

  test('what was found is forgotten after a time', async () => {
    const rig = await open();
    const till = rig.till('till-1');
    sealedSale(till);
    must(await till.send());
    await look(rig);
    rig.clockMs = NOON_MS + FINDINGS_KEPT_DAYS * DAY_MS;
    await forgetAccuracy(rig.deps);
    expect(await findings(rig)).toHaveLength(1);
    rig.clockMs += DAY_MS;
    await forgetAccuracy(rig.deps);
    expect(await findings(rig)).toHaveLength(0);
  });
});
