import type { SoldSale } from '../../../agent/contract/index.ts';
import type { RecentSale, ReturnDesk } from './return-desk.ts';

/** By what a sale was found. */
export type FoundBy = 'sale' | 'receipt';

/** What a typed number means. */
export type FoundSales =
  | { readonly kind: 'one'; readonly sale: SoldSale; readonly by: FoundBy }
  /** Several sales have this receipt number, newest first: a person chooses. */
  | { readonly kind: 'several'; readonly sales: readonly RecentSale[] }
  | { readonly kind: 'none' };

/** Sale numbers are UUIDs, as the last line of a receipt has them. */
const SALE_NUMBER = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Finds the sale of a typed number: in the form of a sale number it is one, of any till of the chain; anything else is
 * the receipt number of a sale of this till. Throws what the desk throws.
 */
export async function findSale(
  desk: Pick<ReturnDesk, 'sale' | 'byReceipt'>,
  typed: string,
): Promise<FoundSales> {
  const id = typed.toLowerCase();
  if (SALE_NUMBER.test(id)) return { kind: 'one', sale: await desk.sale(id), by: 'sale' };
  const sales = await desk.byReceipt(typed);
  const [first] = sales;
  if (first === undefined) return { kind: 'none' };
  if (sales.length > 1) return { kind: 'several', sales };
  return { kind: 'one', sale: await desk.sale(first.saleId), by: 'receipt' };
}
