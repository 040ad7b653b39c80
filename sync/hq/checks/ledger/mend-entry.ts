import { createHash } from 'node:crypto';
import type { ReadEntry } from '../../books/intake/read-items.ts';
import type { HqSession } from '../../database/database.ts';
import type { TillCaller } from '../../deps.ts';

/**
 * Puts a damaged row of the ledger right, as its header says. The database lets this happen only where the row's damaged
 * image stands in `ledger_mends`, which is written here first and for good.
 */
export async function mendEntry(
  tx: HqSession,
  { tillId, incarnation }: TillCaller,
  {
    item: { read, header, hash },
    sealed,
    atMs,
  }: { readonly item: ReadEntry; readonly sealed: Uint8Array; readonly atMs: number },
): Promise<void> {
  const sealedHash = createHash('sha256').update(sealed).digest('hex');
  await tx.query(
    `INSERT INTO ledger_mends (till_id, incarnation, seq, at_ms, damaged, hash, sealed_hash)
     SELECT till_id, incarnation, seq, $4, to_jsonb(l)::text, $5, $6 FROM ledger l
     WHERE till_id = $1 AND incarnation = $2 AND seq = $3`,
    [tillId, incarnation, read.seq, atMs, hash, sealedHash],
  );
  await tx.query(
    `UPDATE ledger SET entry_id = $4, kind = $5, sale_id = $6, return_id = $7, store_id = $8, business_day = $9,
       at_ms = $10, payable_minor = $11, currency = $12, points_earned = $13, points_spent = $14, exception = $15,
       header = $16, hash = $17, sealed = decode($18, 'hex'), key_id = $19
     WHERE till_id = $1 AND incarnation = $2 AND seq = $3`,
    [
      tillId,
      incarnation,
      read.seq,
      read.entryId,
      read.kind,
      read.saleId,
      read.returnId,
      read.storeId,
      read.businessDay,
      Date.parse(read.at),
      read.payableMinor,
      read.currency,
      read.pointsEarned,
      read.pointsSpent,
      read.exception,
      header,
      hash,
      Buffer.from(sealed).toString('hex'),
      read.keyId,
    ],
  );
}
