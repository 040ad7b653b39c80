import { describe, expect, test } from 'vitest';
import { foundSaleSchema, SALES_FOUND_MAX, type SoldSale } from '../../../agent/contract/index.ts';
import {
  ANNA,
  basket,
  commitOf,
  hold,
  openTill,
  POS,
  type Rig,
  ringUp,
  TEA,
  value,
} from './rig.ts';

async function sellAs(
  rig: Rig,
  referenceId: string,
  basketId: string,
  memberId: string | null = null,
) {
  const reply = await ringUp(rig, memberId as never, basket(basketId, [TEA]));
  await hold(rig, reply);
  return value(await rig.till.commit(POS, commitOf(reply, { referenceId })));
}

const find = async (rig: Rig, referenceId: string) =>
  value(await rig.till.salesByReference(referenceId));

describe('a sale by the number on its receipt', () => {
  test('is found with what tells it from others of the number, and by its id the goods', async () => {
    const rig = openTill();
    await sellAs(rig, 'R-1', 'b1');
    const sale = await sellAs(rig, 'R-2', 'b2', ANNA);
    const found = await find(rig, 'r-2');
    expect(found).toEqual([
      {
        saleId: sale.saleId,
        at: sale.at,
        referenceId: 'R-2',
        currency: 'CNY',
        maskedName: '王*明',
        payableMinor: 900,
      },
    ]);
    expect(foundSaleSchema.parse(found[0])).toEqual(found[0]);
    const told: SoldSale = value(await rig.till.soldSale(String(sale.saleId)));
    expect(told).toMatchObject({ referenceId: 'R-2', lines: [{ sku: 'tea', unitsLeft: 1 }] });
    expect(await find(rig, 'R-3')).toEqual([]);
  });

  test('is told newest first where a POS counts from one again every day, and no more than the limit', async () => {
    const rig = openTill();
    const sales: string[] = [];
    for (let n = 0; n <= SALES_FOUND_MAX; n++)
      sales.unshift(String((await sellAs(rig, '0001', `b${n}`)).saleId));
    const found = (await find(rig, '0001')).map(({ saleId }) => saleId);
    expect(found).toEqual(sales.slice(0, SALES_FOUND_MAX));
  });

  test('is found after a restart, and by a number whose payment code was masked when it was kept', async () => {
    const rig = openTill();
    const code = '284000000000008816';
    const sale = await sellAs(rig, `pay ${code}`, 'b1');
    rig.restart();
    const [found] = await find(rig, `pay ${code}`);
    expect(found).toMatchObject({ saleId: sale.saleId });
    expect(found?.referenceId).not.toContain(code);
  });

  test('stands on the receipt in the last line as the number for any till of the chain', async () => {
    const rig = openTill();
    const { receipt, saleId } = await sellAs(rig, 'R-1', 'b1');
    expect(receipt.lines.at(-1)).toEqual({ 'zh-CN': `交易号 ${saleId}`, en: `Sale no. ${saleId}` });
  });
});
