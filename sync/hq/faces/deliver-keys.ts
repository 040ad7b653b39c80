import { ok, type Result } from '../../../agent/contract/result.ts';
import {
  answerKeysReplySchema,
  KEY_QUESTIONS_CALL_MAX,
  type KeyAnswer,
  keyPostSchema,
} from '../../protocol/face.ts';
import type { HqInput, HqReply } from '../../protocol/hq-api.ts';
import type { HqFailure } from '../../protocol/hq-error.ts';
import { requestSignatureFits } from '../../protocol/signed-request.ts';
import { transact } from '../books/transact.ts';
import type { HqSession } from '../database/database.ts';
import type { HqDeps, TillCaller } from '../deps.ts';
import { noteHolders } from './face-holders.ts';
import { SPENT_KEPT_MS } from './forget-key-questions.ts';
import { isFedSql, tillKeyOf } from './key-rows.ts';

/** SQL: whether till `till` has the key of template `template` as far as is known. */
const holdsSql = (template: string, till: string): string => `EXISTS (SELECT 1 FROM face_holders h
  WHERE h.template_id = ${template} AND h.till_id = ${till} AND h.confirmed_at_ms IS NULL)`;

/**
 * Gives a till the questions that it can answer, and the answers to its own. Those are forgotten with it: where the reply is
 * lost, the till asks anew.
 */
export function readKeyPost(
  deps: HqDeps,
  till: TillCaller,
): Promise<Result<HqReply<'faceKeyPost'>, HqFailure>> {
  const nowMs = deps.nowMs();
  return transact(deps, async (tx) => {
    const wanted = await tx.query(
      `SELECT q.question_id AS "questionId", q.template_id AS "templateId", q.public_key AS "publicKey", q.at,
         q.signature, q.till_id AS "tillId", t.store_id AS "storeId", t.public_key AS "tillKey"
       FROM face_questions q JOIN tills t ON t.till_id = q.till_id
       WHERE q.answered_by IS NULL AND q.expires_at_ms > $2 AND q.till_id <> $1 AND ${holdsSql('q.template_id', '$1')}
         AND ${isFedSql('q.template_id', 't.store_id')} AND t.public_key IS NOT NULL
       ORDER BY q.expires_at_ms, q.question_id LIMIT ${KEY_QUESTIONS_CALL_MAX}`,
      [till.tillId, nowMs],
    );
    const answered = await tx.query<{ questionId: string; templateId: string }>(
      `DELETE FROM face_questions q WHERE q.question_id IN (
         SELECT question_id FROM face_questions WHERE till_id = $1 AND answered_by IS NOT NULL
         ORDER BY question_id LIMIT ${KEY_QUESTIONS_CALL_MAX} FOR UPDATE)
       RETURNING q.question_id AS "questionId", q.template_id AS "templateId", q.answered_by AS "tillId", q.enc, q.sealed`,
      [till.tillId],
    );
    await tx.query(
      'INSERT INTO face_spent SELECT id, $2::bigint FROM unnest($1::text[]) AS id ON CONFLICT DO NOTHING',
      [answered.map((one) => one.questionId), nowMs + SPENT_KEPT_MS],
    );
    // From here on the till may have the key: it has to say so when it has destroyed it.
    const templateIds = answered.map((one) => one.templateId);
    await noteHolders(tx, till.tillId, templateIds, nowMs);
    return ok(keyPostSchema.parse({ wanted, answered }));
  });
}

/** Takes answers for other tills: of one that has the key, in time, while the other's store is still given the template. */
export function answerKeys(
  deps: HqDeps,
  till: TillCaller,
  { answers }: HqInput<'answerFaceKeys'>,
): Promise<Result<HqReply<'answerFaceKeys'>, HqFailure>> {
  const nowMs = deps.nowMs();
  return transact(deps, async (tx) => {
    const key = await tillKeyOf(tx, till.tillId);
    const taken: string[] = [];
    for (const answer of answers) {
      const templateId = await openQuestion(tx, till, answer, nowMs);
      if (templateId === undefined) continue;
      const signed = { ...answer, templateId, tillId: till.tillId };
      if (!requestSignatureFits('tillside/face-key-answer/1', signed, key)) continue;
      await tx.query(
        'UPDATE face_questions SET answered_by = $2, enc = $3, sealed = $4 WHERE question_id = $1',
        [answer.questionId, till.tillId, answer.enc, answer.sealed],
      );
      taken.push(answer.questionId);
    }
    return ok(answerKeysReplySchema.parse({ taken }));
  });
}

/** The template of a question that this till may answer now; undefined = there is none. */
async function openQuestion(
  tx: HqSession,
  till: TillCaller,
  { questionId }: KeyAnswer,
  nowMs: number,
): Promise<string | undefined> {
  const [row] = await tx.query<{ template_id: string }>(
    `SELECT q.template_id FROM face_questions q JOIN tills t ON t.till_id = q.till_id
     WHERE q.question_id = $1 AND q.answered_by IS NULL AND q.expires_at_ms > $3 AND q.till_id <> $2
       AND ${holdsSql('q.template_id', '$2')} AND ${isFedSql('q.template_id', 't.store_id')}
     FOR UPDATE OF q`,
    [questionId, till.tillId, nowMs],
  );
  return row?.template_id;
}
