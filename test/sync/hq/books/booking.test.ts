import { expect, test } from 'vitest';
import type { EntryHeader } from '../../../../agent/contract/ledger.ts';
import { FENCED_KEPT_MS } from '../../../../sync/hq/books/reconcile.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { type EntryOptions, NOON_MS, openBooks, saleFacts, TODAY } from './rig.ts';

describeOnEngines('what an entry means for the books', (hq) => {
  const open = async () => openBooks(await hq.fresh());
  const onDay = (businessDay: string, more: Partial<EntryHeader> = {}) => ({
    businessDay,
    ...more,
  });

  test('points earned are a lot of their own, points spent leave their lots', async () => {
    const rig = await open();
    const member = await rig.member(1);
    await rig.lot(member, 'old', 100, { expiresOn: '2027-01-01' });
    const till = rig.till('till-1');
    till.entry(saleFacts(member, { saleId: 's1', earned: 90, spent: { old: 40 } }));
    must(await till.send());
    const account = await rig.account(member);
    expect(account.lots.map(({ lotId, points }) => [lotId, points])).toEqual([
      ['old', 60],
      ['s1.base', 90],
    ]);
    expect(account.lots[1]).toMatchObject({ channel: 'store', bucket: 'base', source: 'sale:s1' });
    expect(await rig.exceptions()).toEqual([]);
  });

  test("an account says up to which entry each till's movements are in it", async () => {
    const rig = await open();
    const member = await rig.member(1);
    const [a, b] = [rig.till('till-1'), rig.till('till-2')];
    a.entry(saleFacts(member, { saleId: 's1', earned: 10 }));
    a.entry();
    b.entry(saleFacts(member, { saleId: 's2', earned: 10 }));
    must(await a.send());
    must(await b.send());
    expect((await rig.account(member)).booked).toEqual({
      'till-1:incarnation-till-1': 1,
      'till-2:incarnation-till-2': 1,
    });
    // No points moved, and yet the till need not add this entry again.
    a.entry({ memberId: member as never });
    must(await a.send());
    expect((await rig.account(member)).booked['till-1:incarnation-till-1']).toBe(3);
  });

  test('what a booking leaves owed is paid from what can be spent, which would expire before the debt', async () => {
    const rig = await open();
    const member = await rig.member(1);
    await rig.lot(member, 'soon', 100, { expiresOn: '2026-12-31' });
    const till = rig.till('till-1');
    till.entry(saleFacts(member, { saleId: 's1', earned: 60 }));
    till.entry(saleFacts(member, { saleId: 's2', spent: { 's1.base': 60 } }));
    till.entry({
      memberId: member as never,
      movements: [{ lotId: 's1.base', delta: -60 }],
      header: { kind: 'return', returnId: 'r1' as never, pointsEarned: -60 },
    });
    must(await till.send());
    const lots = (await rig.account(member)).lots.map(({ lotId, points }) => [lotId, points]);
    expect(lots).toEqual([
      ['soon', 40],
      ['s1.base', 0],
    ]);
    expect(await rig.exceptions()).toEqual([]);
  });

  test('a return takes back what the sale gave and gives back what it took', async () => {
    const rig = await open();
    const member = await rig.member(1);
    await rig.lot(member, 'old', 100);
    const till = rig.till('till-1');
    till.entry(
      saleFacts(member, { saleId: 's1', earned: 90, spent: { old: 40 }, spendMinor: 900 }),
    );
    till.entry({
      memberId: member as never,
      movements: [
        { lotId: 's1.base', delta: -90 },
        { lotId: 'old', delta: 40 },
      ],
      spendMinor: -900,
      orders: -1,
      header: { kind: 'return', returnId: 'r1' as never, pointsEarned: -90, pointsSpent: -40 },
    });
    must(await till.send());
    expect(await rig.balance(member)).toBe(100);
    expect(await rig.body(member)).toMatchObject({ completedOrders: 0, yearSpendMinor: 0 });
    expect(await rig.exceptions()).toEqual([]);
  });

  test('spend and orders of the year count, and a tier rises with them and stays when goods come back', async () => {
    const rig = await open();
    await rig.setting('tiers', [
      { tier: 'gold', yearSpendMinorFrom: 100_000 },
      { tier: 'silver', yearSpendMinorFrom: 10_000 },
    ]);
    const member = await rig.member(1);
    const till = rig.till('till-1');
    till.entry(saleFacts(member, { saleId: 's1', spendMinor: 9_999 }));
    must(await till.send());
    expect(await rig.body(member)).toMatchObject({ tier: 'standard', yearSpendMinor: 9_999 });
    till.entry(saleFacts(member, { saleId: 's2', spendMinor: 1 }));
    must(await till.send());
    expect(await rig.body(member)).toMatchObject({ tier: 'silver', completedOrders: 2 });
    till.entry({ ...saleFacts(member, { saleId: 's3', spendMinor: -5_000 }), orders: 0 });
    must(await till.send());
    expect(await rig.body(member)).toMatchObject({
      tier: 'silver',
      tierGiven: 'standard',
      yearSpendMinor: 5_000,
    });
  });

  test('the entries of two tills end at the same figures in whichever order they arrive', async () => {
    const rig = await open();
    const booked = async (member: string, n: number, saleFirst: boolean) => {
      const [a, b] = [rig.till(`till-a${n}`), rig.till(`till-b${n}`)];
      a.entry(saleFacts(member, { saleId: `sale-${n}`, spendMinor: 12_000 }));
      b.entry({ ...saleFacts(member, { saleId: `back-${n}`, spendMinor: -5_000 }), orders: 0 });
      for (const till of saleFirst ? [a, b] : [b, a]) must(await till.send());
      const { tier, completedOrders, yearSpendMinor, monthSpendMinor, lastPurchaseOn } =
        await rig.body(member);
      return { tier, completedOrders, yearSpendMinor, monthSpendMinor, lastPurchaseOn };
    };
    const first = await booked(await rig.member(1), 1, true);
    expect(first).toMatchObject({ yearSpendMinor: 7_000, monthSpendMinor: { '2026-11': 7_000 } });
    expect(await booked(await rig.member(2), 2, false)).toEqual(first);
  });

  test('what comes back counts for the day of its sale, in its month and its year', async () => {
    const rig = await open();
    rig.clockMs = Date.UTC(2027, 0, 2, 8);
    const member = await rig.member(1);
    const till = rig.till('till-1');
    const on = (day: string, facts: EntryOptions, more: EntryOptions = {}) =>
      till.entry({ ...facts, ...more, header: { ...facts.header, ...onDay(day) } });
    on('2026-12-30', saleFacts(member, { saleId: 's1', spendMinor: 1_000 }));
    on('2027-01-01', saleFacts(member, { saleId: 's2', spendMinor: 50 }));
    const back = { ...saleFacts(member, { saleId: 's1', spendMinor: -400 }), orders: 0 };
    on('2027-01-02', back, { saleDay: '2026-12-30' });
    must(await till.send());
    expect(await rig.body(member)).toMatchObject({
      yearSpendMinor: 50,
      lastYearSpendMinor: 600,
      monthSpendMinor: { '2026-12': 600, '2027-01': 50 },
      lastPurchaseOn: { store: '2027-01-01' },
    });
    // A day after its own says nothing.
    on('2027-01-02', back, { saleDay: '2027-02-02' });
    must(await till.send());
    expect((await rig.body(member)).monthSpendMinor).toEqual({ '2026-12': 600, '2027-01': 0 });
  });

  test('the channel of a sale is kept with its day, and the tier that its rules reached rises', async () => {
    const rig = await open();
    await rig.setting('tiers', [
      { tier: 'silver', yearSpendMinorFrom: 10_000 },
      { tier: 'gold', yearSpendMinorFrom: 100_000 },
    ]);
    const member = await rig.member(1);
    const till = rig.till('till-1');
    till.entry({
      ...saleFacts(member, { saleId: 's1', spendMinor: 500 }),
      channel: 'app',
      tierAfter: 'gold',
    });
    must(await till.send());
    expect(await rig.body(member)).toMatchObject({
      tier: 'gold',
      tierGiven: 'standard',
      lastPurchaseOn: { app: TODAY },
    });
  });

  test('rights of a sale reach the member, and go when its last goods come back and not before', async () => {
    const rig = await open();
    const member = await rig.member(1, { entitlements: [{ kind: 'parking' }] });
    const [a, b] = [rig.till('till-1'), rig.till('till-2')];
    const entitlements = [{ kind: 'priority-lane', validUntil: '2026-12-21' }];
    a.entry({ ...saleFacts(member, { saleId: 's1', spendMinor: 900 }), entitlements });
    must(await a.send());
    const held = { ...entitlements[0], saleId: 's1' };
    expect((await rig.body(member)).entitlements).toEqual([{ kind: 'parking' }, held]);
    const back = (spendMinor: number, orders: number) =>
      b.entry({
        ...saleFacts(member, { saleId: 's1', spendMinor }),
        orders,
        header: { kind: 'return', saleId: 's1' as never, returnId: `r${spendMinor}` as never },
      });
    back(-400, 0);
    must(await b.send());
    expect((await rig.body(member)).entitlements).toEqual([{ kind: 'parking' }, held]);
    back(-500, -1);
    must(await b.send());
    expect((await rig.body(member)).entitlements).toEqual([{ kind: 'parking' }]);
  });

  test('rights of a sale that was taken back whole before it came never begin', async () => {
    const rig = await open();
    const member = await rig.member(1);
    const [a, b] = [rig.till('till-1'), rig.till('till-2')];
    const facts = saleFacts(member, { saleId: 's1', spendMinor: 900 });
    a.entry({ ...facts, entitlements: [{ kind: 'badge' }] });
    b.entry({
      ...facts,
      spendMinor: -900,
      orders: -1,
      header: { kind: 'return', saleId: 's1' as never, returnId: 'r1' as never },
    });
    must(await b.send());
    must(await a.send());
    expect(await rig.body(member)).toMatchObject({ entitlements: [], yearSpendMinor: 0 });
  });

  test('the first business day of a year begins its spend anew, and what comes late from the year before does not count', async () => {
    const rig = await open();
    const member = await rig.member(1, { yearSpendMinor: 7_000 });
    rig.clockMs = Date.UTC(2027, 0, 2, 8);
    const [a, b] = [rig.till('till-1'), rig.till('till-2')];
    const sale = (saleId: string, day: string) => {
      const facts = saleFacts(member, { saleId, spendMinor: 1_000 });
      return { ...facts, header: { ...facts.header, ...onDay(day) } };
    };
    a.entry(sale('s1', '2026-12-31'));
    must(await a.send());
    expect(await rig.body(member)).toMatchObject({ yearSpendMinor: 8_000, spendYear: 2026 });
    a.entry(sale('s2', '2027-01-01'));
    must(await a.send());
    expect(await rig.body(member)).toMatchObject({ yearSpendMinor: 1_000, spendYear: 2027 });
    b.entry(sale('s3', '2026-12-31'));
    must(await b.send());
    expect(await rig.body(member)).toMatchObject({ yearSpendMinor: 1_000, completedOrders: 3 });
  });

  test('a clock a year ahead at a till does not end the running year', async () => {
    const rig = await open();
    const member = await rig.member(1, { yearSpendMinor: 7_000 });
    const till = rig.till('till-1');
    const facts = saleFacts(member, { saleId: 's1', spendMinor: 1_000 });
    till.entry({ ...facts, header: { ...facts.header, ...onDay('2027-11-21') } });
    must(await till.send());
    expect(await rig.body(member)).toMatchObject({ yearSpendMinor: 8_000, spendYear: 2026 });
    expect(await rig.exceptions()).toEqual(['clock-ahead']);
  });

  test('fields of a member that this version does not know stay', async () => {
    const rig = await open();
    const member = await rig.member(1);
    await rig.db.query(
      'UPDATE members SET body = (body::jsonb || \'{"shoeSize": 41}\')::text WHERE member_id = $1',
      [member],
    );
    const till = rig.till('till-1');
    till.entry(saleFacts(member, { saleId: 's1', spendMinor: 1 }));
    must(await till.send());
    expect(await rig.body(member)).toMatchObject({ shoeSize: 41, completedOrders: 1 });
  });

  test('the store of the till carries the member from then on, and gets their rows', async () => {
    const rig = await open();
    const member = await rig.member(1, { homeStoreId: 'store-9' as never });
    const till = rig.till('till-1', { storeId: 'store-2' });
    till.entry(saleFacts(member, { saleId: 's1', earned: 5 }));
    must(await till.send());
    expect(await rig.db.query('SELECT member_id, store_id, reason FROM member_scopes')).toEqual([
      { member_id: member, store_id: 'store-2', reason: 'visit' },
    ]);
    const rows = await rig.db.query<{ tbl: string; body: string }>(
      "SELECT tbl, body FROM outbox WHERE scope = 'store-2' ORDER BY id",
    );
    expect(rows.map((row) => row.tbl)).toEqual(['member', 'points']);
    expect(JSON.parse(rows[1]?.body ?? '')).toEqual(await rig.account(member));
  });

  test('entries of a merged member go to whom they were merged into, over several steps', async () => {
    const rig = await open();
    const living = await rig.member(3);
    const middle = await rig.member(2, { status: 'merged', mergedInto: living as never });
    const old = await rig.member(1, { status: 'merged', mergedInto: middle as never });
    const till = rig.till('till-1');
    till.entry(saleFacts(old, { saleId: 's1', earned: 10, spendMinor: 500 }));
    must(await till.send());
    expect(await rig.balance(living)).toBe(10);
    expect(await rig.body(living)).toMatchObject({ yearSpendMinor: 500, completedOrders: 1 });
    expect(await rig.account(old)).toMatchObject({
      lots: [],
      booked: { 'till-1:incarnation-till-1': 1 },
    });
    expect(await rig.exceptions()).toEqual([]);
  });

  test('members merged in a circle keep their own points, and a person looks at it', async () => {
    const rig = await open();
    const a = await rig.member(1, { status: 'merged', mergedInto: 'm-2' as never });
    await rig.member(2, { status: 'merged', mergedInto: 'm-1' as never });
    const till = rig.till('till-1');
    till.entry(saleFacts(a, { saleId: 's1', earned: 10 }));
    must(await till.send());
    expect(await rig.balance(a)).toBe(10);
    expect(await rig.exceptions()).toEqual(['merge-broken']);
  });

  test('uses of rules and their budgets are counted by store, member and day', async () => {
    const rig = await open();
    const member = await rig.member(1);
    const till = rig.till('till-1');
    const use = { ruleId: 'r1', day: '2026-11-21', uses: 1, budgetId: 'b1', amountMinor: 300 };
    till.entry({ memberId: member as never, ruleUses: [use, use] });
    till.entry({ ruleUses: [{ ...use, budgetId: null, amountMinor: 0 }] });
    must(await till.send());
    till.entry({
      memberId: member as never,
      ruleUses: [{ ...use, uses: -1, amountMinor: -300 }],
    });
    must(await till.send());
    expect(
      await rig.db.query(
        'SELECT rule_id, budget_id, store_id, member_id, day, uses, amount_minor FROM rule_uses ORDER BY budget_id',
      ),
    ).toEqual([
      {
        rule_id: 'r1',
        budget_id: '',
        store_id: 'store-1',
        member_id: '',
        day: '2026-11-21',
        uses: 1,
        amount_minor: 0,
      },
      {
        rule_id: 'r1',
        budget_id: 'b1',
        store_id: 'store-1',
        member_id: member,
        day: '2026-11-21',
        uses: 1,
        amount_minor: 300,
      },
    ]);
  });

  test('more points of one category gone than there were is a case of that category', async () => {
    const rig = await open();
    const member = await rig.member(1);
    await rig.lot(member, 'base', 100);
    await rig.lot(member, 'tea', 10, { bucket: 'tea' });
    const till = rig.till('till-1');
    till.entry(saleFacts(member, { saleId: 's1', spent: { tea: 25 } }));
    till.entry(saleFacts(member, { saleId: 's2', spent: { base: 90 } }));
    must(await till.send());
    const cases = await rig.db.query<{ detail: string }>('SELECT code, detail FROM exceptions');
    expect(cases).toEqual([{ code: 'points-overdrawn', detail: '{"balance":-15,"bucket":"tea"}' }]);
  });

  test('a lot that waits is kept with its day, whichever entry tells of it', async () => {
    const rig = await open();
    const member = await rig.member(1);
    const till = rig.till('till-1');
    const facts = saleFacts(member, { saleId: 's1', earned: 50 });
    const movements = (facts.movements ?? []).map((move) => ({
      ...move,
      ...(move.lot === undefined ? {} : { lot: { ...move.lot, availableOn: '2026-12-05' } }),
    }));
    till.entry({ ...facts, movements });
    must(await till.send());
    expect((await rig.account(member)).lots).toMatchObject([
      { points: 50, availableOn: '2026-12-05' },
    ]);
  });

  test('a wrong fact never refuses an entry: it is booked and becomes a case for a person', async () => {
    const rig = await open();
    const member = await rig.member(1);
    await rig.lot(member, 'old', 10);
    const till = rig.till('till-1');
    till.entry(saleFacts(member, { saleId: 's1', spent: { old: 50 } }));
    till.entry(saleFacts('m-nobody', { saleId: 's2', earned: 7 }));
    till.entry({ movements: [{ lotId: 'x', delta: 1 }], header: { pointsEarned: 1 } });
    till.entry({ memberId: member as never, movements: [{ lotId: 'y', delta: 100 }] });
    till.entry({ header: { storeId: 'store-9' as never, exception: 'late-commit' } });
    till.entry({
      ...saleFacts(member, { saleId: 's3', spendMinor: 5 }),
      header: { currency: 'USD' },
    });
    till.entry({ allowanceIds: ['nobody-knows'] });
    must(await till.send());
    expect(await rig.exceptions()).toEqual([
      'points-overdrawn',
      'member-unknown',
      'points-without-member',
      'points-differ',
      'lot-unknown',
      'late-commit',
      'other-store',
      'currency-differs',
      'allowance-unknown',
    ]);
    expect(await rig.db.query('SELECT 1 FROM ledger')).toHaveLength(7);
    expect(await rig.balance(member)).toBe(-40 + 100);
    expect(await rig.balance('m-nobody')).toBe(7);
    expect(await rig.body(member)).toMatchObject({ yearSpendMinor: 0 });
  });

  test('a movement beyond what a lot can hold is not booked and becomes a case', async () => {
    const rig = await open();
    const member = await rig.member(1);
    const till = rig.till('till-1');
    const lot = { earnedAt: '2026-11-21T00:00:00Z', channel: 'store', bucket: 'base', source: 'x' };
    till.entry({
      memberId: member as never,
      movements: [
        { lotId: 'a', delta: 1_000_000_000, lot: lot as never },
        { lotId: 'b', delta: 1_000_000_001, lot: lot as never },
      ],
      header: { pointsEarned: 1_000_000_000, pointsSpent: 0 },
    });
    must(await till.send());
    expect(await rig.balance(member)).toBe(1_000_000_000);
    expect(await rig.exceptions()).toEqual(['points-differ', 'points-out-of-range']);
  });

  test('a body or key in the wrong form is kept as far as it can be read and becomes a case', async () => {
    const rig = await open();
    const till = rig.till('till-1');
    const entry = till.entry();
    must(await till.sendItems([{ ...entry, sealed: '***', key: 'c2hvcnQ=' }]));
    expect(await rig.exceptions()).toEqual(['body-unreadable']);
    expect(await rig.db.query('SELECT 1 FROM subject_keys')).toHaveLength(0);
  });

  test('a setting in the wrong form counts as absent and lowers nobody, and the log says so', async () => {
    const rig = await open();
    await rig.setting('tiers', [{ tier: 'gold', yearSpendMinorFrom: 5_000 }]);
    const member = await rig.member(1);
    const till = rig.till('till-1');
    till.entry(saleFacts(member, { saleId: 's1', spendMinor: 5_000 }));
    must(await till.send());
    await rig.setting('tiers', { gold: 1 });
    till.entry(saleFacts(member, { saleId: 's2', spendMinor: 1 }));
    must(await till.send());
    expect(await rig.body(member)).toMatchObject({ tier: 'gold', tierGiven: 'standard' });
    expect(rig.logged).toMatchObject([{ fields: { key: 'tiers' } }]);
  });
});

describeOnEngines('reservations and coupons when an entry comes up', (hq) => {
  const open = async () => openBooks(await hq.fresh());
  const states = (rig: Awaited<ReturnType<typeof open>>) =>
    rig.db.query<{ allowance_id: string; state: string }>(
      'SELECT allowance_id, state FROM allowances ORDER BY allowance_id',
    );
  const coupon = (code: string) => ({ kind: 'coupon', code }) as const;

  test('an entry settles its reservations, and a release gives one back', async () => {
    const rig = await open();
    const member = await rig.member(1);
    await rig.lot(member, 'old', 100);
    const till = rig.till('till-1');
    const points = { kind: 'points', points: 40 } as const;
    must(await till.reserve('a1', points, { memberId: member as never }));
    must(await till.reserve('a2', points, { memberId: member as never }));
    till.entry({
      ...saleFacts(member, { saleId: 's1', spent: { old: 40 } }),
      allowanceIds: ['a1'],
    });
    till.release('a2');
    must(await till.send());
    expect(await states(rig)).toEqual([
      { allowance_id: 'a1', state: 'settled' },
      { allowance_id: 'a2', state: 'released' },
    ]);
    expect(await rig.exceptions()).toEqual([]);
  });

  test("a till cannot settle or release another till's reservation", async () => {
    const rig = await open();
    const [a, b] = [rig.till('till-1'), rig.till('till-2')];
    must(await a.reserve('a1', coupon('C1')));
    b.entry({ allowanceIds: ['a1'] });
    b.release('a1');
    must(await b.send());
    expect(await states(rig)).toEqual([{ allowance_id: 'a1', state: 'open' }]);
    expect(await rig.exceptions()).toEqual(['allowance-unknown']);
  });

  test('a reservation settled twice, or spent after it was given back, becomes a case', async () => {
    const rig = await open();
    const member = await rig.member(1);
    await rig.lot(member, 'old', 100);
    const till = rig.till('till-1');
    const points = { kind: 'points', points: 10 } as const;
    must(await till.reserve('a1', points, { memberId: member as never }));
    must(await till.reserve('a2', points, { memberId: member as never }));
    till.entry({ allowanceIds: ['a1'] });
    till.entry({ allowanceIds: ['a1'] });
    till.release('a2');
    till.entry({ allowanceIds: ['a2'] });
    must(await till.send());
    expect(await rig.exceptions()).toEqual(['allowance-settled-twice', 'allowance-released']);
  });

  test('a coupon used at two tills is booked twice and flagged once', async () => {
    const rig = await open();
    const [a, b] = [rig.till('till-1'), rig.till('till-2')];
    a.entry({ couponsUsed: ['C1'] });
    b.entry({ couponsUsed: ['C1'] });
    must(await a.send());
    must(await b.send());
    expect(await rig.exceptions()).toEqual(['coupon-used-twice']);
    expect(await rig.db.query('SELECT 1 FROM ledger')).toHaveLength(2);
    expect(await a.reserve('a1', coupon('C1'))).toMatchObject({
      value: { granted: false, available: 0 },
    });
  });

  test('a coupon used in fact weighs more than one reserved, whose use is then the second', async () => {
    const rig = await open();
    const [a, b] = [rig.till('till-1'), rig.till('till-2')];
    must(await a.reserve('a1', coupon('C1')));
    b.entry({ couponsUsed: ['C1'] });
    must(await b.send());
    expect(await rig.exceptions()).toEqual([]);
    a.entry({ couponsUsed: ['C1'], allowanceIds: ['a1'] });
    must(await a.send());
    expect(await rig.exceptions()).toEqual(['coupon-used-twice']);
  });

  test('a sale that was paid after another one took its coupon over has used it', async () => {
    const rig = await open();
    const till = rig.till('till-1');
    const evaluationId = 'evaluation-1' as never;
    must(await till.reserve('a1', coupon('C1'), { evaluationId }));
    must(await till.reserve('a2', coupon('C1'), { replaces: evaluationId }));
    till.entry({ couponsUsed: ['C1'], allowanceIds: ['a1'] });
    must(await till.send());
    expect(await states(rig)).toEqual([
      { allowance_id: 'a1', state: 'settled' },
      { allowance_id: 'a2', state: 'released' },
    ]);
    expect(await rig.exceptions()).toEqual([]);
  });

  test('a coupon that works once stays used, whatever comes back', async () => {
    const rig = await open();
    const [till, other] = [rig.till('till-1'), rig.till('till-2')];
    must(await till.reserve('a1', coupon('C1')));
    till.entry({ couponsUsed: ['C1'], allowanceIds: ['a1'] });
    must(await till.send());
    for (const one of [till, other]) {
      one.entry({ header: { kind: 'return', returnId: 'r1' as never } });
      must(await one.send());
      const reply = await one.reserve(`b-${one.caller.tillId}`, coupon('C1'));
      expect(reply).toMatchObject({ value: { granted: false } });
    }
  });
});

describeOnEngines('the row of an account that hundreds of tills booked into', (hq) => {
  test('forgets databases of tills that are out of service for a day, and stays within the feed', async () => {
    const rig = openBooks(await hq.fresh());
    const member = await rig.member(1);
    const put = (id: string, incarnation: string, state: string, atMs: number) =>
      rig.db.query(
        `INSERT INTO tills (till_id, store_id, state, incarnation, registered_at_ms, last_seen_ms)
         VALUES ($1, 'store-1', $2, $3, $4, $4)`,
        [id, state, incarnation, atMs],
      );
    const old = NOON_MS - FENCED_KEPT_MS - 1;
    await put('living', 'own-database', 'registered', old);
    await put('with:colon', 'own-database', 'registered', old);
    await put('anew', 'own-database', 'registered', old);
    await put('just-anew', 'own-database', 'registered', NOON_MS - FENCED_KEPT_MS);
    await put('revoked', 'own-database', 'revoked', old);
    await put('just-revoked', 'own-database', 'revoked', NOON_MS - FENCED_KEPT_MS);
    const kept = [
      'living:own-database',
      'with:colon:own-database',
      'just-anew:former-database',
      'just-revoked:own-database',
    ];
    const gone = ['anew:former-database', 'revoked:own-database', 'never-heard-of:own-database'];
    const many = Array.from({ length: 2_000 }, (_, n) => `till-${n}:${'i'.repeat(64)}`);
    const booked = Object.fromEntries([...kept, ...gone, ...many].map((one) => [one, 1]));
    await rig.db.query('INSERT INTO point_accounts (member_id, body) VALUES ($1, $2)', [
      member,
      JSON.stringify({ memberId: member, lots: [], booked }),
    ]);
    const till = rig.till('till-1');
    await put('till-1', till.caller.incarnation, 'registered', old);
    till.entry(saleFacts(member, { saleId: 's1', earned: 10 }));
    must(await till.send());
    const account = await rig.account(member);
    expect(Object.keys(account.booked).sort()).toEqual(
      [...kept, `till-1:${till.caller.incarnation}`].sort(),
    );
    expect(await rig.balance(member)).toBe(10);
  });
});
