import { createPublicKey, type KeyObject } from 'node:crypto';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { KEY_QUESTION_TTL_MS, type KeyAnswer, type KeyWanted } from '../../protocol/face.ts';
import { requestSignatureFits, signRequest } from '../../protocol/signed-request.ts';
import type { FacePorts } from '../ports.ts';
import { sealTemplateKey } from './seal-template-key.ts';

/** Why a till does not answer a question, whatever headquarters says. */
export type KeyUnanswered =
  /** The template is over here, or its key is not here. */
  | 'not-held'
  /** The member agreed to be recognised in the store of the enrolment alone. */
  | 'out-of-scope'
  | 'stale'
  /** Not signed by the till that is named, or its public half was changed. */
  | 'bad-signature'
  | 'bad-public-key';

export interface AnswerParts {
  readonly tillId: string;
  readonly faces: FacePorts;
  /** The till's own Ed25519 key. */
  readonly key: KeyObject;
  /** Headquarters' time in epoch milliseconds. */
  readonly hqNowMs: number;
}

/** Answers another till's question for a template's key, where this till may: it judges by its own rows and keys. */
export async function answerKey(
  question: KeyWanted,
  { tillId, faces: { rows, keys }, key, hqNowMs }: AnswerParts,
): Promise<Result<KeyAnswer, KeyUnanswered>> {
  const { questionId, templateId, publicKey, tillId: askedBy, storeId } = question;
  const template = rows.find(templateId);
  const held = keys.erased(templateId) === undefined ? keys.get(templateId) : undefined;
  if (template === undefined || held === undefined) return err('not-held');
  if (template.scope !== 'chain' && template.storeId !== storeId) return err('out-of-scope');
  if (Math.abs(Date.parse(question.at) - hqNowMs) > KEY_QUESTION_TTL_MS) return err('stale');
  if (!isSigned(question)) return err('bad-signature');
  const binding = { questionId, templateId, askedBy, answeredBy: tillId };
  const sealed = await sealTemplateKey(held, publicKey, binding);
  held.fill(0);
  if (!sealed.ok) return sealed;
  const signed = { questionId, ...sealed.value, templateId, tillId };
  const signature = signRequest('tillside/face-key-answer/1', signed, key);
  return ok({ questionId, ...sealed.value, signature });
}

function isSigned({ storeId: _storeId, tillKey, ...signed }: KeyWanted): boolean {
  try {
    const key = createPublicKey({
      key: Buffer.from(tillKey, 'base64'),
      format: 'der',
      type: 'spki',
    });
    return requestSignatureFits('tillside/face-key-question/1', signed, key);
  } catch {
    // No key at all: nobody signed with it.
    return false;
  }
}
