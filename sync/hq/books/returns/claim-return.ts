import { ok } from '../../../../agent/contract/result.ts';
import type { ClaimReturnReply } from '../../../protocol/sale-lookup.ts';
import { RETURN_CLAIM_MS } from '../../../protocol/sale-lookup.ts';
import type { HqSession } from '../../database/database.ts';
import type { HqDeps, HqHandler, TillCaller } from '../../deps.ts';
import { tillOf } from '../callers.ts';
import { transact } from '../transact.ts';
import { lockSales } from './lock-sales.ts';
import { readReturns } from './read-sale.ts';

/**
 * Lets one till at a time take goods of a sale back. A claim ends when its return is booked, when its till gives it up or
 * no longer stands by it, and {@link RETURN_CLAIM_MS} after it was made: so a till that booked a return and lost its line
 * has all that time to tell, before another one goes by what headquarters knows.
 */
export function createClaimReturn(deps: HqDeps): HqHandler<'claimReturn'> {
  async function claim(
    tx: HqSession,
    till: TillCaller,
    returnId: string,
    saleId: string,
  ): Promise<Omit<ClaimReturnReply, 'returns'>> {
    const now = deps.nowMs();
    await lockSales(tx, [saleId]);
    const [booked] = await tx.query<{ till_id: string }>(
      'SELECT till_id FROM ledger WHERE return_id = $1 LIMIT 1',
      [returnId],
    );
    if (booked !== undefined) return { state: 'booked', ...by(booked.till_id) };
    const [sale] = await tx.query(
      "SELECT 1 FROM ledger WHERE sale_id = $1 AND kind = 'sale' LIMIT 1",
      [saleId],
    );
    if (sale === undefined) return { state: 'unknown' };
    const [other] = await tx.query<{ till_id: string }>(
      `SELECT till_id FROM return_claims
       WHERE (sale_id = $1 OR return_id = $2) AND (sale_id <> $1 OR till_id <> $3) AND expires_at_ms > $4 LIMIT 1`,
      [saleId, returnId, till.tillId, now],
    );
    if (other !== undefined) return { state: 'claimed', ...by(other.till_id) };
    await tx.query(
      `INSERT INTO return_claims (return_id, sale_id, till_id, incarnation, created_at_ms, expires_at_ms)
       VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (return_id) DO UPDATE SET sale_id = excluded.sale_id, till_id = excluded.till_id,
         incarnation = excluded.incarnation, created_at_ms = excluded.created_at_ms,
         expires_at_ms = excluded.expires_at_ms`,
      [returnId, saleId, till.tillId, till.incarnation, now, now + RETURN_CLAIM_MS],
    );
    return { state: 'granted' };
  }

  return async (caller, { returnId, saleId }) => {
    const till = tillOf(caller);
    if (!till.ok) return till;
    return transact(deps, async (tx) => {
      const reply = await claim(tx, till.value, returnId, saleId);
      // Older returns that cannot be told were all booked at the till of the sale, which knows them.
      const { returns } = await readReturns(tx, saleId);
      return ok({ ...reply, returns });
    });
  };
}

/** Ends a claim whose return was not booked. */
export function createReleaseReturn(deps: HqDeps): HqHandler<'releaseReturn'> {
  return async (caller, { returnId }) => {
    const till = tillOf(caller);
    if (!till.ok) return till;
    const gone = await deps.db.query(
      'DELETE FROM return_claims WHERE return_id = $1 AND till_id = $2 RETURNING 1',
      [returnId, till.value.tillId],
    );
    return ok({ released: gone.length > 0 });
  };
}

/**
 * Ends what a till claimed before an instant and did not book: it reconciles when all that it booked has gone up.
 * @returns how many
 */
export async function releaseUnbooked(
  tx: HqSession,
  { tillId }: TillCaller,
  beforeMs: number,
): Promise<number> {
  const gone = await tx.query(
    'DELETE FROM return_claims WHERE till_id = $1 AND created_at_ms < $2 RETURNING 1',
    [tillId, beforeMs],
  );
  return gone.length;
}

function by(tillId: string): Pick<ClaimReturnReply, 'tillId'> {
  return { tillId: tillId as NonNullable<ClaimReturnReply['tillId']> };
}
