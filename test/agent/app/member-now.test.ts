import { describe, expect, test } from 'vitest';
import type { LineId, MemberId, ReturnId, SaleId } from '../../../agent/contract/index.ts';
import type { FeedRow } from '../../../sync/protocol/feed.ts';
import {
  ANNA,
  BO,
  basket,
  CASHIER,
  type Line,
  member,
  openTill,
  POS,
  type Rig,
  ringUp,
  sell,
  value,
} from './rig.ts';

/** The priority lane from 10,000.00 a year on, a ladder of two months, and a donation from campaign money. */
const RULES = `
ruleSet: history
version: 1
currency: CNY
rules:
  - id: regulars
    name: { zh-CN: 老客户减一分, en: Regulars }
    lane: basket
    when: member.yearSpendMinor >= 1000000
    effect: { kind: fixed-off-order, amountMinor: 1 }
  - id: lane
    name: { zh-CN: 优先通道, en: Priority lane }
    lane: entitlement
    when: member.yearSpendMinor + basket.runningMinor >= 1000000
    effect: { kind: entitlement, entitlement: priority-lane, validDays: 30 }
  - id: ladder
    name: { zh-CN: 连续两月, en: Two months }
    lane: entitlement
    effect: { kind: month-ladder, months: 2, fromMinor: 500000, tier: platinum }
  - id: trees
    name: { zh-CN: 植树, en: Trees }
    lane: entitlement
    effect: { kind: donation, cause: 植树, perMinor: 1000, amountMinor: 10 }
    budget: { id: trees, limitMinor: 1000 }
`;
const TIERS = [
  { tier: 'silver', yearSpendMinorFrom: 0 },
  { tier: 'gold', yearSpendMinorFrom: 1_000_000 },
  { tier: 'platinum', yearSpendMinorFrom: 90_000_000 },
];

const open = () => openTill({ rules: RULES });
const goods = (unitPriceMinor: number, qty = 1): Line => ({ sku: 'rice', unitPriceMinor, qty });
let version = 1_000;
const row = (table: string, key: string, body: unknown): FeedRow => {
  version += 1;
  return [table, key, version, JSON.stringify(body)];
};
/** What headquarters counted, and up to which entry of this till. */
function comesDown(rig: Rig, facts: Parameters<typeof member>[1], bookedSeq = 0): void {
  const booked = { [`${rig.store.tillId}:${rig.store.incarnation}`]: bookedSeq };
  rig.store.sync.apply([
    row('points', BO, { memberId: BO, lots: [], booked }),
    row('member', BO, member(BO, { tier: 'silver', ...facts })),
    row('setting', 'tiers', TIERS),
  ]);
}
const glance = async (rig: Rig, id: MemberId = BO) => value(await rig.till.memberGlance(id));
const back = (saleId: string, returnId: string, qty: number) => ({
  returnId: returnId as ReturnId,
  saleId: saleId as SaleId,
  lines: [{ lineId: 'l1' as LineId, qty }],
  referenceId: 'R-9',
  reason: 'does not fit',
  staffId: CASHIER as never,
});

describe('while no line to headquarters is up', () => {
  test('9,999.99 and 0.01 at the same till are 10,000.00 for the next sale', async () => {
    const rig = open();
    comesDown(rig, { yearSpendMinor: 999_998 });
    const first = await ringUp(rig, BO, basket('b1', [goods(1)]));
    expect(first.evaluation.entitlements).toEqual([]);
    await sell(rig, BO, basket('b1', [goods(1)]));
    expect(await glance(rig)).toMatchObject({ yearSpendMinor: 999_999, entitlements: [] });
    // With this fen the right is given, and shown at once.
    await sell(rig, BO, basket('b2', [goods(1)]));
    expect(await glance(rig)).toMatchObject({
      yearSpendMinor: 1_000_000,
      tier: 'gold',
      entitlements: [{ kind: 'priority-lane', validUntil: '2026-12-21' }],
    });
    const next = await ringUp(rig, BO, basket('b3', [goods(100)]));
    expect(next.member).toMatchObject({ tier: 'gold', yearSpendMinor: 1_000_000 });
    expect(next.evaluation.discountMinor).toBe(1);
    expect(rig.till.laneBoard()).toMatchObject({
      value: { members: [{ memberId: BO, tier: 'gold' }] },
    });
  });

  test('months and the last purchase count too, so a ladder is climbed here and its tier stands', async () => {
    const rig = open();
    comesDown(rig, { monthSpendMinor: { '2026-10': 500_000, '2026-11': 400_000 } });
    const short = await sell(rig, BO, basket('b1', [goods(99_999)]));
    expect((await glance(rig)).tier).toBe('silver');
    await sell(rig, BO, basket('b2', [goods(1)]));
    expect((await glance(rig)).tier).toBe('platinum');
    // It stays when goods come back: only the monthly run takes it.
    value(await rig.till.returnGoods(POS, back(short.saleId, 'r1', 1)));
    expect(await glance(rig)).toMatchObject({ tier: 'platinum', yearSpendMinor: 1 });
  });

  test('goods that come back count off, and rights go with the last of them', async () => {
    const rig = open();
    comesDown(rig, { yearSpendMinor: 999_000 });
    const sale = await sell(rig, BO, basket('b1', [goods(1_000, 2)]));
    expect((await glance(rig)).entitlements).toHaveLength(1);
    value(await rig.till.returnGoods(POS, back(sale.saleId, 'r1', 1)));
    expect(await glance(rig)).toMatchObject({ yearSpendMinor: 1_000_000 });
    expect((await glance(rig)).entitlements).toHaveLength(1);
    value(await rig.till.returnGoods(POS, back(sale.saleId, 'r2', 1)));
    expect(await glance(rig)).toMatchObject({ yearSpendMinor: 999_000, entitlements: [] });
  });

  test('what comes back in a later month lowers the month of its sale', async () => {
    const rig = open();
    comesDown(rig, { monthSpendMinor: { '2026-11': 100_000 } });
    const sale = await sell(rig, BO, basket('b1', [goods(400_000)]));
    // Nothing but the date has to pass.
    rig.time.wallMs += 12 * 24 * 3_600_000;
    const climbs = async (id: string) =>
      (await ringUp(rig, BO, basket(id, [goods(500_000)]))).evaluation.tierAfter;
    expect(await climbs('b2')).toBe('platinum');
    value(await rig.till.returnGoods(POS, back(sale.saleId, 'r1', 1)));
    expect(await climbs('b3')).toBeUndefined();
    // Nothing of December is gone.
    await sell(rig, BO, basket('b4', [goods(1)]));
    expect((await glance(rig)).yearSpendMinor).toBe(1);
  });

  test('what another member bought counts for nobody else', async () => {
    const rig = open();
    comesDown(rig, { yearSpendMinor: 5 });
    await sell(rig, ANNA, basket('b1', [goods(700)]));
    await sell(rig, null, basket('b2', [goods(900)]));
    expect((await glance(rig)).yearSpendMinor).toBe(5);
    expect((await glance(rig, ANNA)).yearSpendMinor).toBe(700);
  });
});

test("once headquarters has counted them, this till's entries count once, and so after a restart", async () => {
  const rig = open();
  comesDown(rig, { yearSpendMinor: 100 });
  const first = await sell(rig, BO, basket('b1', [goods(10)]));
  await sell(rig, BO, basket('b2', [goods(1)]));
  expect((await glance(rig)).yearSpendMinor).toBe(111);
  comesDown(rig, { yearSpendMinor: 110, completedOrders: 1 }, first.seq);
  expect((await glance(rig)).yearSpendMinor).toBe(111);
  rig.restart();
  expect((await glance(rig)).yearSpendMinor).toBe(111);
  comesDown(rig, { yearSpendMinor: 111, completedOrders: 2 }, first.seq + 1);
  expect((await glance(rig)).yearSpendMinor).toBe(111);
});

test('what goes up with a sale and its return says channel, rights, tier and the day of the sale', async () => {
  const rig = open();
  comesDown(rig, { yearSpendMinor: 999_999, monthSpendMinor: { '2026-10': 500_000 } });
  const sale = await sell(rig, BO, basket('b1', [goods(500_000)], { channel: 'app' }));
  rig.time.wallMs += 24 * 3_600_000;
  value(await rig.till.returnGoods(POS, back(sale.saleId, 'r1', 1)));
  const facts = rig.store.sync
    .nextUpload(200, 4_000_000)
    .flatMap((item) => (item.kind === 'entry' ? [item.facts] : []));
  expect(facts[0]).toMatchObject({
    channel: 'app',
    entitlements: [{ kind: 'priority-lane', validUntil: '2026-12-21' }],
    tierAfter: 'platinum',
  });
  expect(facts[0]).not.toHaveProperty('saleDay');
  expect(facts[1]).toMatchObject({ spendMinor: -500_000, orders: -1, saleDay: '2026-11-21' });
  expect(facts[1]).not.toHaveProperty('channel');
});

test('a donation stands on the receipt, takes its campaign money, and gives it back with the goods', async () => {
  const rig = open();
  comesDown(rig, {});
  const sale = await sell(rig, BO, basket('b1', [goods(1_000, 3)]));
  expect(sale.payableMinor).toBe(3_000);
  expect(sale.receipt.lines).toContainEqual({
    'zh-CN': '本单公益捐赠 0.30 元（植树），由我们承担',
    en: expect.stringMatching(/^Donated for this purchase .*0\.30 \(植树\), paid by us$/),
  });
  const used = () => rig.store.ruleUses.budgetUsedMinor('trees', undefined);
  expect(used()).toBe(30);
  const first = value(await rig.till.returnGoods(POS, back(sale.saleId, 'r1', 1)));
  expect(used()).toBe(20);
  expect(first.receipt.lines[2]).toEqual({
    'zh-CN': '本单公益捐赠减少 0.10 元',
    en: expect.stringMatching(/^Donated less .*0\.10$/),
  });
  const second = value(await rig.till.returnGoods(POS, back(sale.saleId, 'r2', 2)));
  expect(used()).toBe(0);
  expect(second.receipt.lines[2]?.['zh-CN']).toBe('本单公益捐赠减少 0.20 元');
});
