import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type {
  EvaluateRequest,
  Failure,
  Result,
  ReturnRequest,
} from '../../agent/contract/index.ts';
import { type ChainTill, openChainTill, POS, sellAt, value } from '../support/chain-till.ts';
import { HQ_START_LIMIT_MS, startTestHq, type TestHq } from '../support/hq.ts';
import { seedSmallChain } from '../support/seed-small-chain.ts';
import { CASHIER, cardOf, SMALL_RULES } from '../support/small-chain.ts';

/** 2026-11-21 16:30 in Shanghai. */
const NOON_MS = Date.UTC(2026, 10, 21, 8, 30);

/** The small chain's rules with a benefit that kept goods may not reach any more. */
const RULES = `${SMALL_RULES}
  - id: threshold
    name: { zh-CN: 满300减60, en: 60 off 300 }
    lane: basket
    step: 2
    when: basket.listMinor >= 30000
    effect: { kind: fixed-off-order, amountMinor: 6000 }
    returnPolicy: recompute
    budget: { id: spring, limitMinor: 100000 }
`.replace('version: 1\n', 'version: 1\nreturns: { windowDays: 30 }\n');

let hq: TestHq;
let home: ChainTill;
let away: ChainTill;

beforeAll(async () => {
  hq = await startTestHq({ stores: [], tls: 'http', nowMs: () => NOON_MS });
  await seedSmallChain(hq.deps, 20, { stores: ['s1', 's2'], rules: RULES });
  const time = { ms: NOON_MS };
  home = await openChainTill(hq, { tillId: 'a1', storeId: 's1', time });
  away = await openChainTill(hq, { tillId: 'b1', storeId: 's2', time });
}, HQ_START_LIMIT_MS);

afterAll(async () => {
  await home?.close();
  await away?.close();
  await hq?.close();
});

beforeEach(async () => {
  await home.mend();
  await away.mend();
});
afterEach(() => hq.deps.db.query('DELETE FROM return_claims'));

let n = 0;

/** Three pieces of soap at 100 yuan for the nth member: 60 yuan off, 240 points. */
async function sold(nth: number | null, qty = 3): Promise<string> {
  n += 1;
  const request = {
    id: `basket-${n}`,
    currency: 'CNY',
    lines: [{ lineId: 'l1', sku: 'soap', qty, unitPriceMinor: 10_000 }],
    codes: [],
    channel: 'store',
  } as unknown as EvaluateRequest;
  const card = nth === null ? null : cardOf(nth);
  return (await sellAt(home, card, request, CASHIER.staffId)).saleId;
}

function back(saleId: string, qty: number, returnId = `ret-${++n}`): ReturnRequest {
  return {
    returnId,
    saleId,
    lines: [{ lineId: 'l1', qty }],
    referenceId: 'R-2',
    reason: 'does not fit',
    staffId: CASHIER.staffId,
  } as unknown as ReturnRequest;
}

async function failed<T>(
  answer: Result<T, Failure> | Promise<Result<T, Failure>>,
): Promise<Failure> {
  const result = await answer;
  if (result.ok) throw new Error(`expected a failure, got ${JSON.stringify(result.value)}`);
  return result.error;
}

async function pointsOf(nth: number): Promise<number> {
  const [row] = await hq.deps.db.query<{ body: string }>(
    'SELECT body FROM point_accounts WHERE member_id = $1',
    [`member-${nth}`],
  );
  const { lots } = JSON.parse(row?.body ?? '{"lots":[]}') as { lots: { points: number }[] };
  return lots.reduce((sum, { points }) => sum + points, 0);
}

async function exceptions(): Promise<string[]> {
  const rows = await hq.deps.db.query<{ code: string }>('SELECT code FROM exceptions ORDER BY id');
  return rows.map(({ code }) => code);
}

test('goods come back at another store: the kept goods are computed at headquarters, the rest comes back at home', async () => {
  const saleId = await sold(1);
  await home.settled();
  await away.settled();
  expect(value(await away.till.soldSale(saleId))).toMatchObject({
    origin: 'headquarters',
    tillId: 'a1',
    storeId: 's1',
    payableMinor: 24_000,
    returnUntil: '2026-12-21',
    lines: [{ lineId: 'l1', sku: 'soap', qty: 3, unitsLeft: 3, benefits: [{ en: '60 off 300' }] }],
  });
  const request = back(saleId, 1);
  const quote = value(
    await away.till.quoteReturn(POS, { saleId: request.saleId, lines: request.lines }),
  );
  expect(quote).toMatchObject({
    origin: 'headquarters',
    mode: 'recompute',
    refundMinor: 4_000,
    pointsToClawBack: 40,
    pointsBalance: { before: 1_240, after: 1_200 },
    losses: [{ code: 'benefit', ruleId: 'threshold' }, { code: 'points-earned' }],
  });
  const booked = value(
    await away.till.returnGoods(POS, { ...request, quoteHash: quote.quoteHash }),
  );
  expect(booked).toMatchObject({ payableMinor: -4_000, pointsBalance: 1_200 });
  // Before its return has gone up, the till goes on from its own record.
  const second = value(await away.till.returnGoods(POS, back(saleId, 1)));
  expect(second).toMatchObject({ payableMinor: -10_000, pointsBalance: 1_100 });
  await away.settled();
  expect(value(await home.till.soldSale(saleId)).lines[0]?.unitsLeft).toBe(1);
  expect(await failed(home.till.returnGoods(POS, back(saleId, 2)))).toMatchObject({
    code: 'return-too-much',
    data: { unitsLeft: 1 },
  });
  const last = value(await home.till.returnGoods(POS, back(saleId, 1)));
  expect(last).toMatchObject({ payableMinor: -10_000 });
  await home.settled();
  expect(await pointsOf(1)).toBe(1_000);
  const uses = await hq.deps.db.query<{ left: number }>(
    `SELECT coalesce(sum(amount_minor), 0)::bigint AS left FROM rule_uses WHERE budget_id = 'spring'`,
  );
  expect(uses).toEqual([{ left: 0 }]);
  expect(await exceptions()).toEqual([]);
});

test('what came back elsewhere counts once, however often headquarters tells it', async () => {
  const saleId = await sold(8, 5);
  await home.settled();
  value(await away.till.returnGoods(POS, back(saleId, 1)));
  await away.settled();
  for (const left of [3, 2, 1, 0]) {
    value(await home.till.returnGoods(POS, back(saleId, 1)));
    expect(value(await home.till.soldSale(saleId)).lines[0]?.unitsLeft).toBe(left);
  }
  await home.settled();
  expect(await pointsOf(8)).toBe(1_000);
  expect(await exceptions()).toEqual([]);
});

test('the same return id at another till changes nothing', async () => {
  const saleId = await sold(2);
  await home.settled();
  const request = back(saleId, 1);
  value(await away.till.returnGoods(POS, request));
  await away.settled();
  expect(await failed(home.till.returnGoods(POS, request))).toMatchObject({
    code: 'return-elsewhere',
    data: { tillId: 'b1' },
  });
  // At its own till it is answered again, without asking anybody.
  const seq = away.store.ledger.head().seq;
  expect(value(await away.till.returnGoods(POS, request)).seq).toBe(seq);
});

test('while another till is at it a return waits', async () => {
  const saleId = await sold(3);
  await home.settled();
  await hq.deps.db.query(
    `INSERT INTO return_claims VALUES ('ret-other', $1, 'b9', 'incarnation-b9', $2, $3)`,
    [saleId, NOON_MS, NOON_MS + 60_000],
  );
  for (const till of [home, away])
    expect(await failed(till.till.returnGoods(POS, back(saleId, 1)))).toMatchObject({
      code: 'return-elsewhere',
      data: { tillId: 'b9' },
    });
  expect(await hq.deps.db.query('SELECT 1 FROM return_claims')).toHaveLength(1);
});

test('a return that is refused leaves no claim behind', async () => {
  const saleId = await sold(4);
  await home.settled();
  expect((await failed(away.till.returnGoods(POS, back(saleId, 4)))).code).toBe('return-too-much');
  while ((await hq.deps.db.query('SELECT 1 FROM return_claims')).length > 0)
    await new Promise((again) => setTimeout(again, 5));
  value(await home.till.returnGoods(POS, back(saleId, 3)));
});

test('a sale that this till cannot look up is never guessed', async () => {
  await home.settled();
  await home.cut();
  const saleId = await sold(5);
  expect(await failed(away.till.returnGoods(POS, back(saleId, 1)))).toMatchObject({
    code: 'sale-not-here',
    data: { reason: 'unknown' },
  });
  await home.mend();
  await away.cut();
  expect(await failed(away.till.returnGoods(POS, back(saleId, 1)))).toMatchObject({
    code: 'sale-not-here',
    data: { reason: 'offline' },
  });
});

test('goods that came back at two tills while one was away are found by headquarters', async () => {
  const saleId = await sold(6);
  await home.settled();
  await home.cut();
  value(await home.till.returnGoods(POS, back(saleId, 3)));
  value(await away.till.returnGoods(POS, back(saleId, 1)));
  await away.settled();
  expect(await exceptions()).toEqual([]);
  await home.mend();
  expect(await exceptions()).toContain('returned-twice');
});

/** Two lines: soap of which one piece came back at home unseen, and one more of them at the other till. */
async function twice(nth: number, unitPriceMinor: number): Promise<string> {
  n += 1;
  const line = (lineId: string) => ({ lineId, sku: 'soap', qty: 1, unitPriceMinor });
  const request = {
    id: `basket-${n}`,
    currency: 'CNY',
    lines: [line('l1'), line('l2')],
    codes: [],
    channel: 'store',
  } as unknown as EvaluateRequest;
  const { saleId } = await sellAt(home, cardOf(nth), request, CASHIER.staffId);
  await home.settled();
  await home.cut();
  value(await home.till.returnGoods(POS, back(saleId, 1)));
  value(await away.till.returnGoods(POS, back(saleId, 1)));
  await away.settled();
  await home.mend();
  await home.settled();
  return saleId;
}

const rest = (saleId: string): ReturnRequest =>
  ({ ...back(saleId, 1), lines: [{ lineId: 'l2', qty: 1 }] }) as unknown as ReturnRequest;

test.each([
  { kind: 'that is kept', nth: 9, at: () => home, unitPriceMinor: 10_000, first: 10_000 },
  { kind: 'that is kept', nth: 10, at: () => away, unitPriceMinor: 10_000, first: 10_000 },
  { kind: 'computed again', nth: 11, at: () => home, unitPriceMinor: 20_000, first: 14_000 },
  { kind: 'computed again', nth: 12, at: () => away, unitPriceMinor: 20_000, first: 14_000 },
])(
  'after a unit came back twice the rest of a sale $kind comes back as if it had once',
  async (of) => {
    const saleId = await twice(of.nth, of.unitPriceMinor);
    const till = of.at();
    await till.settled();
    const request = rest(saleId);
    const quote = value(
      await till.till.quoteReturn(POS, { saleId: request.saleId, lines: request.lines }),
    );
    expect(quote).toMatchObject({ refundMinor: of.unitPriceMinor, takenBackMinor: 0 });
    value(await till.till.returnGoods(POS, request));
    await till.settled();
    const lines = value(await till.till.soldSale(saleId)).lines;
    expect(lines.map(({ unitsLeft }) => unitsLeft)).toEqual([0, 0]);
    expect(await hq.deps.db.query('SELECT 1 FROM return_claims')).toEqual([]);
    const [member] = await hq.deps.db.query<{ body: string }>(
      'SELECT body FROM members WHERE member_id = $1',
      [`member-${of.nth}`],
    );
    const counted = JSON.parse(member?.body ?? '{}');
    expect([counted.completedOrders, counted.completedOrdersBeyond]).toEqual([0, undefined]);
  },
);

async function caseOf(code: string, saleId: string): Promise<Record<string, unknown>[]> {
  const rows = await hq.deps.db.query<{ detail: string }>(
    'SELECT detail FROM exceptions WHERE code = $1 ORDER BY id',
    [code],
  );
  return rows
    .map(({ detail }) => JSON.parse(detail) as Record<string, unknown>)
    .filter((detail) => detail['saleId'] === saleId);
}

const springLeft = async (): Promise<unknown> => {
  const [row] = await hq.deps.db.query<{ left: number }>(
    `SELECT coalesce(sum(amount_minor), 0)::bigint AS left FROM rule_uses WHERE budget_id = 'spring'`,
  );
  return row?.left;
};

test('parts that came back at two tills that did not know of each other are a case, and the counters are put right', async () => {
  const before = await springLeft();
  const saleId = await sold(13);
  await home.settled();
  await home.cut();
  value(await home.till.returnGoods(POS, back(saleId, 1)));
  value(await away.till.returnGoods(POS, back(saleId, 2)));
  await away.settled();
  await home.mend();
  await home.settled();
  expect(await caseOf('returned-twice', saleId)).toEqual([]);
  expect(await caseOf('returns-overlapped', saleId)).toEqual([
    expect.objectContaining({
      paidMinor: 18_000,
      dueMinor: 24_000,
      pointsTaken: 180,
      pointsDue: 240,
    }),
  ]);
  expect(await springLeft()).toEqual(before);
  const [member] = await hq.deps.db.query<{ body: string }>(
    'SELECT body FROM members WHERE member_id = $1',
    ['member-13'],
  );
  const counted = JSON.parse(member?.body ?? '{}');
  expect([counted.completedOrders, counted.completedOrdersBeyond]).toEqual([0, undefined]);
});

test('parts of several lines that came back at two tills are made up for by the next return', async () => {
  const before = await springLeft();
  n += 1;
  const line = (lineId: string) => ({ lineId, sku: 'soap', qty: 2, unitPriceMinor: 10_000 });
  const request = {
    id: `basket-${n}`,
    currency: 'CNY',
    lines: [line('l1'), line('l2')],
    codes: [],
    channel: 'store',
  } as unknown as EvaluateRequest;
  const { saleId } = await sellAt(home, cardOf(14), request, CASHIER.staffId);
  await home.settled();
  await home.cut();
  // Either till leaves 300 yuan with the shopper, as far as it knows; both together leave 200.
  expect(value(await home.till.returnGoods(POS, back(saleId, 1))).payableMinor).toBe(-10_000);
  expect(value(await away.till.returnGoods(POS, rest(saleId))).payableMinor).toBe(-10_000);
  await away.settled();
  await home.mend();
  await home.settled();
  expect(await caseOf('returns-overlapped', saleId)).toEqual([
    expect.objectContaining({ paidMinor: 20_000, dueMinor: 14_000 }),
  ]);
  expect(value(await away.till.returnGoods(POS, back(saleId, 1))).payableMinor).toBe(-4_000);
  expect(value(await away.till.returnGoods(POS, rest(saleId))).payableMinor).toBe(-10_000);
  await away.settled();
  expect(await springLeft()).toEqual(before);
});

test('parts that came back at two tills are no case where they come to what was due', async () => {
  const saleId = await sold(19, 2);
  await home.settled();
  await home.cut();
  value(await home.till.returnGoods(POS, back(saleId, 1)));
  value(await away.till.returnGoods(POS, back(saleId, 1)));
  await away.settled();
  await home.mend();
  await home.settled();
  expect(await caseOf('returns-overlapped', saleId)).toEqual([]);
});

test('what headquarters told of a sale of this till is kept for the time without it', async () => {
  const saleId = await sold(15);
  await home.settled();
  value(await away.till.returnGoods(POS, back(saleId, 3)));
  await away.settled();
  expect(value(await home.till.soldSale(saleId)).lines[0]?.unitsLeft).toBe(0);
  await home.cut();
  expect(await failed(home.till.returnGoods(POS, back(saleId, 1)))).toMatchObject({
    code: 'return-too-much',
    data: { unitsLeft: 0 },
  });
});

test('what the goods took of a campaign is given back to the store of their sale', async () => {
  const saleId = await sold(16);
  await home.settled();
  value(await away.till.returnGoods(POS, back(saleId, 3)));
  await away.settled();
  const stores = await hq.deps.db.query<{ store_id: string }>(
    `SELECT DISTINCT store_id FROM rule_uses WHERE budget_id = 'spring'`,
  );
  expect(stores).toEqual([{ store_id: 's1' }]);
});

test('one return id for two sales at the same moment books one of them', async () => {
  const [one, other] = [await sold(17), await sold(18)];
  await home.cut();
  const answers = await Promise.all([
    home.till.returnGoods(POS, back(one, 1, 'ret-same')),
    home.till.returnGoods(POS, back(other, 1, 'ret-same')),
  ]);
  expect(answers.map((answer) => (answer.ok ? 'booked' : answer.error.code)).sort()).toEqual([
    'booked',
    'return-differs',
  ]);
});

test('a sale of a member who was erased comes back at its own till alone', async () => {
  const saleId = await sold(7);
  await home.settled();
  await hq.deps.db.query(
    `DELETE FROM subject_keys WHERE key_id = (SELECT key_id FROM ledger WHERE sale_id = $1)`,
    [saleId],
  );
  expect(await failed(away.till.returnGoods(POS, back(saleId, 1)))).toMatchObject({
    code: 'sale-not-here',
    data: { reason: 'erased' },
  });
  expect(value(await home.till.returnGoods(POS, back(saleId, 1))).payableMinor).toBe(-4_000);
});
