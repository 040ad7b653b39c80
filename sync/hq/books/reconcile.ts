import { err, ok } from '../../../agent/contract/result.ts';
import { hqFailure } from '../../protocol/hq-error.ts';
import type { HqDeps, HqHandler } from '../deps.ts';
import { tillOf } from './callers.ts';
import { releaseUnbooked } from './returns/claim-return.ts';
import { transact } from './transact.ts';

/**
 * Reservations of an earlier database of the till are given back so long after they were made, in milliseconds: that
 * database can no longer open a session, and no hold lasts so long.
 */
export const FENCED_KEPT_MS = 24 * 60 * 60_000;

/**
 * Gives back what a till no longer stands by: every open reservation of its database that it does not name and that HQ
 * made before the instant given, and old ones of databases that it had before.
 */
export function createReconcile(deps: HqDeps): HqHandler<'reconcile'> {
  return async (caller, { incarnation, open, before }) => {
    const till = tillOf(caller);
    if (!till.ok) return till;
    const { tillId } = till.value;
    if (incarnation !== till.value.incarnation)
      return err(hqFailure('incarnation-unknown', 'incarnation'));
    return transact(deps, async (tx) => {
      const now = deps.nowMs();
      // In the order of the id, as uploads lock them.
      const rows = await tx.query<{ allowance_id: string }>(
        `SELECT allowance_id FROM allowances
         WHERE till_id = $1 AND state = 'open' AND NOT (allowance_id = ANY($2))
           AND (CASE WHEN incarnation = $3 THEN created_at_ms < $4 ELSE created_at_ms < $5 END)
         ORDER BY allowance_id FOR UPDATE`,
        [tillId, open, incarnation, Date.parse(before), now - FENCED_KEPT_MS],
      );
      await tx.query(
        `UPDATE allowances SET state = 'released', closed_at_ms = $2 WHERE allowance_id = ANY($1)`,
        [rows.map((row) => row.allowance_id), now],
      );
      const claims = await releaseUnbooked(tx, till.value, Date.parse(before));
      return ok({ released: rows.length + claims });
    });
  };
}
