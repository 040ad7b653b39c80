import type { HqSession } from '../../database/database.ts';

/** The class of advisory locks under which the returns of one sale are claimed and booked one after the other. */
const SALE_LOCKS = 7_465;

/** Locks sales until the transaction ends, in one order, so that two uploads never wait for each other in a circle. */
export async function lockSales(tx: HqSession, saleIds: readonly string[]): Promise<void> {
  await tx.query(
    `SELECT pg_advisory_xact_lock($1, lock) FROM (
       SELECT DISTINCT hashtext(sale_id) AS lock FROM unnest($2::text[]) AS n (sale_id) ORDER BY 1
     ) AS locks`,
    [SALE_LOCKS, saleIds],
  );
}
