import { assert } from '../../../../agent/contract/result.ts';
import { GENESIS } from '../../../../agent/domain/ledger/chain.ts';
import type { HqSession } from '../../database/database.ts';
import type { TillCaller } from '../../deps.ts';
import type { LedgerHead } from './place-items.ts';
import type { ReadItem } from './read-items.ts';

/** Locks the head of a till's ledger, so that its uploads are booked one after the other whichever way they come. */
export async function lockHead(tx: HqSession, till: TillCaller): Promise<LedgerHead> {
  const head = await readHead(tx, till);
  if (head !== undefined) return head;
  await tx.query(
    `INSERT INTO ledger_heads (till_id, incarnation, seq, hash, outbox_no) VALUES ($1, $2, $3, $4, 0)
     ON CONFLICT (till_id, incarnation) DO NOTHING`,
    [till.tillId, till.incarnation, GENESIS.seq, GENESIS.hash],
  );
  const first = await readHead(tx, till);
  assert(first !== undefined, 'a head that was inserted is there');
  return first;
}

/** The head of one database of a till, locked; undefined = HQ has not heard of it. */
export async function readHead(
  tx: HqSession,
  { tillId, incarnation }: Pick<TillCaller, 'tillId' | 'incarnation'>,
): Promise<LedgerHead | undefined> {
  const [row] = await tx.query<{
    seq: number;
    hash: string;
    outbox_no: number;
    backed_up_seq: number;
  }>(
    `SELECT seq, hash, outbox_no, backed_up_seq FROM ledger_heads
     WHERE till_id = $1 AND incarnation = $2 FOR UPDATE`,
    [tillId, incarnation],
  );
  if (row === undefined) return undefined;
  return {
    seq: row.seq,
    hash: row.hash,
    outboxNo: row.outbox_no,
    backedUpSeq: row.backed_up_seq,
  };
}

/** Moves the head on. */
export async function moveHead(
  tx: HqSession,
  { tillId, incarnation }: TillCaller,
  { seq, hash, outboxNo }: LedgerHead,
): Promise<void> {
  await tx.query(
    `UPDATE ledger_heads SET seq = $3, hash = $4, outbox_no = $5 WHERE till_id = $1 AND incarnation = $2`,
    [tillId, incarnation, seq, hash, outboxNo],
  );
}

/** Hashes of the entries that HQ has under the numbers that the items name. */
export async function knownHashes(
  tx: HqSession,
  { tillId, incarnation }: TillCaller,
  head: LedgerHead,
  items: readonly ReadItem[],
): Promise<Map<number, string>> {
  const seqs = items.flatMap((item) =>
    item.kind === 'entry' && item.read.seq <= head.seq ? [item.read.seq] : [],
  );
  if (seqs.length === 0) return new Map();
  const rows = await tx.query<{ seq: number; hash: string }>(
    'SELECT seq, hash FROM ledger WHERE till_id = $1 AND incarnation = $2 AND seq = ANY($3)',
    [tillId, incarnation, seqs],
  );
  return new Map(rows.map(({ seq, hash }) => [seq, hash]));
}
