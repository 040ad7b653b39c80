import { describe, expect, it } from 'vitest';
import type { LineId, ReturnId, SoldSale } from '../../../../agent/contract/index.ts';
import {
  emptyChoice,
  isComplete,
  type ReturnChoice,
  toQuoteRequest,
  toReturnRequest,
  withEverything,
  withGift,
  withUnits,
} from '../../../../ui/app/returns/return-choice.ts';

const sale = {
  saleId: 's',
  lines: [
    { lineId: 'L1', unitsLeft: 2 },
    { lineId: 'L2', unitsLeft: 0 },
    { lineId: 'L3', unitsLeft: 5 },
  ],
} as unknown as SoldSale;
const line = (id: string): LineId => id as LineId;
const choice = (...units: readonly (readonly [string, number])[]): ReturnChoice =>
  units.reduce((made, [lineId, count]) => withUnits(made, line(lineId), count), emptyChoice(sale));

describe('what comes back of a sale', () => {
  it.each([
    [-1, 0],
    [1.7, 1],
    [2, 2],
    [3, 2],
  ])('%s units asked of a line with 2 left are %s', (asked, taken) => {
    expect(choice(['L1', asked]).units.get(line('L1'))).toBe(taken);
  });

  it('a line that is taken back or unknown gives nothing', () => {
    expect(toQuoteRequest(choice(['L2', 1], ['L9', 1], ['L3', 1])).lines).toEqual([
      { lineId: 'L3', qty: 1 },
    ]);
  });

  it('everything is what is left of every line', () => {
    expect(toQuoteRequest(withEverything(emptyChoice(sale)))).toEqual({
      saleId: 's',
      lines: [
        { lineId: 'L1', qty: 2 },
        { lineId: 'L3', qty: 5 },
      ],
    });
  });

  it('gifts brought are named, and counted afresh when other goods come back', () => {
    const brought = withGift(withGift(choice(['L1', 1]), 'nuts', 1), 'bag', 0);
    expect(toQuoteRequest(brought).gifts).toEqual([{ sku: 'nuts', qty: 1 }]);
    expect(toQuoteRequest(withUnits(brought, line('L1'), 2))).not.toHaveProperty('gifts');
  });

  it('is complete with a unit and a reason', () => {
    expect(isComplete({ ...choice(['L1', 1]), reason: ' ' })).toBe(false);
    expect(isComplete({ ...choice(['L1', 0]), reason: '不合适' })).toBe(false);
    expect(isComplete({ ...choice(['L1', 1]), reason: '不合适' })).toBe(true);
  });

  it('is booked as it was quoted, under the names of its attempt', () => {
    const attempt = { returnId: 'r' as ReturnId, referenceId: 'RET-1' };
    expect(toReturnRequest({ ...choice(['L1', 1]), reason: ' 不合适 ' }, attempt, 'h')).toEqual({
      saleId: 's',
      lines: [{ lineId: 'L1', qty: 1 }],
      returnId: 'r',
      referenceId: 'RET-1',
      quoteHash: 'h',
      reason: '不合适',
    });
  });
});
