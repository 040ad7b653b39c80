import { GENESIS_HASH } from '../../../agent/contract/ledger.ts';
import type { FormerIncarnation } from '../../protocol/session.ts';
import type { HqSession } from '../database/database.ts';

/**
 * The head of a database that HQ has not heard of yet: before its first entry, or where the incarnation ended from which it
 * went on. Its outbox is expected from the last row that both have of the newest former incarnation that HQ knows.
 */
export async function beginLedger(
  tx: HqSession,
  tillId: string,
  incarnation: string,
  former: readonly FormerIncarnation[],
): Promise<void> {
  const last = former.at(-1);
  await tx.query(
    `INSERT INTO ledger_heads (till_id, incarnation, seq, hash, outbox_no) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING`,
    [
      tillId,
      incarnation,
      last?.seq ?? 0,
      last?.hash ?? GENESIS_HASH,
      await commonNo(tx, tillId, former),
    ],
  );
}

async function commonNo(
  tx: HqSession,
  tillId: string,
  former: readonly FormerIncarnation[],
): Promise<number> {
  if (former.length === 0) return 0;
  const rows = await tx.query<{ incarnation: string; outbox_no: number }>(
    'SELECT incarnation, outbox_no FROM ledger_heads WHERE till_id = $1 AND incarnation = ANY($2)',
    [tillId, former.map((one) => one.incarnation)],
  );
  const known = former.findLast((one) => rows.some((row) => row.incarnation === one.incarnation));
  const head = rows.find((row) => row.incarnation === known?.incarnation);
  return known === undefined || head === undefined ? 0 : Math.min(head.outbox_no, known.outboxNo);
}

/**
 * A till that HQ knows under a former incarnation goes on under its present one: its ledger begins where the former one
 * ended, and its reservations stay its own.
 */
export async function followIncarnation(
  tx: HqSession,
  tillId: string,
  incarnation: string,
  former: readonly FormerIncarnation[],
): Promise<void> {
  await beginLedger(tx, tillId, incarnation, former);
  const names = former.map((one) => one.incarnation);
  await tx.query('UPDATE tills SET incarnation = $2 WHERE till_id = $1', [tillId, incarnation]);
  await tx.query(
    `UPDATE allowances SET incarnation = $2
     WHERE till_id = $1 AND incarnation = ANY($3) AND state = 'open'`,
    [tillId, incarnation, names],
  );
}
