import type { HqSession } from '../../database/database.ts';
import { PROOFS_KEPT_MAX } from './limits.ts';
import type { ProofSummary } from './verify-source.ts';

/** A proof as HQ remembers it. */
export interface ProofRecord extends ProofSummary {
  /** The file or table, without passwords. */
  readonly origin: string;
  readonly cutOverMs?: number | undefined;
}

/** Files a proof; of the oldest beyond {@link PROOFS_KEPT_MAX} nothing stays. @returns its number */
export async function writeProof(
  session: HqSession,
  proof: Omit<ProofRecord, 'proofId'>,
): Promise<number> {
  const { kind, source, origin, verdict, cutOverMs, startedAtMs, endedAtMs, ...result } = proof;
  const [row] = await session.query<{ proof_id: number }>(
    `INSERT INTO import_proofs (kind, source, origin, verdict, cut_over_ms, result, started_at_ms, ended_at_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING proof_id`,
    [
      kind,
      source,
      origin,
      verdict,
      cutOverMs ?? null,
      JSON.stringify(result),
      startedAtMs,
      endedAtMs,
    ],
  );
  await session.query(
    `DELETE FROM import_proofs WHERE proof_id IN (
       SELECT proof_id FROM import_proofs ORDER BY proof_id DESC OFFSET $1)`,
    [PROOFS_KEPT_MAX],
  );
  return Number(row?.proof_id);
}

/** The latest proofs, the last one first. */
export async function readProofs(session: HqSession, limit: number): Promise<ProofRecord[]> {
  const rows = await session.query<{
    proof_id: number;
    kind: ProofRecord['kind'];
    source: string;
    origin: string;
    verdict: ProofRecord['verdict'];
    cut_over_ms: number | null;
    result: string;
    started_at_ms: number;
    ended_at_ms: number;
  }>('SELECT * FROM import_proofs ORDER BY proof_id DESC LIMIT $1', [limit]);
  return rows.map((row) => ({
    ...(JSON.parse(row.result) as Omit<ProofSummary, 'proofId'>),
    proofId: Number(row.proof_id),
    kind: row.kind,
    source: row.source,
    origin: row.origin,
    verdict: row.verdict,
    ...(row.cut_over_ms === null ? {} : { cutOverMs: Number(row.cut_over_ms) }),
    startedAtMs: Number(row.started_at_ms),
    endedAtMs: Number(row.ended_at_ms),
  }));
}
