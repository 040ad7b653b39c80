import { describe, expect, it } from 'vitest';
import { evaluateRequestSchema } from '../../../../agent/contract/api.ts';
import type { Article, BasketId, LineId } from '../../../../agent/contract/index.ts';
import {
  addCode,
  emptyTicket,
  hasGtin,
  ringUp,
  setQty,
  TICKET_LINE_MAX_QTY,
  toRequest,
} from '../../../../ui/app/register/ticket.ts';

const article = (sku: string, gtin?: string): Article => ({
  sku,
  name: { 'zh-CN': sku, en: sku },
  category: 'fruit',
  priceMinor: 990,
  attributes: [],
  ...(gtin === undefined ? {} : { gtin }),
});
const ticket = () => emptyTicket('b-1' as BasketId, '2026-11-21T06:30:00.000Z');

describe('a ticket', () => {
  it('adds the same article to its line and gives a new line an id that was never used', () => {
    const two = ringUp(ringUp(ticket(), article('a')), article('b'));
    const again = ringUp(setQty(two, 'L1' as LineId, 0), article('c'));
    expect(ringUp(two, article('a')).lines.map(({ lineId, qty }) => [lineId, qty])).toEqual([
      ['L1', 2],
      ['L2', 1],
    ]);
    expect(again.lines.map(({ lineId }) => lineId)).toEqual(['L2', 'L3']);
  });

  it('has a line of its own for each piece with a price of its own, and its floor keeps the proportion', () => {
    const piece = { priceMinor: 727, netGrams: 734 };
    const cheese = { ...article('cheese'), minUnitPriceMinor: 500 };
    const rung = ringUp(ringUp(ringUp(ticket(), cheese, piece), cheese, piece), cheese);
    const { lines } = toRequest(ringUp(rung, cheese), 'CNY');
    expect(
      lines.map(({ qty, unitPriceMinor, minUnitPriceMinor }) => [
        qty,
        unitPriceMinor,
        minUnitPriceMinor,
      ]),
    ).toEqual([
      [1, 727, 368],
      [1, 727, 368],
      [2, 990, 500],
    ]);
  });

  it('stops at the most that a line may have', () => {
    const full = setQty(ringUp(ticket(), article('a')), 'L1' as LineId, TICKET_LINE_MAX_QTY);
    expect(ringUp(full, article('a')).lines[0]?.qty).toBe(TICKET_LINE_MAX_QTY);
  });

  it('takes a coupon once, and its request fits the contract', () => {
    const rung = addCode(addCode(ringUp(ticket(), article('a')), 'NOV'), 'NOV');
    const request = toRequest({ ...rung, pointsToSpend: 50 }, 'CNY');
    expect(request.codes).toEqual(['NOV']);
    expect(evaluateRequestSchema.safeParse(request).success).toBe(true);
    expect(toRequest(rung, 'CNY')).not.toHaveProperty('pointsToSpend');
  });

  it('knows an article by its GTIN however it was padded, and never by another number', () => {
    const milk = article('milk', '06901234567892');
    expect(hasGtin(milk, '6901234567892')).toBe(true);
    expect(hasGtin(milk, '06901234567892')).toBe(true);
    expect(hasGtin(milk, '6901234567893')).toBe(false);
    expect(hasGtin(article('none'), '6901234567892')).toBe(false);
  });
});
