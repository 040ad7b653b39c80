import { describe, expect, test } from 'vitest';
import type { EvaluateReply, ExchangeRequest } from '../../../agent/contract/index.ts';
import type { Store } from '../../../agent/store/store.ts';
import {
  ANNA,
  basket,
  CASHIER,
  failed,
  freshKey,
  hold,
  openTill,
  POS,
  RICE,
  type Rig,
  ringUp,
  sell,
  TEA,
  value,
} from './rig.ts';

let returns = 0;

/** A bag of rice comes back, and the basket is bought instead. */
function exchange(
  saleId: string,
  reply: EvaluateReply,
  paidMinor?: number,
): { key: string; body: ExchangeRequest } {
  returns += 1;
  return {
    key: freshKey(),
    body: {
      return: {
        returnId: `ret-${returns}`,
        saleId,
        lines: [{ lineId: 'l1', qty: 1 }],
        referenceId: 'R-2',
        reason: 'another size',
        staffId: CASHIER,
      },
      evaluationId: reply.evaluationId,
      sale: {
        basketHash: reply.basketHash,
        referenceId: 'R-3',
        staffId: CASHIER,
        ...(paidMinor === undefined ? {} : { payment: { paidMinor } }),
      },
    } as ExchangeRequest,
  };
}

async function held(rig: Rig): Promise<EvaluateReply> {
  const reply = await ringUp(rig, ANNA, basket('b2', [{ ...TEA, qty: 10 }]));
  await hold(rig, reply);
  return reply;
}

describe('an exchange', () => {
  test('books return and sale together and names what is to be paid', async () => {
    const rig = openTill();
    const sale = await sell(rig, ANNA, basket('b1', [RICE]));
    const reply = await held(rig);
    const done = value(await rig.till.exchange(POS, exchange(sale.saleId, reply, 4_000)));
    expect(done).toMatchObject({
      netMinor: 4_000,
      return: { kind: 'return', payableMinor: -5_000, seq: 2 },
      sale: { kind: 'sale', payableMinor: 9_000, seq: 3, exception: null, pointsBalance: 90 },
    });
    expect(rig.store.holds.get(reply.evaluationId)?.state).toBe('COMMITTED');
  });

  test('pays the shopper what is left', async () => {
    const rig = openTill();
    const sale = await sell(rig, null, basket('b1', [RICE]));
    const reply = await ringUp(rig, null, basket('b2', [TEA]));
    await hold(rig, reply);
    const done = value(await rig.till.exchange(POS, exchange(sale.saleId, reply, 0)));
    expect(done).toMatchObject({ netMinor: -4_000, sale: { exception: null } });
  });

  test('with another amount than the difference is looked at by a person', async () => {
    const rig = openTill();
    const sale = await sell(rig, ANNA, basket('b1', [RICE]));
    const done = value(await rig.till.exchange(POS, exchange(sale.saleId, await held(rig), 9_000)));
    expect(done.sale.exception).toBe('payment-differs');
  });

  test('under the same key is answered again, and nothing is booked twice', async () => {
    const rig = openTill();
    const sale = await sell(rig, ANNA, basket('b1', [RICE]));
    const request = exchange(sale.saleId, await held(rig));
    const [first, second] = await Promise.all([
      rig.till.exchange(POS, request),
      rig.till.exchange(POS, request),
    ]);
    expect(value(second)).toEqual(value(first));
    rig.restart();
    expect(value(await rig.till.exchange(POS, request))).toEqual(value(first));
    expect(rig.store.ledger.head().seq).toBe(3);
    const other = { ...request, body: { ...request.body, evaluationId: sale.evaluationId } };
    expect(failed(await rig.till.exchange(POS, other as never)).code).toBe('key-reused');
  });

  test('whose sale cannot be booked takes nothing back', async () => {
    const rig = openTill();
    const sale = await sell(rig, ANNA, basket('b1', [RICE]));
    const reply = await ringUp(rig, ANNA, basket('b2', [{ ...TEA, qty: 10 }]));
    const request = exchange(sale.saleId, reply);
    expect(failed(await rig.till.exchange(POS, request))).toMatchObject({
      code: 'not-held',
      field: 'evaluationId',
    });
    expect(rig.store.ledger.head().seq).toBe(1);
    await hold(rig, reply);
    value(await rig.till.exchange(POS, request));
  });

  test('whose goods cannot come back sells nothing', async () => {
    const rig = openTill();
    const sale = await sell(rig, ANNA, basket('b1', [RICE]));
    const reply = await held(rig);
    const request = exchange(sale.saleId, reply);
    request.body.return.lines = [{ ...request.body.return.lines[0], qty: 2 }] as never;
    expect(failed(await rig.till.exchange(POS, request))).toMatchObject({
      code: 'return-too-much',
      field: 'return.lines.0.qty',
    });
    expect(rig.store.holds.get(reply.evaluationId)?.state).toBe('HELD');
  });

  test('on a full disk leaves neither', async () => {
    let full = false;
    const wrapStore = (store: Store): Store => ({
      ...store,
      ledger: {
        ...store.ledger,
        append(row) {
          if (full && row.header.kind === 'sale')
            throw Object.assign(new Error('made up'), {
              name: 'StorageError',
              code: 'storage-full',
            });
          store.ledger.append(row);
        },
      },
    });
    const rig = openTill({ wrapStore });
    const sale = await sell(rig, ANNA, basket('b1', [RICE]));
    const request = exchange(sale.saleId, await held(rig));
    full = true;
    expect(failed(await rig.till.exchange(POS, request)).code).toBe('storage-full');
    expect(rig.store.ledger.head().seq).toBe(1);
    full = false;
    expect(value(await rig.till.exchange(POS, request)).netMinor).toBe(4_000);
  });
});
