import type { KeyObject } from 'node:crypto';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import {
  KEY_ASKED_MAX,
  KEY_ASKED_WINDOW_MS,
  KEY_QUESTION_TTL_MS,
  KEY_QUESTIONS_PER_TEMPLATE_MAX,
  KEY_QUESTIONS_PER_TILL_MAX,
  type KeyQuestion,
  type KeyRefusal,
} from '../../protocol/face.ts';
import type { HqInput, HqReply } from '../../protocol/hq-api.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import { requestSignatureFits } from '../../protocol/signed-request.ts';
import { transact } from '../books/transact.ts';
import type { HqSession } from '../database/database.ts';
import type { HqDeps, TillCaller } from '../deps.ts';
import { forgetKeyQuestions } from './forget-key-questions.ts';
import { isFedSql, tillKeyOf } from './key-rows.ts';

/** Takes a till's questions for keys of templates that its store is given, signed by the till's own key. */
export function askKeys(
  deps: HqDeps,
  till: TillCaller,
  { questions }: HqInput<'askFaceKeys'>,
): Promise<Result<HqReply<'askFaceKeys'>, HqFailure>> {
  const nowMs = deps.nowMs();
  return transact(deps, async (tx) => {
    if (await askedTooMuch(tx, till.tillId, questions.length, nowMs))
      return err(hqFailure('face-keys-many'));
    await forgetKeyQuestions(tx, nowMs);
    const key = await tillKeyOf(tx, till.tillId);
    const refused: { questionId: string; why: KeyRefusal }[] = [];
    for (const question of questions) {
      const why = await take(tx, till, key, question, nowMs);
      if (why !== undefined) refused.push({ questionId: question.questionId, why });
    }
    return ok({ refused });
  });
}

/** Counts what a till asks; its row is locked, so that two calls of one till come one after the other. */
async function askedTooMuch(
  tx: HqSession,
  tillId: string,
  questions: number,
  nowMs: number,
): Promise<boolean> {
  const [row] = await tx.query<{ asked: number }>(
    `INSERT INTO face_asked AS a VALUES ($1, $2, $3) ON CONFLICT (till_id) DO UPDATE SET
       asked = CASE WHEN a.since_ms > $4 AND a.since_ms <= $2 THEN a.asked + $3 ELSE $3 END,
       since_ms = CASE WHEN a.since_ms > $4 AND a.since_ms <= $2 THEN a.since_ms ELSE $2 END
     RETURNING asked`,
    [tillId, nowMs, questions, nowMs - KEY_ASKED_WINDOW_MS],
  );
  return (row?.asked ?? 0) > KEY_ASKED_MAX;
}

async function take(
  tx: HqSession,
  till: TillCaller,
  key: KeyObject,
  question: KeyQuestion,
  nowMs: number,
): Promise<KeyRefusal | undefined> {
  const { questionId, templateId, publicKey, at, signature } = question;
  const signed = { ...question, tillId: till.tillId };
  if (!requestSignatureFits('tillside/face-key-question/1', signed, key)) return 'bad-signature';
  if (Math.abs(Date.parse(at) - nowMs) > KEY_QUESTION_TTL_MS) return 'stale';
  const [place] = await tx.query<{
    fed: boolean;
    used: boolean;
    of_till: number;
    of_template: number;
  }>(
    `SELECT ${isFedSql('t.template_id', '$2')} AS fed,
       EXISTS (SELECT 1 FROM face_questions WHERE question_id = $3)
         OR EXISTS (SELECT 1 FROM face_spent WHERE question_id = $3) AS used,
       (SELECT count(*) FROM face_questions WHERE till_id = $4) AS of_till,
       (SELECT count(*) FROM face_questions WHERE template_id = $1) AS of_template
     FROM face_templates t WHERE t.template_id = $1 FOR SHARE OF t`,
    [templateId, till.storeId, questionId, till.tillId],
  );
  if (place?.fed !== true) return 'not-fed';
  if (place.used) return 'repeated';
  if (place.of_till >= KEY_QUESTIONS_PER_TILL_MAX) return 'too-many-of-till';
  if (place.of_template >= KEY_QUESTIONS_PER_TEMPLATE_MAX) return 'too-many-of-template';
  await tx.query(
    `INSERT INTO face_questions (question_id, template_id, till_id, public_key, at, signature, expires_at_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [questionId, templateId, till.tillId, publicKey, at, signature, nowMs + KEY_QUESTION_TTL_MS],
  );
  return undefined;
}
