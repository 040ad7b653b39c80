import { describe, expect, test } from 'vitest';
import { compileRuleSet } from '../../../../agent/domain/benefits/compile-rule-set.ts';
import {
  judgeTier,
  LADDER_HELD_MONTHS,
  type LadderTier,
  type SpendTier,
  type TierInputs,
} from '../../../../sync/hq/books/tier-run/judge-tier.ts';
import {
  runTiers,
  TIER_BATCH_MEMBERS,
  type TierRunRequest,
} from '../../../../sync/hq/books/tier-run/run-tiers.ts';
import { rulesOf } from '../../../support/benefits.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { type BooksRig, type EntryOptions, online, openBooks, saleFacts } from './rig.ts';

const STEPS = [
  { tier: 'silver', yearSpendMinorFrom: 100_000 },
  { tier: 'gold', yearSpendMinorFrom: 1_000_000 },
  { tier: 'platinum', yearSpendMinorFrom: 90_000_000 },
];
const LADDER: LadderTier = {
  ruleId: 'ladder',
  tier: 'platinum',
  months: 3,
  fromMinor: 500_000,
  conditional: false,
  lastMonth: null,
};

describe('a tier judged by figures', () => {
  const judge = (
    inputs: Partial<TierInputs>,
    ladder: Partial<LadderTier> = {},
    running = '2026-12',
    spendTiers: SpendTier[] = [],
  ) =>
    judgeTier(
      { tierGiven: 'standard', yearsMinor: {}, monthsMinor: {}, granted: [], ...inputs },
      { steps: STEPS, ladders: [{ ...LADDER, ...ladder }], spendTiers },
      { month: '2026-11', running },
    );

  test('is the one that the spend of the year or of the year before reaches, to the fen', () => {
    expect(judge({ yearsMinor: { 2026: 999_999 } })).toBe('silver');
    expect(judge({ yearsMinor: { 2026: 1_000_000 } })).toBe('gold');
    expect(judge({ yearsMinor: { 2025: 1_000_000, 2026: 0 } })).toBe('gold');
    expect(judge({ yearsMinor: { 2024: 1_000_000, 2026: 0 } })).toBe('standard');
  });

  test('is never lower than the one given by hand', () => {
    expect(judge({ tierGiven: 'gold' })).toBe('gold');
    expect(judge({ tierGiven: 'gold', yearsMinor: { 2026: 100_000 } })).toBe('gold');
  });

  test('is that of a ladder where three months in a row reached it, to the fen and without a gap', () => {
    const spent = (a: number, b: number, c: number) =>
      judge({ monthsMinor: { '2026-09': a, '2026-10': b, '2026-11': c } });
    expect(spent(500_000, 500_000, 500_000)).toBe('platinum');
    expect(spent(500_000, 499_999, 500_000)).toBe('standard');
    expect(spent(500_000, 500_000, 499_999)).toBe('standard');
  });

  test(`holds a ladder's tier for ${LADDER_HELD_MONTHS} months from its last month`, () => {
    const months = (...names: string[]) =>
      judge({ monthsMinor: Object.fromEntries(names.map((name) => [name, 500_000])) });
    expect(months('2025-10', '2025-11', '2025-12')).toBe('platinum');
    expect(months('2025-09', '2025-10', '2025-11')).toBe('standard');
    // What the running month has completed since is not taken away.
    expect(months('2026-10', '2026-11', '2026-12')).toBe('platinum');
  });

  test('of a ladder that is no longer in force is for whom it was completed while it was', () => {
    const monthsMinor = { '2026-08': 500_000, '2026-09': 500_000, '2026-10': 500_000 };
    expect(judge({ monthsMinor }, { lastMonth: '2026-10' })).toBe('platinum');
    expect(judge({ monthsMinor }, { lastMonth: '2026-09' })).toBe('standard');
  });

  test('is the one that a rule gives for less spend than the setting asks', () => {
    const step = { tier: 'gold', fromMinor: 800_000, conditional: false };
    const spent = (year: number, amount: number, more: Partial<SpendTier> = {}, granted = ['']) =>
      judge({ yearsMinor: { [year]: amount }, granted }, {}, '2026-12', [{ ...step, ...more }]);
    expect(spent(2026, 800_000)).toBe('gold');
    expect(spent(2025, 800_000)).toBe('gold');
    expect(spent(2026, 799_999)).toBe('silver');
    expect(spent(2024, 800_000)).toBe('standard');
    expect(spent(2026, 800_000, { conditional: true })).toBe('silver');
    expect(spent(2026, 800_000, { conditional: true }, ['gold'])).toBe('gold');
  });

  test('of a ladder with a condition is for whom a till found it reached', () => {
    const monthsMinor = { '2026-09': 500_000, '2026-10': 500_000, '2026-11': 500_000 };
    expect(judge({ monthsMinor }, { conditional: true })).toBe('standard');
    expect(judge({ monthsMinor, granted: ['platinum'] }, { conditional: true })).toBe('platinum');
  });
});

describeOnEngines('the monthly run', (hq) => {
  /** A chain with the tiers, at noon of 2 December 2026 in Shanghai. */
  const open = async () => {
    const rig = openBooks(await hq.fresh());
    rig.clockMs = Date.UTC(2026, 11, 2, 4);
    await rig.setting('tiers', STEPS);
    return rig;
  };
  const run = async (rig: BooksRig, request: Partial<TierRunRequest> = {}) => {
    const done = await runTiers(rig.deps, { month: '2026-11', dryRun: false, ...request });
    if (!done.ok) throw new Error(JSON.stringify(done.error));
    return done.value;
  };
  const sell = (
    till: ReturnType<BooksRig['till']>,
    member: string,
    day: string,
    spendMinor: number,
    more: EntryOptions = {},
  ) => {
    const facts = saleFacts(member, { saleId: `s-${member}-${day}-${spendMinor}`, spendMinor });
    const at = `${day}T04:00:00.000Z`;
    till.entry({
      ...facts,
      ...(spendMinor < 0 ? { orders: 0 as const } : {}),
      ...more,
      header: { ...facts.header, businessDay: day, at },
    });
  };
  const publish = (rig: BooksRig, rules: Record<string, unknown>[], version = 7, atMs = 0) => {
    const { ruleSet } = compileRuleSet(rulesOf(rules).ruleSet);
    const signed = Buffer.from(JSON.stringify({ schema: 'tillside/rule-set/1', payload: ruleSet }));
    return rig.db.query("INSERT INTO documents VALUES ('rule-set', $2, $1, '', '{}', $3)", [
      signed,
      version,
      atMs,
    ]);
  };
  const ladderRule = {
    id: 'ladder',
    lane: 'entitlement',
    effect: { kind: 'month-ladder', months: 3, fromMinor: 500_000, tier: 'platinum' },
  };

  test('takes back what goods that came back had reached, names what it judged by, and does nothing twice', async () => {
    const rig = await open();
    const [member, kept] = [await rig.member(1), await rig.member(2)];
    const till = rig.till('till-1');
    sell(till, member, '2026-11-20', 1_000_000);
    sell(till, kept, '2026-11-20', 1_000_000);
    sell(till, member, '2026-11-25', -1, { saleDay: '2026-11-20' });
    must(await till.send());
    expect(await rig.body(member)).toMatchObject({ tier: 'gold', yearSpendMinor: 999_999 });

    const said = await run(rig, { dryRun: true });
    const inputs = {
      tierGiven: 'standard',
      yearsMinor: { 2026: 999_999 },
      monthsMinor: { '2026-11': 999_999 },
      granted: [],
    };
    const change = { memberId: member, from: 'gold', to: 'silver', inputs };
    expect(said).toMatchObject({ judged: 2, changed: 1, changes: [change] });
    expect(await rig.body(member)).toMatchObject({ tier: 'gold' });

    expect(await run(rig)).toMatchObject({ changed: 1, changes: [change] });
    expect(await rig.body(member)).toMatchObject({ tier: 'silver', tierGiven: 'standard' });
    expect(await rig.body(kept)).toMatchObject({ tier: 'gold', tierGiven: 'standard' });
    expect(await run(rig)).toMatchObject({ judged: 2, changed: 0, changes: [] });
    const [row, ...more] = await rig.db.query<{ inputs: string; to_tier: string }>(
      'SELECT * FROM tier_changes',
    );
    expect(more).toEqual([]);
    expect(row).toMatchObject({ member_id: member, from_tier: 'gold', to_tier: 'silver' });
    expect(JSON.parse(row?.inputs ?? '')).toEqual(inputs);
    expect(await rig.db.query('SELECT month, judged, changed FROM tier_runs ORDER BY id')).toEqual([
      { month: '2026-11', judged: 2, changed: 1 },
      { month: '2026-11', judged: 2, changed: 0 },
    ]);
  });

  test('a member whose tier it changed reaches the tills', async () => {
    const rig = await open();
    const member = await rig.member(1);
    const till = rig.till('till-1');
    sell(till, member, '2026-11-20', 1_000_000);
    sell(till, member, '2026-11-21', -1_000_000);
    must(await till.send());
    const ver = async () =>
      (
        await rig.db.query<{ ver: number }>('SELECT ver FROM members WHERE member_id = $1', [
          member,
        ])
      )[0]?.ver ?? 0;
    const before = await ver();
    await run(rig);
    expect(await ver()).toBeGreaterThan(before);
    const waiting = await rig.db.query<{ body: string }>(
      "SELECT body FROM outbox WHERE tbl = 'member' AND key = $1 ORDER BY ver DESC LIMIT 1",
      [member],
    );
    expect(JSON.parse(waiting[0]?.body ?? '{}')).toMatchObject({ tier: 'standard' });
  });

  test('ends at the same tiers whichever till was heard first', async () => {
    const rig = await open();
    const tierOf = async (n: number, saleFirst: boolean) => {
      const member = await rig.member(n);
      const [a, b] = [rig.till(`till-a${n}`), rig.till(`till-b${n}`)];
      sell(a, member, '2026-11-20', 1_200_000);
      sell(b, member, '2026-11-21', -300_000);
      for (const till of saleFirst ? [a, b] : [b, a]) must(await till.send());
      return member;
    };
    const members = [await tierOf(1, true), await tierOf(2, false)];
    expect((await rig.body(members[0] ?? '')).tier).toBe('gold');
    await run(rig);
    for (const member of members) expect((await rig.body(member)).tier).toBe('silver');
  });

  test('gives a ladder that nobody had noticed, over stores, web shop and merged members', async () => {
    const rig = await open();
    await publish(rig, [ladderRule]);
    const member = await rig.member(1);
    const old = await rig.member(2, { status: 'merged', mergedInto: member as never });
    const till = rig.till('till-1');
    sell(till, old, '2026-09-30', 500_000);
    sell(till, member, '2026-10-01', 499_999);
    must(await till.send());
    const bought = (orderId: string, at: string, amountMinor: number) =>
      rig.books.bookPurchase(
        online,
        { memberId: member as never, orderId, amountMinor, currency: 'CNY', pointsSpent: 0, at },
        `key-${orderId}-12345678`,
      );
    must(await bought('W-1', '2026-10-31T15:59:00.000Z', 1));
    must(await bought('W-2', '2026-11-30T15:59:00.000Z', 500_000));
    const done = await run(rig);
    expect(done).toMatchObject({
      ruleSetVersion: 7,
      changes: [
        {
          to: 'platinum',
          inputs: {
            monthsMinor: { '2026-09': 500_000, '2026-10': 500_000, '2026-11': 500_000 },
          },
        },
      ],
    });
    // Half a minute later that purchase would have been one of the next month.
    expect(await rig.body(member)).toMatchObject({ tier: 'platinum', tierGiven: 'standard' });
  });

  test('confirms or takes back what a till found reached by a ladder', async () => {
    const rig = await open();
    await publish(rig, [ladderRule]);
    const till = rig.till('till-1');
    const climbed = async (n: number, backMinor: number) => {
      const member = await rig.member(n);
      for (const day of ['2026-09-05', '2026-10-05']) sell(till, member, day, 500_000);
      sell(till, member, '2026-11-05', 500_000, { tierAfter: 'platinum' });
      if (backMinor > 0) sell(till, member, '2026-11-06', -backMinor, { saleDay: '2026-10-05' });
      must(await till.send(till.outbox.length - (backMinor > 0 ? 3 : 2)));
      expect((await rig.body(member)).tier).toBe('platinum');
      return member;
    };
    const [stays, falls] = [await climbed(1, 0), await climbed(2, 1)];
    await run(rig);
    expect((await rig.body(stays)).tier).toBe('platinum');
    expect((await rig.body(falls)).tier).toBe('gold');
  });

  test('leaves the spend of a row that names no year to the year that it was counted in', async () => {
    const rig = await open();
    rig.clockMs = Date.UTC(2027, 0, 2, 4);
    // Imported in 2026: the row says no year but its own day.
    const updatedAt = '2026-12-30T04:00:00.000Z' as never;
    const member = await rig.member(1, { yearSpendMinor: 1_000_000, updatedAt });
    await run(rig, { month: '2026-12' });
    expect(await rig.body(member)).toMatchObject({ tier: 'gold', spendYear: 2026 });
    const till = rig.till('till-1');
    sell(till, member, '2027-01-02', 100);
    must(await till.send());
    expect(await rig.body(member)).toMatchObject({ spendYear: 2027, yearSpendMinor: 100 });
  });

  test.each([
    ['a window', { window: { from: '2026-11-01' } }],
    ['a limit', { limits: [{ scope: 'member', max: 1 }] }],
    ['an allotment', { allotment: { id: 'scarce' } }],
    ['a coupon', { coupon: { code: 'CLIMB', uses: 'unlimited' } }],
    ['a choice of goods', { target: { category: ['tea'] } }],
  ])('judges a ladder with %s only for whom a till found it reached', async (_, more) => {
    const rig = await open();
    await publish(rig, [{ ...ladderRule, ...more }]);
    const till = rig.till('till-1');
    const [found, missed] = [await rig.member(1), await rig.member(2)];
    for (const member of [found, missed])
      for (const day of ['2026-09-05', '2026-10-05', '2026-11-05']) {
        const climbs = member === found && day === '2026-11-05';
        sell(till, member, day, 500_000, climbs ? { tierAfter: 'platinum' } : {});
      }
    must(await till.send());
    await run(rig);
    expect((await rig.body(found)).tier).toBe('platinum');
    expect((await rig.body(missed)).tier).toBe('gold');
  });

  test('counts what a clock ahead sold for the day on which it came, as the books do', async () => {
    const rig = await open();
    const member = await rig.member(1);
    const till = rig.till('till-1');
    sell(till, member, '2027-08-20', 100_000);
    sell(till, member, '2027-08-20', -10_000, { saleDay: '2027-08-20' });
    // The next day is nothing out of order, and counts for the month that is not over.
    sell(till, member, '2026-12-03', 7);
    must(await till.send());
    // It stood at silver until the goods came back.
    const { changes } = await run(rig, { dryRun: true });
    expect(changes.map(({ to, inputs }) => ({ to, ...inputs }))).toEqual([
      {
        to: 'standard',
        tierGiven: 'standard',
        yearsMinor: { 2026: 90_007 },
        monthsMinor: { '2026-12': 90_007 },
        granted: [],
      },
    ]);
  });

  test('reads the months before the one that it is for, however long ago that is', async () => {
    const rig = await open();
    await publish(rig, [ladderRule]);
    const member = await rig.member(1);
    const till = rig.till('till-1');
    for (const day of ['2023-01-05', '2023-02-05', '2023-03-05']) sell(till, member, day, 500_000);
    must(await till.send());
    expect(await run(rig, { month: '2023-03', dryRun: true })).toMatchObject({
      changes: [{ to: 'platinum' }],
    });
  });

  test('keeps what a ladder gave that has been withdrawn, and gives it to nobody else', async () => {
    const rig = await open();
    await publish(rig, [ladderRule]);
    const till = rig.till('till-1');
    const climbed = async (n: number, days: string[]) => {
      const member = await rig.member(n);
      for (const day of days) sell(till, member, day, 300_000);
      return member;
    };
    await publish(
      rig,
      [{ ...ladderRule, effect: { ...ladderRule.effect, fromMinor: 300_000 } }],
      8,
    );
    await publish(rig, [], 9, Date.UTC(2026, 9, 20));
    const before = await climbed(1, ['2026-08-05', '2026-09-05', '2026-10-05']);
    const after = await climbed(2, ['2026-09-05', '2026-10-05', '2026-11-05']);
    must(await till.send());
    expect(await run(rig)).toMatchObject({ ruleSetVersion: 9 });
    expect((await rig.body(before)).tier).toBe('platinum');
    expect((await rig.body(after)).tier).toBe('silver');
  });

  test('keeps what a rule for the spend of a year gave at a till, month after month', async () => {
    const rig = await open();
    const steps = [{ tier: 'gold', fromMinor: 500_000 }];
    await publish(rig, [
      { id: 'spend', lane: 'entitlement', effect: { kind: 'spend-tier', steps } },
    ]);
    const member = await rig.member(1);
    const till = rig.till('till-1');
    sell(till, member, '2026-11-20', 500_000, { tierAfter: 'gold' });
    must(await till.send());
    await run(rig);
    expect((await rig.body(member)).tier).toBe('gold');
    // Once the rule is withdrawn it stays for whom a till found it reached.
    await publish(rig, [], 8, rig.clockMs);
    await run(rig);
    expect((await rig.body(member)).tier).toBe('gold');
  });

  test(`judges more than ${TIER_BATCH_MEMBERS} members`, async () => {
    const rig = await open();
    await rig.db.query(
      `INSERT INTO members (member_id, body) SELECT 'x' || lpad(n::text, 5, '0'),
         '{"memberId":"x' || lpad(n::text, 5, '0') ||
         '","name":"x","tier":"silver","tierGiven":"standard","updatedAt":"2026-11-01T00:00:00.000Z"}'
       FROM generate_series(1, $1::int) AS n`,
      [TIER_BATCH_MEMBERS + 1],
    );
    expect(await run(rig)).toMatchObject({
      judged: TIER_BATCH_MEMBERS + 1,
      changed: TIER_BATCH_MEMBERS + 1,
    });
    expect(await run(rig)).toMatchObject({ changed: 0 });
  });

  test('is refused for a month that is not over, before the last one that was run, and without tiers', async () => {
    const rig = await open();
    const refused = async (month: string) => {
      const done = await runTiers(rig.deps, { month, dryRun: false });
      return done.ok ? 'ok' : done.error.code;
    };
    expect(await refused('2026-12')).toBe('month-not-over');
    expect(await refused('2026-11')).toBe('ok');
    expect(await refused('2026-10')).toBe('month-before-last-run');
    await rig.setting('tiers', []);
    expect(await refused('2026-11')).toBe('tiers-missing');
  });
});
