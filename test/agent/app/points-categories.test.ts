import { describe, expect, test } from 'vitest';
import { RECEIPT_WAITING_DAYS_MAX } from '../../../agent/app/receipt.ts';
import { createSelfAllowance } from '../../../agent/app/self-allowance.ts';
import {
  type LineId,
  MEMBER_MAX_BUCKETS,
  type MemberId,
  type PointsLot,
  type ReturnId,
  type SaleId,
  type StaffId,
} from '../../../agent/contract/index.ts';
import { defaultPolicy } from '../../../agent/domain/auth-policy/default-policy.ts';
import type { AllowanceRequest } from '../../../sync/client/ports.ts';
import { TEST_NOW_MS, TEST_PLACE } from '../../support/store.ts';
import {
  ANNA,
  BO,
  basket,
  CASHIER,
  commitOf,
  failed,
  headquartersPort,
  hold,
  openTill,
  POS,
  RICE,
  type Rig,
  type RigOptions,
  ringUp,
  sell,
  TEA,
  value,
} from './rig.ts';

/** A card is enough to spend, so that the tests are about points alone. */
const policy = {
  ...defaultPolicy,
  actions: defaultPolicy.actions.map((row) =>
    row.action === 'redeem-points' ? { action: row.action, needs: 'claimed' as const } : row,
  ),
};

/** Tea points pay for drinks, base points for everything; rice earns points of a category with a name of its own. */
const rules = (points = '') => `
ruleSet: categories
version: 1
currency: CNY
points: { lotValidDays: 365${points} }
rules:
  - id: tea-points
    name: { zh-CN: 茶饮积分抵现, en: Pay with tea points }
    lane: points-spend
    step: 1
    target: { category: [drinks] }
    effect: { kind: points-redeem, minorPerPoint: 10, bucket: tea }
  - id: redeem
    name: { zh-CN: 积分抵现, en: Pay with points }
    lane: points-spend
    step: 2
    effect: { kind: points-redeem, minorPerPoint: 10 }
  - id: earn
    name: { zh-CN: 消费积分, en: Points earned }
    lane: points-earn
    effect: { kind: points-earn, perMinor: 100, points: 1 }
  - id: green
    name: { zh-CN: 绿色积分, en: Green points }
    lane: points-earn
    target: { category: [food] }
    effect: { kind: points-earn, perMinor: 1000, points: 1, bucket: 绿色 }
`;

const open = (options: RigOptions = {}): Rig => openTill({ rules: rules(), policy, ...options });
const lotsOf = (rig: Rig, memberId: MemberId = ANNA) => rig.store.points.lots(memberId);
const give = (rig: Rig, lotId: string, points: number, more: Partial<PointsLot> = {}): void =>
  rig.givePoints(ANNA, points, { lotId: lotId as never, ...more });

/** Both clocks go on without a timer that fires. */
function daysLater(rig: Rig, days: number): void {
  rig.time.wallMs += days * 86_400_000;
  rig.time.monoMs += days * 86_400_000;
}

describe('points of a category', () => {
  test('are offered, held, and spent from their own lots, oldest expiry first', async () => {
    const rig = open();
    give(rig, 'tea-late', 60, { bucket: 'tea', expiresOn: '2027-06-30' });
    give(rig, 'tea-soon', 20, { bucket: 'tea', expiresOn: '2026-12-31' });
    give(rig, 'base', 500);
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA, RICE], { pointsToSpend: 100 }));
    // 80 of tea pay 8.00 of the tea; 20 of base pay 2.00 of what is left.
    expect(reply.evaluation.points).toMatchObject({
      spent: 100,
      spentByBucket: { tea: 80, base: 20 },
    });
    await hold(rig, reply);
    expect(rig.store.holds.heldPoints(ANNA)).toEqual({ tea: 80, base: 20 });
    const other = await ringUp(rig, ANNA, basket('b2', [TEA], { pointsToSpend: 100 }));
    expect(other.evaluation.points).toMatchObject({ spent: 100, spentMinor: 1_000 });
    expect(other.evaluation.points).not.toHaveProperty('spentByBucket');
    const more = basket('b1', [TEA, RICE], { pointsToSpend: 90 });
    const again = value(await rig.till.evaluate(POS, more));
    expect(again.evaluation.points.spentByBucket).toEqual({ tea: 80, base: 10 });
    await hold(rig, again);
    const done = value(await rig.till.commit(POS, commitOf(again)));
    expect(rig.store.points.movementsOf(done.seq)).toMatchObject([
      { lotId: 'tea-soon', delta: -20, bucket: 'tea' },
      { lotId: 'tea-late', delta: -60, bucket: 'tea' },
      { lotId: 'base', delta: -10, bucket: 'base' },
      { delta: 51, bucket: 'base' },
      { delta: 4, bucket: '绿色' },
    ]);
    expect(rig.store.holds.heldPoints(ANNA)).toEqual({});
  });

  test('have lots of the form that headquarters keeps, whatever the category is called', async () => {
    const rig = open();
    const done = await sell(rig, ANNA, basket('b1', [RICE]));
    const green = lotsOf(rig).find(({ bucket }) => bucket === '绿色');
    expect(green).toMatchObject({ points: 5, source: `sale:${done.saleId}` });
    expect(green?.lotId).toMatch(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/);
  });

  test('are asked of their holder each by itself, and what it says decides the new evaluation', async () => {
    const asked: AllowanceRequest['what'][] = [];
    const rig = open({
      headquarters: (store) => {
        const own = createSelfAllowance(
          store,
          { now: () => TEST_NOW_MS },
          TEST_PLACE.store.timeZone,
        );
        return headquartersPort({
          state: () => ({ state: 'online', sinceMs: 0 }),
          allowance: {
            ...own,
            reserve(request) {
              asked.push(request.what);
              const isTea = request.what.kind === 'points' && request.what.bucket === 'tea';
              return isTea && request.what.kind === 'points' && request.what.points > 30
                ? Promise.resolve({
                    ok: false,
                    error: { code: 'allowance-refused', available: 30 },
                  } as const)
                : own.reserve(request);
            },
          },
        });
      },
    });
    give(rig, 'tea', 80, { bucket: 'tea' });
    give(rig, 'base', 500);
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA, RICE], { pointsToSpend: 100 }));
    const refusal = failed(
      await rig.till.hold(POS, {
        id: reply.evaluationId,
        basketHash: reply.basketHash,
        staffId: CASHIER,
      }),
    );
    expect(asked).toEqual([
      { kind: 'points', points: 80, bucket: 'tea' },
      { kind: 'points', points: 20 },
    ]);
    expect(refusal.code).toBe('allowance-refused');
    const fresh = (refusal.data as { evaluation: typeof reply }).evaluation;
    expect(fresh.evaluation.points.spentByBucket).toEqual({ tea: 30, base: 70 });
    await hold(rig, fresh);
    expect(value(await rig.till.commit(POS, commitOf(fresh)))).toMatchObject({ pointsSpent: 100 });
  });

  test('that cannot be asked for leave the base points to be spent', async () => {
    const rig = open({
      headquarters: (store) => {
        const own = createSelfAllowance(
          store,
          { now: () => TEST_NOW_MS },
          TEST_PLACE.store.timeZone,
        );
        return headquartersPort({
          allowance: {
            ...own,
            reserve: (request) =>
              request.what.kind === 'points' && request.what.bucket !== undefined
                ? Promise.resolve({ ok: false, error: { code: 'allowance-unreachable' } } as const)
                : own.reserve(request),
          },
        });
      },
    });
    give(rig, 'tea', 80, { bucket: 'tea' });
    give(rig, 'base', 500);
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA, RICE], { pointsToSpend: 100 }));
    const { evaluationId: id, basketHash } = reply;
    const refusal = failed(await rig.till.hold(POS, { id, basketHash, staffId: CASHIER }));
    const fresh = (refusal.data as { evaluation: typeof reply }).evaluation;
    expect(fresh.evaluation.points).toMatchObject({ spent: 100, spentMinor: 1_000 });
    expect(fresh.evaluation.points).not.toHaveProperty('spentByBucket');
    await hold(rig, fresh);
  });

  test('held by a basket are offered to it again only as far as they are still there', async () => {
    const rig = open();
    give(rig, 'soon', 50, { expiresOn: '2026-11-21' });
    give(rig, 'base', 50);
    const request = basket('b1', [RICE], { pointsToSpend: 100 });
    await hold(rig, await ringUp(rig, ANNA, request));
    give(rig, 'soon', 50, { expiresOn: '2026-11-20' });
    const again = value(await rig.till.evaluate(POS, request));
    expect(again.evaluation.points.spent).toBe(50);
  });

  test('owed of one category keep base points back', async () => {
    const rig = open();
    give(rig, 'base', 100);
    give(rig, 'owed', -40, { bucket: 'tea' });
    const reply = await ringUp(rig, ANNA, basket('b1', [RICE], { pointsToSpend: 100 }));
    expect(reply.evaluation.points.spent).toBe(60);
  });

  test(`of ${MEMBER_MAX_BUCKETS} categories are offered, those after them by name are not`, async () => {
    const rig = open();
    const names = Array.from(
      { length: MEMBER_MAX_BUCKETS + 1 },
      (_, n) => `a${String(n).padStart(3, '0')}`,
    );
    for (const bucket of names.slice(0, -1)) give(rig, `lot-${bucket}`, 1, { bucket });
    const offered = async (id: string) => {
      const reply = await ringUp(rig, ANNA, basket(id, [TEA]));
      await hold(rig, reply);
      const row = rig.store.holds.get(reply.evaluationId);
      const body = JSON.parse(row?.body ?? '') as {
        record: { input: { member: { pointsByBucket: Record<string, number> } } };
      };
      return Object.keys(body.record.input.member.pointsByBucket);
    };
    expect(await offered('b1')).toEqual(names.slice(0, -1));
    give(rig, 'lot-last', 1, { bucket: names.at(-1) as string });
    expect(await offered('b2')).toEqual(names.slice(0, -1));
  });
});

describe('points that wait for the end of the return window', () => {
  test('are shown and cannot be spent before their day, and are good from that day on', async () => {
    const rig = open({ rules: rules(', pendingDays: 14') });
    const done = await sell(rig, ANNA, basket('b1', [RICE]));
    expect(done).toMatchObject({ pointsEarned: 55, pointsBalance: 0 });
    expect(
      lotsOf(rig).map(({ bucket, points, availableOn, expiresOn }) => ({
        bucket,
        points,
        availableOn,
        expiresOn,
      })),
    ).toEqual(
      expect.arrayContaining([
        { bucket: 'base', points: 50, availableOn: '2026-12-05', expiresOn: '2027-12-05' },
        { bucket: '绿色', points: 5, availableOn: '2026-12-05', expiresOn: '2027-12-05' },
      ]),
    );
    const said = done.receipt.lines.map((line) => line.en);
    expect(said).toContain('  of these 55 can be spent from 2026-12-05');
    expect(said.at(-2)).toBe('Points balance 0');
    expect(value(await rig.till.memberGlance(ANNA))).toMatchObject({
      points: 0,
      pointsPending: 55,
      firstAvailableOn: '2026-12-05',
    });
    const spent = async (id: string) =>
      (await ringUp(rig, ANNA, basket(id, [TEA], { pointsToSpend: 50 }))).evaluation.points.spent;
    expect(await spent('b2')).toBe(0);
    daysLater(rig, 13);
    expect(await spent('b3')).toBe(0);
    daysLater(rig, 1);
    expect(await spent('b4')).toBe(50);
    const glance = value(await rig.till.memberGlance(ANNA));
    expect(glance.points).toBe(55);
    expect(glance).not.toHaveProperty('pointsPending');
  });

  test(`are named by the day on which they come free, ${RECEIPT_WAITING_DAYS_MAX} days at most`, async () => {
    const earning = (days: number, n: number) => `
  - id: wait-${days}-${n}
    name: { zh-CN: 等, en: Waits }
    lane: points-earn
    step: ${days * 2 + n}
    effect: { kind: points-earn, perMinor: 5000, points: 1, pendingDays: ${days}, bucket: c${n} }`;
    const until = (days: number) =>
      openTill({
        policy,
        rules: `ruleSet: waits\nversion: 1\ncurrency: CNY\nrules:${Array.from(
          { length: days },
          (_, n) => earning(n + 1, 0) + earning(n + 1, 1),
        ).join('')}\n`,
      });
    const lines = async (days: number) =>
      (await sell(until(days), ANNA, basket('b1', [RICE]))).receipt.lines
        .map(({ en }) => en)
        .filter((line) => line.startsWith('  of these'));
    const full = await lines(RECEIPT_WAITING_DAYS_MAX);
    expect(full).toHaveLength(RECEIPT_WAITING_DAYS_MAX);
    expect(full[0]).toBe('  of these 2 can be spent from 2026-11-22');
    const over = await lines(RECEIPT_WAITING_DAYS_MAX + 2);
    expect(over).toHaveLength(RECEIPT_WAITING_DAYS_MAX + 1);
    expect(over.at(-1)).toBe('  of these 4 can be spent later');
  });

  test('wait from the business day of the sale on', async () => {
    const rig = open({ rules: rules(', pendingDays: 2'), dayEndsAtMinute: 120 });
    // 01:00 on the 22nd in the store belongs to the 21st.
    daysLater(rig, 8.5 / 24);
    await sell(rig, ANNA, basket('b1', [RICE]));
    expect(lotsOf(rig)[0]?.availableOn).toBe('2026-11-23');
  });
});

describe('points owed', () => {
  test('are paid off by what the next sale earns, and the receipt says so', async () => {
    const rig = open();
    give(rig, 'owed', -30);
    expect(value(await rig.till.memberGlance(ANNA)).points).toBe(-30);
    const small = await sell(rig, ANNA, basket('b1', [TEA]));
    expect(small.pointsBalance).toBe(-20);
    expect(small.receipt.lines.slice(-3, -1)).toEqual([
      { 'zh-CN': '  其中抵扣所欠积分 10', en: '  of these set off against points owed 10' },
      { 'zh-CN': '尚欠积分 20', en: 'Points owed 20' },
    ]);
    const large = await sell(rig, ANNA, basket('b2', [RICE]));
    expect(large).toMatchObject({ pointsEarned: 55, pointsBalance: 35 });
    expect(rig.store.points.movementsOf(large.seq)).toMatchObject([
      { lotId: `${large.saleId}.b.base`, delta: 30, bucket: 'base' },
      { delta: 5, bucket: '绿色' },
      { lotId: 'owed', delta: 20, bucket: 'base' },
    ]);
    expect(lotsOf(rig).some(({ points }) => points < 0)).toBe(false);
  });

  test('are owed again once the goods that paid them off come back, the sale’s own lots going first', async () => {
    const rig = open();
    give(rig, 'owed', -30);
    const { saleId } = await sell(rig, ANNA, basket('b1', [{ ...TEA, qty: 5 }]));
    const left = () => lotsOf(rig).map(({ lotId, points }) => [lotId, points]);
    expect(left()).toEqual([[`${saleId}.b.base`, 20]]);
    const back = async (qty: number) =>
      value(
        await rig.till.returnGoods(POS, {
          returnId: `return-${qty}` as ReturnId,
          saleId: saleId as SaleId,
          lines: [{ lineId: 'l1' as LineId, qty }],
          referenceId: 'R-9',
          reason: 'too much',
          staffId: CASHIER as StaffId,
        }),
      );
    expect((await back(2)).pointsBalance).toBe(0);
    expect(left()).toEqual([]);
    const done = await back(3);
    expect(done.receipt.lines.at(-1)?.en).toBe('Points owed 30');
    expect(left()).toEqual([['owed', -30]]);
  });

  test('are paid off at once by points that would wait', async () => {
    const rig = open({ rules: rules(', pendingDays: 14') });
    give(rig, 'owed', -30);
    const done = await sell(rig, ANNA, basket('b1', [RICE]));
    expect(done.pointsBalance).toBe(0);
    expect(value(await rig.till.memberGlance(ANNA)).pointsPending).toBe(25);
  });

  test('of one member are nobody else’s', async () => {
    const rig = open();
    give(rig, 'owed', -30);
    expect((await sell(rig, BO, basket('b1', [TEA]))).pointsBalance).toBe(10);
    expect(lotsOf(rig)).toMatchObject([{ lotId: 'owed', points: -30 }]);
  });

  test('by a return are paid from what can be spent, so that they do not outlive it', async () => {
    const rig = open();
    const { saleId } = await sell(rig, ANNA, basket('b1', [{ ...TEA, qty: 5 }]));
    const spent = await ringUp(rig, ANNA, basket('b2', [TEA], { pointsToSpend: 50 }));
    await hold(rig, spent);
    value(await rig.till.commit(POS, commitOf(spent)));
    give(rig, 'soon', 100, { expiresOn: '2026-12-31' });
    const back = value(
      await rig.till.returnGoods(POS, {
        returnId: 'return-1' as ReturnId,
        saleId: saleId as SaleId,
        lines: [{ lineId: 'l1' as LineId, qty: 5 }],
        referenceId: 'R-9',
        reason: 'too much',
        staffId: CASHIER as StaffId,
      }),
    );
    expect(rig.store.points.movementsOf(back.seq)).toMatchObject([
      { lotId: `${saleId}.b.base`, delta: -50 },
      { lotId: 'soon', delta: -50 },
      { lotId: `${saleId}.b.base`, delta: 50 },
    ]);
    // What is left of the lot, and what the second sale earned.
    expect(lotsOf(rig).map(({ points }) => points)).toEqual([50, 5]);
  });

  test('beside points that can be spent are paid by the next sale', async () => {
    const rig = open();
    give(rig, 'owed', -30);
    give(rig, 'soon', 100, { expiresOn: '2026-12-31' });
    const done = await sell(rig, ANNA, basket('b1', [TEA]));
    expect(rig.store.points.movementsOf(done.seq)).toMatchObject([
      { lotId: 'owed', delta: 10 },
      { lotId: 'soon', delta: -20 },
      { lotId: 'owed', delta: 20 },
    ]);
    expect(lotsOf(rig)).toMatchObject([{ lotId: 'soon', points: 80 }]);
  });

  test.each(['owed', 'o.base', 'b.base', 'w7.base', 'base.after7'])(
    'of base are a lot of their own beside points earned of a category called %s',
    async (name) => {
      const rig = open({ rules: rules().replaceAll('绿色', name) });
      give(rig, 'copy', 100);
      const reply = await ringUp(rig, ANNA, basket('b1', [RICE], { pointsToSpend: 100 }));
      await hold(rig, reply);
      give(rig, 'copy', 40);
      const done = value(await rig.till.commit(POS, commitOf(reply)));
      const moved = rig.store.points.movementsOf(done.seq);
      expect(moved.reduce((sum, { delta }) => sum + delta, 0)).toBe(
        reply.evaluation.points.earned - 100,
      );
      const left = lotsOf(rig).reduce((sum, { points }) => sum + points, 0);
      expect(left).toBe(40 - 100 + reply.evaluation.points.earned);
    },
  );

  test('of a category are kept back from another one also where base is promised to a running sale', async () => {
    const rig = open();
    give(rig, 'base', 100);
    give(rig, 'tea', 50, { bucket: 'tea' });
    give(rig, 'owed', -60, { bucket: 'red' });
    const first = await ringUp(rig, ANNA, basket('b1', [RICE], { pointsToSpend: 40 }));
    expect(first.evaluation.points.spent).toBe(40);
    await hold(rig, first);
    // 100 and 50 less 60 owed and 40 promised.
    const spends = async (id: string) =>
      (await ringUp(rig, ANNA, basket(id, [TEA], { pointsToSpend: 200 }))).evaluation.points.spent;
    expect(await spends('b2')).toBe(50);
    give(rig, 'owed', -100, { bucket: 'red' });
    expect(await spends('b3')).toBe(10);
  });

  test('arise by category where the till’s own lots hold less than was promised', async () => {
    const rig = open();
    give(rig, 'tea', 80, { bucket: 'tea' });
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA], { pointsToSpend: 80 }));
    await hold(rig, reply);
    give(rig, 'tea', 30, { bucket: 'tea' });
    const done = value(await rig.till.commit(POS, commitOf(reply)));
    expect(rig.store.points.movementsOf(done.seq)).toMatchObject([
      { lotId: 'tea', delta: -30, bucket: 'tea' },
      { lotId: `${done.saleId}.o.tea`, delta: -50, bucket: 'tea' },
      { delta: 2, bucket: 'base' },
    ]);
  });
});
