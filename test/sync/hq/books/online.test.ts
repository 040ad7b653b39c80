import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { toInstant } from '../../../../agent/contract/time.ts';
import { ONLINE_AHEAD_MAX_MS } from '../../../../sync/hq/books/online/book-online.ts';
import type { HqInput } from '../../../../sync/protocol/hq-api.ts';
import {
  onlinePurchaseSchema,
  onlineReplySchema,
  onlineReturnSchema,
} from '../../../../sync/protocol/online.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { type BooksRig, codeOf, NOON_MS, online, openBooks, saleFacts } from './rig.ts';

describeOnEngines('bookings of the web shop', (hq) => {
  const open = async () => openBooks(await hq.fresh());
  let keys = 0;
  const nextKey = () => `key-${++keys}-12345678`;

  const purchase = (memberId: string, more: Partial<HqInput<'bookPurchase'>> = {}) =>
    ({
      memberId,
      orderId: 'W-1',
      amountMinor: 10_000,
      currency: 'CNY',
      pointsSpent: 0,
      ...more,
    }) as HqInput<'bookPurchase'>;
  const buy = (rig: BooksRig, input: HqInput<'bookPurchase'>, key = nextKey()) =>
    rig.books.bookPurchase(online, input, key);
  const giveBack = (rig: BooksRig, orderId: string, amountMinor: number, key = nextKey()) =>
    rig.books.bookReturn(online, { orderId, amountMinor }, key);
  const change = (rig: BooksRig, memberId: string, points: number, key = nextKey()) =>
    rig.books.changePoints(online, { memberId: memberId as never, points, reason: '补偿' }, key);

  test('a purchase earns points, counts for the year and moves the tier', async () => {
    const rig = await open();
    await rig.setting('tiers', [{ tier: 'silver', yearSpendMinorFrom: 10_000 }]);
    const member = await rig.member(1, { yearSpendMinor: 500 });
    const reply = onlineReplySchema.parse(must(await buy(rig, purchase(member))));
    expect(reply).toMatchObject({
      seq: 1,
      memberId: member,
      pointsChange: 100,
      pointsBalance: 100,
      tier: 'silver',
      yearSpendMinor: 10_500,
      at: toInstant(NOON_MS),
    });
    expect((await rig.account(member)).lots).toEqual([
      {
        lotId: 'online:W-1',
        points: 100,
        earnedAt: toInstant(NOON_MS),
        channel: 'online',
        bucket: 'base',
        source: 'online:W-1',
      },
    ]);
    expect(await rig.body(member)).toMatchObject({ tier: 'silver', completedOrders: 1 });
  });

  test('counts in its month and as the last purchase of its channel; what comes back counts when it was bought', async () => {
    const rig = await open();
    const member = await rig.member(1);
    const on = (day: string) => ({ at: `${day}T04:00:00.000Z` });
    must(await buy(rig, purchase(member, { ...on('2026-10-31'), channel: 'app' })));
    must(await buy(rig, purchase(member, { ...on('2026-11-02'), orderId: 'W-2' })));
    must(await giveBack(rig, 'W-1', 4_000));
    expect(await rig.body(member)).toMatchObject({
      yearSpendMinor: 16_000,
      monthSpendMinor: { '2026-10': 6_000, '2026-11': 10_000 },
      lastPurchaseOn: { app: '2026-10-31', online: '2026-11-02' },
    });
  });

  test("points are the shop's figure where it gives one, else the chain's rate, rounded down", async () => {
    const rig = await open();
    await rig.setting('online', { pointsPer100Minor: 3 });
    const member = await rig.member(1);
    const own = purchase(member, { pointsEarned: 7 });
    expect(must(await buy(rig, own)).pointsChange).toBe(7);
    const byRate = purchase(member, { orderId: 'W-2', amountMinor: 9_999 });
    expect(must(await buy(rig, byRate)).pointsChange).toBe(299);
  });

  test("points are good for as long as the chain's rule set says", async () => {
    const rig = await open();
    const member = await rig.member(1);
    const signed = (lotValidDays: number) =>
      Buffer.from(
        JSON.stringify({ schema: 'tillside/rule-set/1', payload: { points: { lotValidDays } } }),
      );
    const publish = (version: number, days: number) =>
      rig.db.query("INSERT INTO documents VALUES ('rule-set', $1, $2, '', '{}', 0)", [
        version,
        signed(days),
      ]);
    await publish(1, 10);
    must(await buy(rig, purchase(member)));
    await publish(2, 40);
    must(await buy(rig, purchase(member, { orderId: 'W-2' })));
    must(await change(rig, member, 5));
    const days = (await rig.account(member)).lots.map((lot) => lot.expiresOn);
    expect(days).toEqual(['2026-12-01', '2026-12-31', '2026-12-31']);
  });

  test('points earned online wait as those of a till do and are good from then on; those given by hand wait for nothing', async () => {
    const rig = await open();
    const member = await rig.member(1);
    const points = { pendingDays: 14, lotValidDays: 30 };
    await rig.db.query("INSERT INTO documents VALUES ('rule-set', 1, $1, '', '{}', 0)", [
      Buffer.from(JSON.stringify({ schema: 'tillside/rule-set/1', payload: { points } })),
    ]);
    expect(must(await buy(rig, purchase(member)))).toMatchObject({
      pointsChange: 100,
      pointsBalance: 0,
    });
    expect(must(await change(rig, member, 5)).pointsBalance).toBe(5);
    expect((await rig.account(member)).lots).toMatchObject([
      { points: 100, availableOn: '2026-12-05', expiresOn: '2027-01-04' },
      { points: 5, expiresOn: '2026-12-21' },
    ]);
    expect((await rig.account(member)).lots[1]).not.toHaveProperty('availableOn');
    const spend = (orderId: string) =>
      buy(rig, purchase(member, { orderId, pointsEarned: 0, pointsSpent: 100 }));
    expect(await spend('W-2')).toMatchObject({
      error: { code: 'points-short', detail: { available: 5 } },
    });
    rig.clockMs = NOON_MS + 14 * 86_400_000;
    expect(must(await spend('W-3')).pointsBalance).toBe(5);
  });

  test('a purchase that is booked late waits from its own day on, and is good from today where it waits no more', async () => {
    const rig = await open();
    const member = await rig.member(1);
    const points = { pendingDays: 14, lotValidDays: 30 };
    await rig.db.query("INSERT INTO documents VALUES ('rule-set', 1, $1, '', '{}', 0)", [
      Buffer.from(JSON.stringify({ schema: 'tillside/rule-set/1', payload: { points } })),
    ]);
    const on = (orderId: string, day: string) =>
      buy(rig, purchase(member, { orderId, at: `${day}T04:00:00.000Z` }));
    must(await on('W-1', '2026-11-17'));
    expect(must(await on('W-2', '2026-11-07')).pointsBalance).toBe(100);
    must(await on('W-3', '2026-11-22'));
    const { lots } = await rig.account(member);
    expect(lots.map(({ availableOn, expiresOn }) => [availableOn, expiresOn])).toEqual([
      ['2026-12-01', '2026-12-31'],
      [undefined, '2026-12-21'],
      ['2026-12-05', '2027-01-04'],
    ]);
  });

  test('spent points come back for 30 days at least, unless on the day of the purchase', async () => {
    const rig = await open();
    const member = await rig.member(1);
    await rig.lot(member, 'soon', 100, { expiresOn: '2026-11-22' });
    const paid = (orderId: string) =>
      buy(rig, purchase(member, { orderId, pointsEarned: 0, pointsSpent: 50 }));
    must(await paid('W-1'));
    must(await paid('W-2'));
    expect(must(await giveBack(rig, 'W-1', 10_000)).pointsBalance).toBe(50);
    expect((await rig.account(member)).lots).toMatchObject([{ lotId: 'soon', points: 50 }]);
    rig.clockMs = NOON_MS + 5 * 86_400_000;
    expect(must(await giveBack(rig, 'W-2', 10_000)).pointsBalance).toBe(50);
    expect((await rig.account(member)).lots).toMatchObject([
      { lotId: 'soon', points: 50 },
      { points: 50, bucket: 'base', expiresOn: '2026-12-26' },
    ]);
    expect(await rig.exceptions()).toEqual([]);
  });

  test('a purchase pays what is owed from points that can be spent, and says so in its chain', async () => {
    const rig = await open();
    const member = await rig.member(1);
    await rig.lot(member, 'owed', -100);
    await rig.lot(member, 'soon', 100, { expiresOn: '2026-12-31' });
    must(await buy(rig, purchase(member, { pointsEarned: 10 })));
    const lots = (await rig.account(member)).lots.map(({ lotId, points }) => [lotId, points]);
    expect(lots).toEqual([
      ['owed', 0],
      ['soon', 10],
    ]);
    const [row] = await rig.db.query<{ header: string }>('SELECT header FROM online_ledger');
    expect(JSON.parse(row?.header ?? '').moves).toEqual([
      { lotId: 'owed', delta: 10 },
      { lotId: 'soon', delta: -90 },
      { lotId: 'owed', delta: 90 },
    ]);
  });

  test('points taken back of a lot that is gone are a case for a person', async () => {
    const rig = await open();
    const member = await rig.member(1);
    must(await buy(rig, purchase(member)));
    await rig.db.query('DELETE FROM point_accounts');
    must(await giveBack(rig, 'W-1', 10_000));
    expect(await rig.exceptions()).toEqual(['lot-unknown', 'points-overdrawn']);
  });

  test('what is earned pays off what is owed first, and a return makes it owed again, in parts too', async () => {
    const rig = await open();
    const member = await rig.member(1);
    await rig.lot(member, 'owed', -30);
    expect(must(await buy(rig, purchase(member))).pointsBalance).toBe(70);
    const lots = async () =>
      (await rig.account(member)).lots.map(({ lotId, points }) => [lotId, points]);
    expect(await lots()).toEqual([
      ['owed', 0],
      ['online:W-1', 70],
    ]);
    must(await giveBack(rig, 'W-1', 8_000));
    expect(await lots()).toEqual([
      ['owed', -10],
      ['online:W-1', 0],
    ]);
    expect(must(await giveBack(rig, 'W-1', 2_000)).pointsBalance).toBe(-30);
    expect(must(await change(rig, member, 20)).pointsBalance).toBe(-10);
    expect(await lots()).toEqual([
      ['owed', -10],
      ['online:W-1', 0],
    ]);
  });

  test('points are spent from the lots that expire first, and only those that nobody has reserved', async () => {
    const rig = await open();
    const member = await rig.member(1);
    await rig.lot(member, 'forever', 100);
    await rig.lot(member, 'soon', 30, { expiresOn: '2026-12-01' });
    await rig.lot(member, 'later', 30, { expiresOn: '2027-12-01' });
    const till = rig.till('till-1');
    const memberId = member as never;
    must(await till.reserve('a1', { kind: 'points', points: 100 }, { memberId }));
    const much = purchase(member, { pointsEarned: 0, pointsSpent: 61 });
    expect(await buy(rig, much)).toEqual({
      ok: false,
      error: { code: 'points-short', field: 'pointsSpent', detail: { available: 60 } },
    });
    must(await buy(rig, purchase(member, { pointsEarned: 0, pointsSpent: 60 })));
    const left = (await rig.account(member)).lots.map(({ lotId, points }) => [lotId, points]);
    expect(left).toEqual([
      ['forever', 100],
      ['soon', 0],
      ['later', 0],
    ]);
    expect(await change(rig, member, -1)).toMatchObject({
      error: { code: 'points-short', detail: { available: 0 } },
    });
  });

  test('the same key with the same request is booked once and answered alike', async () => {
    const rig = await open();
    const member = await rig.member(1);
    const first = must(await buy(rig, purchase(member), 'key-12345678'));
    const replies = await Promise.all(
      Array.from({ length: 6 }, () => buy(rig, purchase(member), 'key-12345678')),
    );
    expect(replies.map(must)).toEqual(Array(6).fill(first));
    expect(await rig.balance(member)).toBe(100);
  });

  test('the same request on many connections at once is booked once', async () => {
    const rig = await open();
    const member = await rig.member(1);
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => buy(rig, purchase(member), 'key-12345678')),
    );
    expect(new Set(replies.map((reply) => JSON.stringify(must(reply)))).size).toBe(1);
    expect(await rig.balance(member)).toBe(100);
  });

  test('the same key with another request is refused', async () => {
    const rig = await open();
    const member = await rig.member(1);
    must(await buy(rig, purchase(member), 'key-12345678'));
    const other = purchase(member, { amountMinor: 1 });
    expect(codeOf(await buy(rig, other, 'key-12345678'))).toBe('key-reused');
    expect(codeOf(await giveBack(rig, 'W-1', 1, 'key-12345678'))).toBe('key-reused');
  });

  test('what cannot be booked is refused by its field', async () => {
    const rig = await open();
    const member = await rig.member(1);
    must(await buy(rig, purchase(member)));
    const late = toInstant(NOON_MS + ONLINE_AHEAD_MAX_MS + 1);
    for (const [reply, error] of [
      [await rig.books.bookPurchase(online, purchase(member), undefined), { code: 'key-missing' }],
      [
        await buy(rig, purchase(member), 'short'),
        { code: 'invalid-input', field: 'Idempotency-Key' },
      ],
      [await buy(rig, purchase(member)), { code: 'order-exists', field: 'orderId' }],
      [
        await buy(rig, purchase('m-2', { orderId: 'W-2' })),
        { code: 'member-unknown', field: 'memberId' },
      ],
      [
        await buy(rig, purchase(member, { currency: 'USD' })),
        { code: 'currency-wrong', field: 'currency' },
      ],
      [await buy(rig, purchase(member, { at: late })), { code: 'invalid-input', field: 'at' }],
      [await giveBack(rig, 'W-9', 1), { code: 'order-unknown', field: 'orderId' }],
      [await change(rig, member, 0), { code: 'invalid-input', field: 'points' }],
      [
        await buy(rig, purchase(member, { orderId: 'a\0b' })),
        { code: 'invalid-input', field: 'orderId' },
      ],
    ] as const)
      expect(reply).toEqual({ ok: false, error });
    expect(await rig.db.query('SELECT 1 FROM online_ledger')).toHaveLength(1);
  });

  test('goods that come back in parts undo exactly what the purchase moved, and never more than was bought', async () => {
    const rig = await open();
    const member = await rig.member(1);
    await rig.lot(member, 'a', 5);
    await rig.lot(member, 'b', 100);
    must(await buy(rig, purchase(member, { amountMinor: 300, pointsEarned: 10, pointsSpent: 8 })));
    expect(await rig.balance(member)).toBe(107);
    const first = must(await giveBack(rig, 'W-1', 100));
    // A third of 10 earned and of 8 spent, both rounded down.
    expect(first).toMatchObject({ pointsChange: -3 + 2, yearSpendMinor: 200 });
    expect(await giveBack(rig, 'W-1', 201)).toEqual({
      ok: false,
      error: { code: 'return-too-much', field: 'amountMinor', detail: { leftMinor: 200 } },
    });
    must(await giveBack(rig, 'W-1', 100));
    must(await giveBack(rig, 'W-1', 100));
    const lots = (await rig.account(member)).lots.map(({ lotId, points }) => [lotId, points]);
    expect(lots).toEqual([
      ['a', 5],
      ['b', 100],
      ['online:W-1', 0],
    ]);
    expect(await rig.body(member)).toMatchObject({ yearSpendMinor: 0, completedOrders: 0 });
    expect(codeOf(await giveBack(rig, 'W-1', 1))).toBe('return-too-much');
  });

  test('a purchase paid wholly in points has the amount 0, and comes back whole, once', async () => {
    const rig = await open();
    const member = await rig.member(1);
    await rig.lot(member, 'a', 5);
    await rig.lot(member, 'b', 100);
    const free = purchase(member, { amountMinor: 0 });
    expect(onlinePurchaseSchema.safeParse(free).error?.issues).toMatchObject([
      { path: ['amountMinor'] },
    ]);
    const paid = onlinePurchaseSchema.parse({ ...free, pointsSpent: 60 });
    expect(must(await buy(rig, paid))).toMatchObject({ pointsChange: -60, yearSpendMinor: 0 });
    expect(await rig.body(member)).toMatchObject({ completedOrders: 1 });
    expect(await giveBack(rig, 'W-1', 1)).toMatchObject({ error: { code: 'return-too-much' } });
    const back = onlineReturnSchema.parse({ orderId: 'W-1', amountMinor: 0 });
    const reply = must(await rig.books.bookReturn(online, back, nextKey()));
    expect(reply).toMatchObject({ pointsChange: 60, pointsBalance: 105 });
    const lots = (await rig.account(member)).lots.map(({ lotId, points }) => [lotId, points]);
    expect(lots).toEqual([
      ['a', 5],
      ['b', 100],
    ]);
    expect(await rig.body(member)).toMatchObject({ completedOrders: 0 });
    expect(codeOf(await giveBack(rig, 'W-1', 0))).toBe('return-too-much');
  });

  test('nothing comes back of a purchase that was paid in money', async () => {
    const rig = await open();
    const member = await rig.member(1);
    must(await buy(rig, purchase(member)));
    expect(await giveBack(rig, 'W-1', 0)).toEqual({
      ok: false,
      error: { code: 'invalid-input', field: 'amountMinor' },
    });
  });

  test('a return takes back points that were spent since: they are owed, and a person hears of it', async () => {
    const rig = await open();
    const member = await rig.member(1);
    must(await buy(rig, purchase(member)));
    must(await change(rig, member, -100));
    expect(must(await giveBack(rig, 'W-1', 10_000)).pointsBalance).toBe(-100);
    expect(await rig.exceptions()).toEqual(['points-overdrawn']);
  });

  test('two returns at once never bring back more than was bought', async () => {
    const rig = await open();
    const member = await rig.member(1);
    must(await buy(rig, purchase(member)));
    const replies = await Promise.all([1, 2, 3].map(() => giveBack(rig, 'W-1', 6_000)));
    expect(replies.map(codeOf).sort()).toEqual(['ok', 'return-too-much', 'return-too-much']);
  });

  test('points by hand are a lot of their own, with the reason in the chain', async () => {
    const rig = await open();
    const member = await rig.member(1);
    expect(must(await change(rig, member, 50))).toMatchObject({ seq: 1, pointsBalance: 50 });
    expect(must(await change(rig, member, -20))).toMatchObject({ seq: 2, pointsBalance: 30 });
    const [row] = await rig.db.query<{ header: string }>('SELECT header FROM online_ledger');
    expect(JSON.parse(row?.header ?? '')).toMatchObject({ kind: 'points', reason: '补偿' });
    expect((await rig.body(member)).yearSpendMinor).toBe(0);
  });

  test('bookings of a merged member go to whom they were merged into', async () => {
    const rig = await open();
    const living = await rig.member(2);
    const old = await rig.member(1, { status: 'merged', mergedInto: living as never });
    expect(must(await buy(rig, purchase(old)))).toMatchObject({ memberId: living });
    expect(await rig.balance(living)).toBe(100);
    expect(must(await giveBack(rig, 'W-1', 10_000))).toMatchObject({ pointsBalance: 0 });
  });

  test('a purchase of the year before that comes in January does not count for the running year', async () => {
    const rig = await open();
    const member = await rig.member(1, { yearSpendMinor: 900 });
    rig.clockMs = Date.UTC(2027, 0, 3);
    must(await buy(rig, purchase(member)));
    expect(await rig.body(member)).toMatchObject({ yearSpendMinor: 10_000, spendYear: 2027 });
    const late = purchase(member, { orderId: 'W-2', at: '2026-12-31T12:00:00Z' });
    expect(must(await buy(rig, late))).toMatchObject({
      yearSpendMinor: 10_000,
      at: '2026-12-31T12:00:00.000Z',
    });
  });

  test('an order id that is no lot id is booked under one of its own', async () => {
    const rig = await open();
    const member = await rig.member(1);
    must(await buy(rig, purchase(member, { orderId: '订单 1/2' })));
    must(await giveBack(rig, '订单 1/2', 10_000));
    expect((await rig.account(member)).lots).toMatchObject([
      { lotId: expect.stringMatching(/^lot:[0-9a-f]{32}$/), points: 0 },
    ]);
  });

  test("HQ's own ledger is one chain, whatever is booked at once", async () => {
    const rig = await open();
    const members = await Promise.all([1, 2, 3, 4].map((n) => rig.member(n)));
    await Promise.all(
      members.flatMap((member, m) =>
        [1, 2, 3].map((n) => buy(rig, purchase(member, { orderId: `W-${m}-${n}` }))),
      ),
    );
    const rows = await rig.db.query<{ seq: number; header: string; hash: string }>(
      'SELECT seq, header, hash FROM online_ledger ORDER BY seq',
    );
    expect(rows.map((row) => row.seq)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    let before = '0'.repeat(64);
    for (const { seq, header, hash } of rows) {
      expect(JSON.parse(header)).toMatchObject({ seq, prevHash: before });
      expect(createHash('sha256').update(header).digest('hex')).toBe(hash);
      before = hash;
    }
    // A header names nobody.
    expect(rows.map((row) => row.header).join()).not.toMatch(/m-[1-4]"/);
  });

  test('a till and the web shop book the same member at once, and nothing is lost', async () => {
    const rig = await open();
    const member = await rig.member(1);
    const tills = ['till-1', 'till-2'].map((id) => rig.till(id));
    for (const till of tills)
      for (let n = 0; n < 3; n++)
        till.entry(
          saleFacts(member, { saleId: `${till.caller.tillId}-${n}`, earned: 1, spendMinor: 10 }),
        );
    await Promise.all([
      ...tills.map((till) => till.send()),
      ...[1, 2, 3].map((n) => buy(rig, purchase(member, { orderId: `W-${n}`, amountMinor: 100 }))),
    ]);
    expect(await rig.balance(member)).toBe(9);
    expect(await rig.body(member)).toMatchObject({ completedOrders: 9, yearSpendMinor: 360 });
  });
});
