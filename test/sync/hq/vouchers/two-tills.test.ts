import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EvaluateReply, evaluateRequestSchema } from '../../../../agent/contract/index.ts';
import { seedChain } from '../../../../sync/hq/records/seed-chain.ts';
import { ruleFile } from '../../../support/benefits.ts';
import { type ChainTill, openChainTill, POS, sellAt, value } from '../../../support/chain-till.ts';
import { HQ_START_LIMIT_MS, startTestHq, type TestHq, testStore } from '../../../support/hq.ts';
import { CASHIER, smallChain } from '../../../support/small-chain.ts';
import { cinema, voucherOf } from '../../../support/vouchers.ts';

/** Monday 2026-11-16, 09:00 in Shanghai. */
const time = { ms: Date.UTC(2026, 10, 16, 1) };

/** One partner that wants to be asked, and one that does not. */
const RULES = ruleFile(
  [
    ...['cinema', 'circus'].map((partner) => ({
      id: partner,
      lane: 'coupon',
      effect: { kind: 'voucher-value' },
      voucher: { partner, campaign: 'tickets' },
    })),
    {
      id: 'two',
      lane: 'coupon',
      effect: { kind: 'fixed-off-order', amountMinor: 100 },
      coupon: { code: 'TWO', uses: { times: 2 } },
    },
  ],
  { partners: [cinema(), cinema({ id: 'circus', offline: 'accept' })] },
);

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
      members: [],
      lots: [],
      articles: chain.articles,
      tags: [],
    },
    { settings: {}, rules: RULES },
  );
  one = await openChainTill(hq, { tillId: 's1-t1', storeId: 's1', time });
  other = await openChainTill(hq, { tillId: 's2-t1', storeId: 's2', time });
}, HQ_START_LIMIT_MS * 2);

afterAll(async () => {
  await one?.close();
  await other?.close();
  await hq?.close();
});

let baskets = 0;

function basket(codes: readonly string[]) {
  baskets += 1;
  return evaluateRequestSchema.parse({
    id: `vouchers-${baskets}`,
    currency: 'CNY',
    lines: [{ lineId: 'l1', sku: 'any', qty: 1, unitPriceMinor: 5_000 }],
    codes,
  });
}

const sold = async (till: ChainTill, codes: readonly string[]) =>
  (await sellAt(till, null, basket(codes), CASHIER.staffId)).reply.evaluation.payableMinor;

/** Why a rule gives nothing when the basket is held at once. */
async function refusedAt({ till }: ChainTill, codes: readonly string[], ruleId: string) {
  const reply = value(await till.evaluate(POS, basket(codes)));
  const { evaluationId: id, basketHash } = reply;
  const held = await till.hold(POS, { id, basketHash, staffId: CASHIER.staffId });
  const last = held.ok
    ? reply
    : (held.error.data as { readonly evaluation: EvaluateReply }).evaluation;
  return last.evaluation.outcomes.find((outcome) => outcome.ruleId === ruleId)?.code;
}

const cases = async (): Promise<string[]> =>
  (await hq.deps.db.query<{ code: string }>('SELECT code FROM exceptions ORDER BY id')).map(
    ({ code }) => code,
  );

describe('a voucher used twice at two tills', () => {
  test('is refused at the second while headquarters can be asked', async () => {
    const text = voucherOf({ voucherId: 'ASKED' });
    expect(await sold(one, [text])).toBe(3_000);
    expect(await refusedAt(other, [text], 'cinema')).toBe('voucher-used');
    await one.settled();
    expect(await refusedAt(other, [text], 'cinema')).toBe('voucher-used');
    expect(await cases()).toEqual([]);
  });

  test('is refused at a till without a network, unless its partner says otherwise', async () => {
    await other.cut();
    expect(await refusedAt(other, [voucherOf({ voucherId: 'AWAY' })], 'cinema')).toBe(
      'allowance-unreachable',
    );
    const text = voucherOf({ voucherId: 'TWICE', partner: 'circus' });
    expect(await sold(one, [text])).toBe(3_000);
    expect(await sold(other, [text])).toBe(3_000);
    await one.settled();
    expect(await cases()).toEqual([]);
    await other.mend();
    expect(await cases()).toEqual(['voucher-used-twice']);
    const [row] = await hq.deps.db.query<{ detail: string }>('SELECT detail FROM exceptions');
    expect(JSON.parse(row?.detail ?? '{}')).toMatchObject({
      coupon: 'voucher:circus:TWICE',
      usedByTill: 's1-t1',
    });
    const sales = await hq.deps.db.query(`SELECT 1 FROM ledger WHERE kind = 'sale'`);
    expect(sales).toHaveLength(3);
  });
});

test('a coupon that is good twice serves two tills once each, and then nobody', async () => {
  expect([await sold(one, ['TWO']), await sold(other, ['TWO'])]).toEqual([4_900, 4_900]);
  for (const till of [one, other])
    expect(await refusedAt(till, ['TWO'], 'two')).toBe('coupon-used');
});

test('neither headquarters nor its log has the text of a voucher', async () => {
  const [signature = ''] = voucherOf({ voucherId: 'TWICE', partner: 'circus' })
    .split('~')
    .reverse();
  const rows = await hq.deps.db.query('SELECT facts, header FROM ledger');
  expect(JSON.stringify([rows, hq.logged])).not.toContain(signature);
});
