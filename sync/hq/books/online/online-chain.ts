import { createHash } from 'node:crypto';
import { toInstant } from '../../../../agent/contract/time.ts';
import { canonicalJson } from '../../../../agent/domain/ledger/canonical-json.ts';
import { GENESIS } from '../../../../agent/domain/ledger/chain.ts';
import type { LotMove } from '../../../../agent/domain/points/lots.ts';
import type { HqSession } from '../../database/database.ts';

export type OnlineKind = 'purchase' | 'return' | 'points';

/** The advisory lock under which one online booking at a time takes its place in the chain. */
const CHAIN_LOCK = 7_464_201;

/** A booking that still needs its place. Figures of a return are negative, like those of a till's. */
export interface OnlineDraft {
  readonly kind: OnlineKind;
  readonly key: string;
  /** SHA-256 of the request: ties the header to the member without naming them. */
  readonly requestHash: string;
  readonly memberId: string;
  readonly orderId: string | null;
  readonly amountMinor: number;
  readonly currency: string;
  readonly pointsEarned: number;
  readonly pointsSpent: number;
  /** Movements of points, so that a return undoes exactly them. */
  readonly moves: readonly LotMove[];
  readonly reason: string | null;
  readonly atMs: number;
  readonly receivedAtMs: number;
}

/**
 * Appends a booking to HQ's own chained ledger: the hash is SHA-256 over the header's canonical JSON (RFC 8785), which
 * names the hash before it. Take every other lock first; this one is held until the transaction ends.
 * @param replyOf the answer, which is kept so that the same key is answered alike
 */
export async function appendOnline<Reply extends object>(
  tx: HqSession,
  { memberId, atMs, receivedAtMs, ...draft }: OnlineDraft,
  replyOf: (place: { readonly seq: number; readonly hash: string }) => Reply,
): Promise<Reply> {
  await tx.query('SELECT pg_advisory_xact_lock($1::bigint)', [CHAIN_LOCK]);
  const [head = GENESIS] = await tx.query<{ seq: number; hash: string }>(
    'SELECT seq, hash FROM online_ledger ORDER BY seq DESC LIMIT 1',
  );
  const seq = head.seq + 1;
  const header = canonicalJson({
    v: 1,
    seq,
    ...draft,
    at: toInstant(atMs),
    receivedAt: toInstant(receivedAtMs),
    prevHash: head.hash,
  });
  const hash = createHash('sha256').update(header).digest('hex');
  const reply = canonicalJson(replyOf({ seq, hash }));
  await tx.query(
    `INSERT INTO online_ledger (seq, kind, idempotency_key, request_hash, member_id, order_id, amount_minor,
       points_earned, points_spent, at_ms, received_at_ms, header, hash, reply)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
    [
      seq,
      draft.kind,
      draft.key,
      draft.requestHash,
      memberId,
      draft.orderId,
      draft.amountMinor,
      draft.pointsEarned,
      draft.pointsSpent,
      atMs,
      receivedAtMs,
      header,
      hash,
      reply,
    ],
  );
  return JSON.parse(reply) as Reply;
}

/** The movements that an earlier booking's header holds. */
export function movesOf(header: string): readonly LotMove[] {
  return (JSON.parse(header) as { moves: LotMove[] }).moves;
}
