import type { HqSession } from '../../database/database.ts';
import type { ReadEntry } from './read-items.ts';

/** The stores of the sales that the returns among these entries belong to: what a sale took is given back where it was. */
export async function saleStores(
  tx: HqSession,
  entries: readonly ReadEntry[],
): Promise<ReadonlyMap<string, string>> {
  const sales = entries.flatMap(({ read }) => (read.returnId === null ? [] : read.saleId));
  if (sales.length === 0) return new Map();
  const rows = await tx.query<{ sale_id: string; store_id: string }>(
    `SELECT sale_id, store_id FROM ledger WHERE sale_id = ANY($1) AND kind = 'sale'`,
    [sales],
  );
  return new Map(rows.map(({ sale_id, store_id }) => [sale_id, store_id]));
}
