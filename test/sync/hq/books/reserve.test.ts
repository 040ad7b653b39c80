import { expect, test } from 'vitest';
import { toInstant } from '../../../../agent/contract/time.ts';
import { FENCED_KEPT_MS } from '../../../../sync/hq/books/reconcile.ts';
import { ALLOWANCES_OPEN_MAX } from '../../../../sync/protocol/allowance.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { type BooksRig, codeOf, NOON_MS, openBooks, type TestTill } from './rig.ts';

const points = (n: number) => ({ kind: 'points', points: n }) as const;
const coupon = (code: string) => ({ kind: 'coupon', code }) as const;

describeOnEngines('reserving what can be spent once', (hq) => {
  const open = async () => openBooks(await hq.fresh());
  const withPoints = async (n: number) => {
    const rig = await open();
    const memberId = (await rig.member(1)) as never;
    await rig.lot(memberId, 'old', n);
    return { rig, memberId, a: rig.till('till-1'), b: rig.till('till-2') };
  };

  test('points are granted up to what nobody else has reserved', async () => {
    const { memberId, a, b } = await withPoints(100);
    expect(must(await a.reserve('a1', points(60), { memberId }))).toEqual({
      granted: true,
      available: 100,
    });
    expect(must(await b.reserve('b1', points(41), { memberId }))).toEqual({
      granted: false,
      available: 40,
    });
    expect(must(await b.reserve('b2', points(40), { memberId }))).toEqual({
      granted: true,
      available: 40,
    });
  });

  test('the same id twice reserves once and is answered alike', async () => {
    const { memberId, a } = await withPoints(100);
    const first = must(await a.reserve('a1', points(60), { memberId }));
    expect(must(await a.reserve('a1', points(60), { memberId }))).toEqual(first);
    expect(must(await a.reserve('a2', points(40), { memberId })).granted).toBe(true);
  });

  test('the same id on many connections at once reserves once', async () => {
    const { rig, memberId, a } = await withPoints(100);
    const replies = await Promise.all(
      Array.from({ length: 6 }, () => a.reserve('a1', points(60), { memberId })),
    );
    expect(replies.map(must)).toEqual(Array(6).fill({ granted: true, available: 100 }));
    expect(await rig.db.query('SELECT 1 FROM allowances')).toHaveLength(1);
  });

  test('an id that another till or another request has is refused', async () => {
    const { memberId, a, b } = await withPoints(100);
    must(await a.reserve('a1', points(60), { memberId }));
    expect(codeOf(await b.reserve('a1', points(60), { memberId }))).toBe('key-reused');
    expect(codeOf(await a.reserve('a1', points(61), { memberId }))).toBe('key-reused');
    expect(codeOf(await a.reserve('a1', coupon('C1')))).toBe('key-reused');
  });

  test('many tills at once are never granted more than there is', async () => {
    const { rig, memberId } = await withPoints(100);
    const tills = Array.from({ length: 12 }, (_, n) => rig.till(`till-${n}`));
    const replies = await Promise.all(
      tills.map((till, n) => till.reserve(`x${n}`, points(30), { memberId })),
    );
    expect(replies.map(must).filter((one) => one.granted)).toHaveLength(3);
  });

  test('points of each category are granted from their own lots, and from no other', async () => {
    const { rig, memberId, a, b } = await withPoints(100);
    await rig.lot(memberId, 'tea', 50, { bucket: 'tea' });
    const tea = (n: number) => ({ ...points(n), bucket: 'tea' });
    expect(must(await a.reserve('a1', tea(40), { memberId }))).toEqual({
      granted: true,
      available: 50,
    });
    expect(must(await b.reserve('b1', tea(11), { memberId }))).toEqual({
      granted: false,
      available: 10,
    });
    expect(must(await b.reserve('b2', points(100), { memberId })).granted).toBe(true);
    expect(must(await b.reserve('b3', points(1), { memberId })).available).toBe(0);
    expect(must(await a.reserve('a2', { ...points(1), bucket: 'red' }, { memberId }))).toEqual({
      granted: false,
      available: 0,
    });
    expect(codeOf(await a.reserve('a1', points(40), { memberId }))).toBe('key-reused');
    expect(must(await a.reserve('a1', tea(40), { memberId })).granted).toBe(true);
    const replaces = 'evaluation-a1' as never;
    expect(must(await a.reserve('a3', tea(1), { memberId, replaces })).available).toBe(50);
  });

  test('points owed of one category are granted of no other', async () => {
    const { rig, memberId, a } = await withPoints(100);
    await rig.lot(memberId, 'tea', -30, { bucket: 'tea' });
    expect(must(await a.reserve('a1', points(71), { memberId }))).toEqual({
      granted: false,
      available: 70,
    });
  });

  test('points reserved of one category are taken off before what is owed of another is kept back', async () => {
    const { rig, memberId, a } = await withPoints(100);
    await rig.lot(memberId, 'g', 50, { bucket: 'g' });
    await rig.lot(memberId, 'h', -60, { bucket: 'h' });
    // 40 of base: 60 are kept back from it. With them reserved, 60 more are kept back from base and g.
    expect(must(await a.reserve('a1', points(40), { memberId })).granted).toBe(true);
    expect(must(await a.reserve('a2', { ...points(50), bucket: 'g' }, { memberId })).granted).toBe(
      true,
    );
    expect(must(await a.reserve('a3', points(1), { memberId })).available).toBe(0);
    const { rig: other, memberId: whose, a: till } = await withPoints(100);
    must(await till.reserve('a1', points(100), { memberId: whose }));
    await other.lot(whose, 'g', 50, { bucket: 'g' });
    await other.lot(whose, 'h', -60, { bucket: 'h' });
    expect(
      must(await till.reserve('a2', { ...points(50), bucket: 'g' }, { memberId: whose })),
    ).toEqual({ granted: false, available: 0 });
  });

  test('points that wait are not granted before their day', async () => {
    const { rig, memberId, a } = await withPoints(100);
    await rig.lot(memberId, 'waits', 50, { availableOn: '2026-11-22' });
    expect(must(await a.reserve('a1', points(101), { memberId })).available).toBe(100);
    rig.clockMs += 24 * 60 * 60_000;
    expect(must(await a.reserve('a2', points(150), { memberId })).granted).toBe(true);
  });

  test('expired and owed points are not granted', async () => {
    const { rig, memberId, a } = await withPoints(100);
    await rig.lot(memberId, 'gone', 500, { expiresOn: '2026-11-20' });
    await rig.lot(memberId, 'last-day', 7, { expiresOn: '2026-11-21' });
    await rig.lot(memberId, 'owed', -30);
    await rig.lot(memberId, 'tea', 50, { bucket: 'tea' });
    expect(must(await a.reserve('a1', points(200), { memberId })).available).toBe(77);
  });

  test("the day goes by the chain's clock on the wall", async () => {
    const { rig, memberId, a } = await withPoints(0);
    await rig.lot(memberId, 'last-day', 7, { expiresOn: '2026-11-21' });
    rig.clockMs = Date.UTC(2026, 10, 21, 15, 59);
    expect(must(await a.reserve('a1', points(7), { memberId })).granted).toBe(true);
    rig.clockMs = Date.UTC(2026, 10, 21, 16, 0);
    expect(must(await a.reserve('a2', points(1), { memberId })).available).toBe(0);
  });

  test('what the sale that this one replaces had reserved counts as free, for this till alone', async () => {
    const { memberId, a, b } = await withPoints(100);
    const evaluationId = 'evaluation-1' as never;
    must(await a.reserve('a1', points(80), { memberId, evaluationId }));
    const more = { memberId, replaces: evaluationId };
    expect(must(await b.reserve('b1', points(90), more))).toEqual({
      granted: false,
      available: 20,
    });
    expect(must(await a.reserve('a2', points(90), more))).toEqual({
      granted: true,
      available: 100,
    });
  });

  test('a coupon has one holder; the sale that replaces another one of its till gets it beside it', async () => {
    const { a, b } = await withPoints(0);
    const evaluationId = 'evaluation-1' as never;
    const replaces = evaluationId;
    expect(must(await a.reserve('a1', coupon('C1'), { evaluationId }))).toEqual({
      granted: true,
      available: 1,
    });
    expect(must(await b.reserve('b1', coupon('C1'), { replaces }))).toEqual({
      granted: false,
      available: 0,
    });
    expect(must(await a.reserve('a2', coupon('C1'), { replaces })).granted).toBe(true);
    expect(must(await a.reserve('a1', coupon('C1'), { evaluationId })).granted).toBe(true);
    expect(must(await b.reserve('b2', coupon('C1'))).granted).toBe(false);
  });

  test.each([
    ['one use', coupon('C1')],
    ['several uses, of which one is left', { ...coupon('C1'), times: 2 }],
  ])(
    'a sale that was to replace another and is refused leaves its coupon of %s reserved',
    async (_what, what) => {
      const { rig, a, b } = await withPoints(0);
      if ('times' in what) must(await b.reserve('b0', what));
      const evaluationId = 'evaluation-1' as never;
      must(await a.reserve('a1', what, { evaluationId }));
      expect(must(await a.reserve('a2', what, { replaces: evaluationId })).granted).toBe(true);
      a.release('a2');
      must(await a.send());
      expect(must(await b.reserve('b1', what)).granted).toBe(false);
      expect(must(await a.reserve('a3', what, { replaces: evaluationId })).granted).toBe(true);
      a.release('a3');
      a.entry({ allowanceIds: ['a1'], couponsUsed: ['C1'] });
      must(await a.send(2));
      expect(await rig.exceptions()).toEqual([]);
      expect(must(await b.reserve('b2', what)).granted).toBe(false);
    },
  );

  test('a coupon goes from sale to sale as often as one takes the place of another, and is used once', async () => {
    const { rig, a, b } = await withPoints(0);
    must(await a.reserve('a1', coupon('C1')));
    for (const n of [2, 3, 4]) {
      const replaces = `evaluation-a${n - 1}` as never;
      expect(must(await a.reserve(`a${n}`, coupon('C1'), { replaces })).granted).toBe(true);
      if (n === 4) break;
      a.release(`a${n - 1}`);
      must(await a.send(n - 1));
    }
    expect(must(await b.reserve('b1', coupon('C1'))).granted).toBe(false);
    a.entry({ allowanceIds: ['a4'], couponsUsed: ['C1'] });
    a.entry({ allowanceIds: ['a3'], couponsUsed: ['C1'] });
    must(await a.send(a.outbox.length - 1));
    expect(await rig.exceptions()).toEqual(['coupon-used-twice']);
    expect(must(await b.reserve('b2', coupon('C1'))).granted).toBe(false);
  });

  test('of two reservations of one coupon the sale that took place ends the other', async () => {
    const { rig, a, b } = await withPoints(0);
    must(await a.reserve('a1', coupon('C1')));
    must(await a.reserve('a2', coupon('C1'), { replaces: 'evaluation-a1' as never }));
    b.entry({ couponsUsed: ['C1'] });
    must(await b.send());
    a.entry({ allowanceIds: ['a2'], couponsUsed: ['C1'] });
    must(await a.send());
    expect(await rig.exceptions()).toEqual(['coupon-used-twice']);
    const states = await rig.db.query('SELECT allowance_id, state FROM allowances ORDER BY 1');
    expect(states).toMatchObject([
      { allowance_id: 'a1', state: 'released' },
      { allowance_id: 'a2', state: 'released' },
      { state: 'settled' },
    ]);
  });

  test('a merged member spends from the account of whom they were merged into', async () => {
    const { rig, memberId, a } = await withPoints(100);
    const old = (await rig.member(2, { status: 'merged', mergedInto: memberId })) as never;
    expect(must(await a.reserve('a1', points(60), { memberId: old })).granted).toBe(true);
    expect(must(await a.reserve('a1', points(60), { memberId: old })).granted).toBe(true);
    expect(must(await a.reserve('a2', points(60), { memberId })).available).toBe(40);
  });

  test('points of nobody, and of somebody without an account, are not granted', async () => {
    const { rig, a } = await withPoints(100);
    expect(codeOf(await a.reserve('a1', points(1)))).toBe('invalid-input');
    const poor = (await rig.member(2)) as never;
    expect(must(await a.reserve('a2', points(1), { memberId: poor }))).toEqual({
      granted: false,
      available: 0,
    });
  });

  test('a request that arrives after its reservation was given back reserves nothing', async () => {
    const { rig, memberId, a } = await withPoints(100);
    a.release('a1');
    a.release('a2');
    must(await a.send());
    const late = { granted: false, available: 100 };
    expect(must(await a.reserve('a1', points(60), { memberId }))).toEqual(late);
    expect(must(await a.reserve('a1', points(60), { memberId }))).toEqual(late);
    expect(must(await a.reserve('a2', coupon('C1')))).toEqual({ granted: false, available: 0 });
    expect(must(await a.reserve('a3', coupon('C1'))).granted).toBe(true);
    // Spent all the same, it is booked, and a person hears of it.
    a.entry({ allowanceIds: ['a1'] });
    must(await a.send());
    expect(await rig.exceptions()).toEqual(['allowance-released']);
  });

  test('giving back and the request for it at the same time leave nothing reserved', async () => {
    const { rig, memberId, a } = await withPoints(100);
    for (let n = 1; n <= 10; n++) {
      a.release(`x${n}`);
      const from = a.outbox.length;
      await Promise.all([a.reserve(`x${n}`, points(60), { memberId }), a.send(from)]).then(
        ([reserved, sent]) => [must(reserved), must(sent)],
      );
      expect(await rig.db.query("SELECT 1 FROM allowances WHERE state = 'open'")).toEqual([]);
    }
  });

  test('the same id for another member, or from another database of the till, is refused', async () => {
    const { rig, memberId, a } = await withPoints(100);
    const other = (await rig.member(2)) as never;
    must(await a.reserve('a1', points(60), { memberId }));
    expect(codeOf(await a.reserve('a1', points(60), { memberId: other }))).toBe('key-reused');
    const anew = rig.till('till-1', { incarnation: 'incarnation-new' });
    expect(codeOf(await anew.reserve('a1', points(60), { memberId }))).toBe('key-reused');
    must(await a.reserve('a2', coupon('C1'), { memberId }));
    expect(codeOf(await a.reserve('a2', coupon('C1')))).toBe('key-reused');
    expect(must(await a.reserve('a2', coupon('C1'), { memberId })).granted).toBe(true);
  });

  test('a till with as many open reservations as it may have gets no more until one ends', async () => {
    const { rig, a } = await withPoints(0);
    await rig.db.query(
      `INSERT INTO allowances (allowance_id, till_id, incarnation, evaluation_id, kind, coupon, state, hold_until_ms, created_at_ms)
       SELECT 'x' || n, 'till-1', 'incarnation-till-1', 'e', 'coupon', 'C' || n, 'open', 0, 0 FROM generate_series(2, $1) n`,
      [ALLOWANCES_OPEN_MAX],
    );
    expect(must(await a.reserve('a1', coupon('A'))).granted).toBe(true);
    expect(codeOf(await a.reserve('a2', coupon('B')))).toBe('too-many-open');
    // The one that it has is still answered.
    expect(must(await a.reserve('a1', coupon('A'))).granted).toBe(true);
    a.release('x2');
    must(await a.send());
    expect(must(await a.reserve('a2', coupon('B'))).granted).toBe(true);
  });
});

describeOnEngines('what a till stands by', (hq) => {
  const reconcile = (rig: BooksRig, till: TestTill, open: string[], beforeMs = rig.clockMs) =>
    rig.books.reconcile(
      till.caller,
      { incarnation: till.caller.incarnation, open, before: toInstant(beforeMs) },
      undefined,
    );

  test('all others that were made before are given back', async () => {
    const rig = openBooks(await hq.fresh());
    const [a, b] = [rig.till('till-1'), rig.till('till-2')];
    must(await a.reserve('a1', coupon('A')));
    must(await a.reserve('a2', coupon('B')));
    must(await b.reserve('b1', coupon('C')));
    rig.clockMs += 1_000;
    must(await a.reserve('a3', coupon('D')));
    expect(must(await reconcile(rig, a, ['a1']))).toEqual({ released: 1 });
    const open = await rig.db.query(
      "SELECT allowance_id AS id FROM allowances WHERE state = 'open' ORDER BY 1",
    );
    expect(open).toEqual([{ id: 'a1' }, { id: 'a3' }, { id: 'b1' }]);
    expect(must(await reconcile(rig, a, ['a1']))).toEqual({ released: 0 });
  });

  test('a till that has nothing open says so with an empty list', async () => {
    const rig = openBooks(await hq.fresh());
    const a = rig.till('till-1');
    must(await a.reserve('a1', coupon('A')));
    expect(must(await reconcile(rig, a, [], NOON_MS + 1))).toEqual({ released: 1 });
    expect(must(await a.reserve('a2', coupon('A'))).granted).toBe(true);
  });

  test('a settled reservation stays settled', async () => {
    const rig = openBooks(await hq.fresh());
    const a = rig.till('till-1');
    must(await a.reserve('a1', coupon('A')));
    a.entry({ couponsUsed: ['A'], allowanceIds: ['a1'] });
    must(await a.send());
    expect(must(await reconcile(rig, a, [], NOON_MS + 1))).toEqual({ released: 0 });
    expect(must(await a.reserve('a2', coupon('A'))).granted).toBe(false);
  });

  test('what a database of the till before this one held is given back after a day', async () => {
    const rig = openBooks(await hq.fresh());
    const old = rig.till('till-1', { incarnation: 'incarnation-old' });
    const fresh = rig.till('till-1', { incarnation: 'incarnation-new' });
    must(await old.reserve('a1', coupon('A')));
    rig.clockMs += FENCED_KEPT_MS;
    expect(must(await reconcile(rig, fresh, []))).toEqual({ released: 0 });
    rig.clockMs += 1;
    expect(must(await reconcile(rig, fresh, []))).toEqual({ released: 1 });
  });

  test("another database's list is refused", async () => {
    const rig = openBooks(await hq.fresh());
    const a = rig.till('till-1');
    const reply = await rig.books.reconcile(
      a.caller,
      { incarnation: 'incarnation-other', open: [], before: toInstant(NOON_MS) },
      undefined,
    );
    expect(codeOf(reply)).toBe('incarnation-unknown');
  });
});
