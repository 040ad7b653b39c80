import { describe, expect, test } from 'vitest';
import { type EvaluateReply, type LotId, toInstant } from '../../../../agent/contract/index.ts';
import { imageOf } from '../../../support/journal.ts';
import { TEST_NOW_MS } from '../../../support/store.ts';
import {
  ANNA,
  basket,
  CASHIER,
  commitOf,
  freshKey,
  hold,
  openTill,
  POS,
  RICE,
  type Rig,
  RULES_WITH_BUDGET,
  ringUp,
  TEA,
  value,
} from '../../app/rig.ts';

/** What a sale writes, each in an order of its own. Numbers of rows are left out, and so is what is told about the loss. */
const TABLES = {
  ledger: 'seq',
  outbox: 'no',
  points_movements: 'seq, n',
  points_lots: 'member_id, lot_id',
  subject_keys: 'key_id',
  holds: 'evaluation_id',
  coupon_uses: 'code, evaluation_id',
  rule_uses: 'evaluation_id, rule_id',
  use_totals: 'kind, id',
  baskets: 'basket_id',
  replies: 'client_id, key',
};
type Row = Readonly<Record<string, unknown>>;
const whole = (row: Row): Row => row;
const ROWS: Readonly<Record<string, typeof whole>> = {
  coupon_uses: ({ n: _n, ...row }) => row,
  replies: ({ no: _no, ...row }) => row,
};

function tablesOf(rig: Rig): Record<string, unknown[]> {
  return rig.files.withSql((db) =>
    Object.fromEntries(
      Object.entries(TABLES).map(([table, order]) => {
        const rows = db.prepare<[], Row>(`SELECT * FROM ${table} ORDER BY ${order}`).all();
        return [table, rows.filter(({ kind }) => kind !== 'audit').map(ROWS[table] ?? whole)];
      }),
    ),
  );
}

function openShop(): Rig {
  const rig = openTill({ rules: RULES_WITH_BUDGET });
  const lot = { lotId: 'lot-a' as LotId, earnedAt: toInstant(TEST_NOW_MS) };
  rig.givePoints(ANNA, 100, lot);
  return rig;
}

/** Anna proves herself, so that she may pay with points, and puts tea and rice down with a coupon. */
async function held(rig: Rig, basketId = 'b1', coupons = ['CP-5']): Promise<EvaluateReply> {
  const card = value(await rig.till.identify(POS, { text: 'CARD-anna' }));
  const { identificationId } = card;
  value(await rig.till.identify(POS, { phoneDigits: '1234', identificationId }));
  const more = { codes: coupons, pointsToSpend: 20 };
  const reply = await ringUp(rig, ANNA, basket(basketId, [TEA, RICE], more));
  await hold(rig, reply);
  return reply;
}

async function sold(rig: Rig): Promise<string> {
  const { saleId } = value(await rig.till.commit(POS, commitOf(await held(rig))));
  return saleId;
}

const returnOf = (saleId: string, returnId: string, lineId: string) => ({
  returnId,
  saleId,
  lines: [{ lineId, qty: 1 }],
  referenceId: 'R-9',
  reason: 'unopened',
  staffId: CASHIER,
});
type ReturnBody = Parameters<Rig['till']['returnGoods']>[1];

/** Loses the log since `lose` was taken, and gives the tables before and after. */
function loseLog(rig: Rig, lose: ReturnType<typeof imageOf>) {
  const before = tablesOf(rig);
  lose(rig.files);
  rig.restart();
  return { before, after: tablesOf(rig) };
}

describe('what is put back leaves every table as it was, where the image was taken', () => {
  test('with the basket held: after its sale', async () => {
    const rig = openShop();
    const reply = await held(rig);
    const lose = imageOf(rig.files);
    value(await rig.till.commit(POS, commitOf(reply)));
    const { before, after } = loseLog(rig, lose);
    expect(after).toEqual(before);
    expect(rig.store.coupons.state('CP-5')).toMatchObject({ state: 'used' });
  });

  test('with the basket held: after it was voided, and its coupon and the money are free again', async () => {
    const rig = openShop();
    const { evaluationId } = await held(rig);
    const lose = imageOf(rig.files);
    expect(rig.store.ruleUses.budgetUsedMinor('march')).toBe(300);
    const body = { reason: 'no money', staffId: CASHIER };
    value(await rig.till.voidEvaluation(POS, { id: evaluationId, key: freshKey(), body }));
    const { before, after } = loseLog(rig, lose);
    expect(after).toEqual(before);
    expect(rig.store.coupons.state('CP-5')).toEqual({ state: 'free' });
    expect(rig.store.ruleUses.budgetUsedMinor('march')).toBe(0);
  });

  test('after the sale: after its goods came back one by one, and nothing comes back a third time', async () => {
    const rig = openShop();
    const saleId = await sold(rig);
    const lose = imageOf(rig.files);
    const back = (id: string, line: string) =>
      rig.till.returnGoods(POS, returnOf(saleId, id, line) as ReturnBody);
    value(await back('ret-1', 'l2'));
    value(await back('ret-2', 'l1'));
    const { before, after } = loseLog(rig, lose);
    expect(after).toEqual(before);
    expect(rig.store.ruleUses.budgetUsedMinor('march')).toBe(0);
    expect((await back('ret-3', 'l2')).ok).toBe(false);
    value(await back('ret-1', 'l2'));
  });

  test('with the other basket held: after an exchange', async () => {
    const rig = openShop();
    const saleId = await sold(rig);
    const { evaluationId, basketHash } = await held(rig, 'b2', []);
    const lose = imageOf(rig.files);
    const body = {
      return: returnOf(saleId, 'ret-1', 'l2'),
      evaluationId,
      sale: { basketHash, referenceId: 'R-2', staffId: CASHIER },
    };
    value(await rig.till.exchange(POS, { key: freshKey(), body: body as never }));
    const { before, after } = loseLog(rig, lose);
    expect(after).toEqual(before);
    expect(after.ledger).toHaveLength(3);
  });

  test('before all of it: after sale and return, but for the basket', async () => {
    const rig = openShop();
    const lose = imageOf(rig.files);
    const saleId = await sold(rig);
    value(await rig.till.returnGoods(POS, returnOf(saleId, 'ret-1', 'l2') as ReturnBody));
    const { before, after } = loseLog(rig, lose);
    expect({ ...after, baskets: before.baskets }).toEqual(before);
  });
});
