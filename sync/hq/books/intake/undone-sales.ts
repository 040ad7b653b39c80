import type { HqSession } from '../../database/database.ts';
import type { ReadEntry } from './read-items.ts';

/**
 * Of the sales that bring rights, those whose goods have all come back at another till whose upload was faster: their
 * rights never begin.
 */
export async function undoneSales(
  tx: HqSession,
  entries: readonly ReadEntry[],
): Promise<ReadonlySet<string>> {
  const sales = entries.flatMap(({ read, facts }) =>
    facts.entitlements === undefined ? [] : read.saleId,
  );
  if (sales.length === 0) return new Set();
  const rows = await tx.query<{ sale_id: string }>(
    `SELECT sale_id FROM ledger
     WHERE sale_id = ANY($1) AND kind = 'return' AND (facts::jsonb ->> 'orders')::int < 0`,
    [sales],
  );
  return new Set(rows.map(({ sale_id }) => sale_id));
}
