import { afterAll, beforeAll, expect, test } from 'vitest';
import { evaluateRequestSchema, type ReturnRequest } from '../../agent/contract/index.ts';
import { runTiers } from '../../sync/hq/books/tier-run/run-tiers.ts';
import { seedChain } from '../../sync/hq/records/seed-chain.ts';
import { ruleFile } from '../support/benefits.ts';
import { type ChainTill, openChainTill, POS, sellAt, value } from '../support/chain-till.ts';
import { HQ_START_LIMIT_MS, startTestHq, type TestHq, testStore } from '../support/hq.ts';
import { must } from '../support/must.ts';
import { CASHIER, cardOf, smallChain } from '../support/small-chain.ts';

/** Monday 2026-11-16, 09:00 in Shanghai. */
const time = { ms: Date.UTC(2026, 10, 16, 1) };
const MEMBER = 'member-1';

const RULES = ruleFile([
  {
    id: 'lane',
    lane: 'entitlement',
    when: 'member.yearSpendMinor + basket.runningMinor >= 1000000',
    effect: { kind: 'entitlement', entitlement: 'priority-lane', validDays: 30 },
  },
  {
    id: 'ladder',
    lane: 'entitlement',
    effect: { kind: 'month-ladder', months: 2, fromMinor: 500_000, tier: 'platinum' },
  },
]);
const TIERS = [
  { tier: 'standard', yearSpendMinorFrom: 0 },
  { tier: 'gold', yearSpendMinorFrom: 1_000_000 },
  { tier: 'platinum', yearSpendMinorFrom: 90_000_000 },
];

let hq: TestHq;
let one: ChainTill;
let other: ChainTill;

beforeAll(async () => {
  hq = await startTestHq({ stores: [], tls: 'http', nowMs: () => time.ms });
  const chain = smallChain(2);
  await seedChain(
    hq.deps,
    {
      stores: [testStore('s1'), testStore('s2')] as never,
      staff: chain.staff.map((staff) => ({ ...staff, storeId: null })),
      members: chain.members.map((member) => ({
        ...member,
        entitlements: [],
        homeStoreId: 's1' as never,
      })),
      lots: [],
      articles: chain.articles,
      tags: [],
    },
    { settings: { tiers: TIERS }, rules: RULES },
  );
  one = await openChainTill(hq, { tillId: 's1-t1', storeId: 's1', time });
  other = await openChainTill(hq, { tillId: 's1-t2', storeId: 's1', time });
}, HQ_START_LIMIT_MS * 2);

afterAll(async () => {
  await one?.close();
  await other?.close();
  await hq?.close();
});

let baskets = 0;
function sell(till: ChainTill, unitPriceMinor: number) {
  baskets += 1;
  const request = evaluateRequestSchema.parse({
    id: `history-${baskets}`,
    currency: 'CNY',
    lines: [{ lineId: 'l1', sku: 'any', qty: 1, unitPriceMinor }],
  });
  return sellAt(till, cardOf(1), request, CASHIER.staffId);
}
const takeBack = async ({ till }: ChainTill, saleId: string) =>
  value(
    await till.returnGoods(POS, {
      returnId: `back-${saleId}`,
      saleId,
      lines: [{ lineId: 'l1', qty: 1 }],
      referenceId: 'R-9',
      reason: 'does not fit',
      staffId: CASHIER.staffId,
    } as ReturnRequest),
  );
const seen = async ({ till }: ChainTill) => value(await till.memberGlance(MEMBER));
/** Each may have sent what the other has to hear. */
const settled = async () => {
  for (const till of [one, other, one]) await till.settled();
};

test('what one till sells without a network counts there at once and, once it is mended, at the other, and once at both', async () => {
  await one.cut();
  await sell(one, 999_999);
  expect(await seen(one)).toMatchObject({ yearSpendMinor: 999_999, tier: 'standard' });
  const { saleId } = await sell(one, 1);
  const all = {
    yearSpendMinor: 1_000_000,
    tier: 'gold',
    entitlements: [{ kind: 'priority-lane', validUntil: '2026-12-16' }],
  };
  expect(await seen(one)).toMatchObject(all);
  expect(await seen(other)).toMatchObject({ yearSpendMinor: 0, entitlements: [] });
  await one.mend();
  await settled();
  expect(await seen(one)).toMatchObject(all);
  expect(await seen(other)).toMatchObject(all);
  // The right goes with the fen that brought it, and the tier stays.
  await takeBack(one, saleId);
  const fewer = { yearSpendMinor: 999_999, tier: 'gold', entitlements: [] };
  expect(await seen(one)).toMatchObject(fewer);
  await settled();
  expect(await seen(other)).toMatchObject(fewer);
});

test('a ladder climbed over two months is taken back by the monthly run once goods of it came back', async () => {
  time.ms = Date.UTC(2026, 11, 20, 1);
  await settled();
  expect((await sell(other, 499_999)).reply.evaluation.tierAfter).toBeUndefined();
  await settled();
  const { reply, saleId } = await sell(one, 1);
  expect(reply.evaluation.tierAfter).toBe('platinum');
  await settled();
  expect((await seen(other)).tier).toBe('platinum');
  time.ms = Date.UTC(2027, 0, 3, 1);
  await takeBack(one, saleId);
  await settled();
  // The fen counts for December, in which it was bought.
  expect((await seen(other)).tier).toBe('platinum');
  const run = must(await runTiers(hq.deps, { month: '2026-12', dryRun: false }));
  expect(run.changes).toMatchObject([
    {
      memberId: MEMBER,
      from: 'platinum',
      to: 'gold',
      inputs: {
        tierGiven: 'standard',
        monthsMinor: { '2026-11': 999_999, '2026-12': 499_999 },
        granted: ['platinum'],
      },
    },
  ]);
  await settled();
  for (const till of [one, other]) expect((await seen(till)).tier).toBe('gold');
});
