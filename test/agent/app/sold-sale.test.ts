import { expect, test } from 'vitest';
import type { SoldRecord } from '../../../agent/app/sold-record.ts';
import { type Sold, withReturns } from '../../../agent/app/sold-sale.ts';
import type { EvaluatedLine, Undone } from '../../../agent/contract/index.ts';

const line = (lineId: string, qty: number) =>
  ({
    lineId,
    qty,
    payableMinor: 100 * qty,
    unitShares: [{ count: qty, paidMinor: 100 }],
    pointsEarned: qty,
    pointsSpent: 0,
  }) as unknown as EvaluatedLine;

const NOTHING: Undone = { units: {}, refundMinor: 0, earned: {}, spent: {}, gifts: [] };

function soldOf(lines: readonly EvaluatedLine[]): Sold {
  const record = { lines, returned: {}, clawedBack: 0, givenBack: 0 } as unknown as SoldRecord;
  const moves = [{ lotId: 'lot-1', delta: 4, bucket: 'base' }];
  return { row: {}, record, moves, undone: NOTHING } as unknown as Sold;
}

const told = (returnId: string, units: Record<string, number>, tillId = 'b1') => {
  const count = Object.values(units).reduce((sum, one) => sum + one, 0);
  return {
    returnId,
    tillId,
    undone: {
      ...NOTHING,
      units,
      refundMinor: 100 * count,
      earned: { base: count },
      moves: [count],
    },
  } as unknown as Parameters<typeof withReturns>[1][number];
};

const storeWith = (...booked: string[]) =>
  ({
    tillId: 'a1',
    ledger: { byReturn: (id: string) => (booked.includes(id) ? {} : undefined) },
  }) as unknown as Parameters<typeof withReturns>[2];

test("this till's own returns are in its record already", () => {
  const sold = withReturns(
    soldOf([line('l1', 4)]),
    [told('ret-1', { l1: 1 }, 'a1')],
    storeWith('ret-1'),
  );
  expect(sold.undone).toEqual(NOTHING);
});

test('own returns that a database set back to an earlier day does not have are taken from headquarters', () => {
  const sold = withReturns(soldOf([line('l1', 4)]), [told('ret-1', { l1: 1 }, 'a1')], storeWith());
  expect(sold.undone).toMatchObject({ units: { l1: 1 }, refundMinor: 100, moves: [1] });
});

test('a return of another till under the id of an own one counts', () => {
  const sold = withReturns(soldOf([line('l1', 4)]), [told('ret-1', { l1: 1 })], storeWith('ret-1'));
  expect(sold.undone.units).toEqual({ l1: 1 });
});

test('of units that came back twice the first return alone counts, and with the part that fits', () => {
  const sold = withReturns(
    soldOf([line('l1', 2), line('l2', 2)]),
    [told('ret-1', { l1: 1, l2: 1 }), told('ret-2', { l1: 2, l2: 1 }), told('ret-3', { l1: 2 })],
    storeWith(),
  );
  expect(sold.undone).toEqual({
    units: { l1: 2, l2: 2 },
    refundMinor: 400,
    earned: { base: 4 },
    spent: {},
    gifts: [],
    moves: [4],
  });
});
