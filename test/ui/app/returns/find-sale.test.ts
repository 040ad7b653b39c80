import { describe, expect, it } from 'vitest';
import type { SoldSale } from '../../../../agent/contract/index.ts';
import { findSale } from '../../../../ui/app/returns/find-sale.ts';
import type { RecentSale } from '../../../../ui/app/returns/return-desk.ts';

const ID = '01a1fd3a-0340-7a3d-a014-b4926f6a78df';
const sale = (saleId: string): RecentSale => ({
  saleId,
  referenceId: 'R-1',
  at: '2026-11-21T08:30:00.000Z',
  payableMinor: 900,
});

function deskWith(found: readonly RecentSale[]) {
  const asked: string[] = [];
  return {
    asked,
    async sale(id: string) {
      asked.push(`sale ${id}`);
      return { saleId: id } as SoldSale;
    },
    async byReceipt(referenceId: string) {
      asked.push(`receipt ${referenceId}`);
      return found;
    },
  };
}

describe('a typed number', () => {
  it('in the form of a sale number is one, however it is written, and no receipt is looked for', async () => {
    const desk = deskWith([sale('other')]);
    expect(await findSale(desk, ID.toUpperCase())).toMatchObject({
      kind: 'one',
      by: 'sale',
      sale: { saleId: ID },
    });
    expect(desk.asked).toEqual([`sale ${ID}`]);
  });

  it('of any other form is a receipt number, and the only sale of it is opened', async () => {
    const desk = deskWith([sale('s-1')]);
    expect(await findSale(desk, `R-${ID}`)).toMatchObject({
      kind: 'one',
      by: 'receipt',
      sale: { saleId: 's-1' },
    });
    expect(desk.asked).toEqual([`receipt R-${ID}`, 'sale s-1']);
  });

  it('that several sales share opens none of them, and one that no sale has is told', async () => {
    const two = [sale('s-2'), sale('s-1')];
    const desk = deskWith(two);
    expect(await findSale(desk, '0001')).toEqual({ kind: 'several', sales: two });
    expect(desk.asked).toEqual(['receipt 0001']);
    expect(await findSale(deskWith([]), '0002')).toEqual({ kind: 'none' });
  });
});
