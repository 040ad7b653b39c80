import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type {
  EvaluateRequest,
  EvaluationId,
  LineId,
  ReturnId,
  ReturnRequest,
  SaleId,
} from '../../../agent/contract/index.ts';
import { verifyChain } from '../../../agent/domain/ledger/chain.ts';
import { createLedgerCrypto } from '../../../agent/store/ledger-crypto.ts';
import {
  ANNA,
  basket,
  CASHIER,
  failed,
  openTill,
  POS,
  RICE,
  type Rig,
  sell,
  TEA,
  value,
} from './rig.ts';

function returning(
  saleId: string,
  returnId: string,
  lines: readonly (readonly [string, number])[],
  more: Partial<ReturnRequest> = {},
): ReturnRequest {
  return {
    returnId: returnId as ReturnId,
    saleId: saleId as SaleId,
    lines: lines.map(([lineId, qty]) => ({ lineId: lineId as LineId, qty })),
    referenceId: 'R-9',
    reason: 'does not fit',
    staffId: CASHIER as never,
    ...more,
  };
}

/** Sells tea and rice to Anna, who pays with points. */
async function soldWithPoints(rig: Rig, request: EvaluateRequest) {
  rig.givePoints(ANNA, 100, { lotId: 'first' as never, expiresOn: '2026-11-30' });
  rig.givePoints(ANNA, 200, { lotId: 'second' as never, expiresOn: '2026-12-31' });
  const card = value(await rig.till.identify(POS, { text: 'CARD-anna' }));
  value(
    await rig.till.identify(POS, { phoneDigits: '1234', identificationId: card.identificationId }),
  );
  return sell(rig, ANNA, request);
}

describe('goods come back', () => {
  test('a return pays back what the units cost and takes their points back', async () => {
    const rig = openTill();
    const sale = await sell(rig, ANNA, basket('b1', [{ ...TEA, qty: 3 }, RICE]));
    expect(sale).toMatchObject({ payableMinor: 7_700, pointsEarned: 77, pointsBalance: 77 });
    const done = value(
      await rig.till.returnGoods(POS, returning(sale.saleId, 'ret-1', [['l1', 1]])),
    );
    expect(done).toMatchObject({ kind: 'return', payableMinor: -900, pointsSpent: 0 });
    expect(done.pointsBalance).toBe(77 + done.pointsEarned);
    const header = rig.store.ledger.bySeq(done.seq)?.header;
    expect(header).toMatchObject({
      kind: 'return',
      listMinor: -1_000,
      discountMinor: -100,
      payableMinor: -900,
      returnId: 'ret-1',
      staffId: CASHIER,
    });
    expect(rig.events().at(-1)?.body).toEqual({
      kind: 'return',
      returnId: 'ret-1',
      saleId: sale.saleId,
    });
  });

  test('returning everything undoes the whole sale, spent points in their own lots', async () => {
    const rig = openTill();
    const sale = await soldWithPoints(
      rig,
      basket('b1', [{ ...TEA, qty: 3 }, RICE], { pointsToSpend: 250 }),
    );
    expect(sale.pointsSpent).toBe(250);
    value(await rig.till.returnGoods(POS, returning(sale.saleId, 'ret-1', [['l1', 2]])));
    value(
      await rig.till.returnGoods(
        POS,
        returning(sale.saleId, 'ret-2', [
          ['l1', 1],
          ['l2', 1],
        ]),
      ),
    );
    expect(rig.store.points.lots(ANNA)).toMatchObject([
      { lotId: 'first', points: 100 },
      { lotId: 'second', points: 200 },
    ]);
    const paid = rig.store.ledger
      .after(0, 10)
      .reduce((sum, { header }) => sum + header.payableMinor, 0);
    expect(paid).toBe(0);
  });

  test('points that were spent since may be owed after a return', async () => {
    const rig = openTill();
    const sale = await sell(rig, ANNA, basket('b1', [RICE]));
    const lots = rig.store.points.lots(ANNA);
    rig.store.points.upsertLots(lots.map((lot) => ({ ...lot, points: 0 })));
    const done = value(
      await rig.till.returnGoods(POS, returning(sale.saleId, 'ret-1', [['l1', 1]])),
    );
    expect(done.pointsBalance).toBe(-50);
  });

  test('a line may be called like a part of every object', async () => {
    const rig = openTill();
    const request = basket('b1', [TEA, TEA]);
    const lines = request.lines.map((line, index) => ({
      ...line,
      lineId: ['constructor', 'toString'][index] as LineId,
    }));
    const sale = await sell(rig, null, { ...request, lines });
    expect(
      value(await rig.till.returnGoods(POS, returning(sale.saleId, 'ret-1', [['constructor', 1]])))
        .payableMinor,
    ).toBe(-1_000);
    expect(
      failed(await rig.till.returnGoods(POS, returning(sale.saleId, 'ret-2', [['constructor', 1]])))
        .code,
    ).toBe('return-too-much');
  });

  test('a return of more than was bought is refused with how many units are left', async () => {
    const rig = openTill();
    const sale = await sell(rig, ANNA, basket('b1', [{ ...TEA, qty: 3 }]));
    value(await rig.till.returnGoods(POS, returning(sale.saleId, 'ret-1', [['l1', 2]])));
    const refused = failed(
      await rig.till.returnGoods(POS, returning(sale.saleId, 'ret-2', [['l1', 2]])),
    );
    expect(refused).toMatchObject({
      code: 'return-too-much',
      field: 'lines.0.qty',
      data: { unitsLeft: 1 },
    });
    const twice = failed(
      await rig.till.returnGoods(
        POS,
        returning(sale.saleId, 'ret-3', [
          ['l1', 1],
          ['l1', 1],
        ]),
      ),
    );
    expect(twice.code).toBe('return-too-much');
  });

  test('an unknown sale or line is refused', async () => {
    const rig = openTill();
    const sale = await sell(rig, ANNA, basket('b1', [TEA]));
    expect(
      failed(await rig.till.returnGoods(POS, returning('nothing', 'ret-1', [['l1', 1]]))).code,
    ).toBe('sale-unknown');
    expect(
      failed(await rig.till.returnGoods(POS, returning(sale.saleId, 'ret-1', [['l9', 1]]))),
    ).toMatchObject({ code: 'invalid-input', field: 'lines.0.lineId' });
  });

  test('a return of a voided sale is refused: it took no money', async () => {
    const rig = openTill();
    const reply = value(await rig.till.evaluate(POS, basket('b1', [TEA])));
    value(
      await rig.till.voidEvaluation(POS, {
        id: reply.evaluationId,
        key: 'void-0001',
        body: { reason: 'gone', staffId: CASHIER },
      }),
    );
    expect(
      failed(await rig.till.returnGoods(POS, returning(reply.evaluationId, 'ret-1', [['l1', 1]])))
        .code,
    ).toBe('sale-voided');
  });

  test('the same return id twice changes nothing, with another body it is refused', async () => {
    const rig = openTill();
    const sale = await sell(rig, ANNA, basket('b1', [{ ...TEA, qty: 3 }]));
    const request = returning(sale.saleId, 'ret-1', [['l1', 1]]);
    const first = value(await rig.till.returnGoods(POS, request));
    expect(
      value(await rig.till.returnGoods({ ...POS, clientId: 'pos-2' } as typeof POS, request)),
    ).toEqual(first);
    expect(
      failed(await rig.till.returnGoods(POS, returning(sale.saleId, 'ret-1', [['l1', 2]]))).code,
    ).toBe('return-differs');
    expect(rig.store.ledger.head().seq).toBe(2);
  });

  test('a return id is never booked twice, even after its answer was forgotten', async () => {
    const rig = openTill();
    const sale = await sell(rig, ANNA, basket('b1', [{ ...TEA, qty: 3 }]));
    const request = returning(sale.saleId, 'ret-1', [['l1', 1]]);
    value(await rig.till.returnGoods(POS, request));
    rig.store.replies.pruneBefore(Number.MAX_SAFE_INTEGER);
    expect(failed(await rig.till.returnGoods(POS, request)).code).toBe('return-differs');
  });

  test('an erased member still gets their money back, and the chain stays whole', async () => {
    const rig = openTill();
    const sale = await sell(rig, ANNA, basket('b1', [TEA]));
    rig.store.keys.erase(ANNA);
    const done = value(
      await rig.till.returnGoods(POS, returning(sale.saleId, 'ret-1', [['l1', 1]])),
    );
    expect(done).toMatchObject({ payableMinor: -900, pointsEarned: 0 });
    expect(done).not.toHaveProperty('pointsBalance');
    expect(
      verifyChain(createLedgerCrypto((n) => new Uint8Array(n)).hash, rig.store.ledger.after(0, 10))
        .ok,
    ).toBe(true);
  });

  test('what is kept for a refund names nobody', async () => {
    const rig = openTill();
    const sale = await sell(rig, ANNA, basket('b1', [TEA]));
    const row = rig.store.holds.get(sale.evaluationId as EvaluationId);
    expect(row?.memberId).toBeNull();
    expect(row?.body).not.toContain('anna');
    expect(row?.body).not.toContain('gold"');
  });

  test('a return outlives a restart', async () => {
    const rig = openTill();
    const sale = await sell(rig, ANNA, basket('b1', [{ ...TEA, qty: 2 }]));
    value(await rig.till.returnGoods(POS, returning(sale.saleId, 'ret-1', [['l1', 1]])));
    rig.restart();
    expect(
      failed(await rig.till.returnGoods(POS, returning(sale.saleId, 'ret-2', [['l1', 2]]))).code,
    ).toBe('return-too-much');
  });
});

test('partial returns in any order add up to the whole sale, money and points', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          qty: fc.integer({ min: 1, max: 5 }),
          unitPriceMinor: fc.integer({ min: 0, max: 9_999 }),
        }),
        { minLength: 1, maxLength: 4 },
      ),
      fc.integer({ min: 0, max: 300 }),
      fc.array(fc.nat(), { minLength: 20, maxLength: 20 }),
      async (lines, pointsToSpend, picks) => {
        const rig = openTill();
        const sale = await soldWithPoints(
          rig,
          basket(
            'b1',
            lines.map((line) => ({ ...line, sku: 'tea' })),
            { pointsToSpend },
          ),
        );
        const left = lines.map((line) => line.qty);
        let n = 0;
        while (left.some((qty) => qty > 0)) {
          const open = left.flatMap((qty, index) => (qty > 0 ? [index] : []));
          const index = open[(picks[n % picks.length] ?? 0) % open.length] ?? 0;
          const qty = 1 + ((picks[(n + 7) % picks.length] ?? 0) % (left[index] ?? 1));
          left[index] = (left[index] ?? 0) - qty;
          n += 1;
          value(
            await rig.till.returnGoods(
              POS,
              returning(sale.saleId, `ret-${n}`, [[`l${index + 1}`, qty]]),
            ),
          );
        }
        const rows = rig.store.ledger.after(0, 100).map(({ header }) => header);
        const sum = (
          key: 'listMinor' | 'discountMinor' | 'payableMinor' | 'pointsEarned' | 'pointsSpent',
        ): number => rows.reduce((total, row) => total + row[key], 0);
        expect([
          sum('listMinor'),
          sum('discountMinor'),
          sum('payableMinor'),
          sum('pointsEarned'),
          sum('pointsSpent'),
        ]).toEqual([0, 0, 0, 0, 0]);
        expect(rig.store.points.lots(ANNA)).toMatchObject([
          { lotId: 'first', points: 100 },
          { lotId: 'second', points: 200 },
        ]);
        rig.till.close();
      },
    ),
    { numRuns: 15 },
  );
}, 60_000);
