import { KEY_QUESTION_TTL_MS } from '../../protocol/face.ts';
import type { HqSession } from '../database/database.ts';

/** A question may name a time so far ahead and be taken again until then: its id is remembered so long, in milliseconds. */
export const SPENT_KEPT_MS = 2 * KEY_QUESTION_TTL_MS;

/** Forgets questions for keys that nobody answered or fetched in time, and ids that could be used again by nobody. */
export async function forgetKeyQuestions(tx: HqSession, nowMs: number): Promise<void> {
  await tx.query(
    `WITH ended AS (DELETE FROM face_questions WHERE expires_at_ms <= $1 RETURNING question_id)
     INSERT INTO face_spent SELECT question_id, $2::bigint FROM ended ON CONFLICT DO NOTHING`,
    [nowMs, nowMs + SPENT_KEPT_MS],
  );
  await tx.query('DELETE FROM face_spent WHERE expires_at_ms <= $1', [nowMs]);
}
