import type { KeyObject } from 'node:crypto';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { toInstant } from '../../../agent/contract/time.ts';
import {
  KEY_QUESTION_TTL_MS,
  KEY_QUESTIONS_PER_TILL_MAX,
  type KeyAnswered,
  type KeyQuestion,
} from '../../protocol/face.ts';
import { signRequest } from '../../protocol/signed-request.ts';
import type { SyncDeps } from '../deps.ts';
import type { FacePorts } from '../ports.ts';
import { makeQuestionKey, type QuestionKey } from './seal-template-key.ts';

const ID_BYTES = 16;

/** Why an answer is not taken. */
export type AnswerRefused =
  /** This till never asked that, or has had its answer. */
  | 'not-asked'
  | 'stale'
  | 'other-template'
  | 'answer-damaged'
  /** The template is over here, or this till may have no keys now. */
  | 'not-wanted'
  /** The key does not open the sealed template, or is another one than the till has got meanwhile. */
  | 'wrong-key';

interface Asked {
  readonly templateId: string;
  readonly key: QuestionKey;
  readonly askedMonoMs: number;
}

/**
 * This till's own questions for keys. Their private halves are here alone: a question ends with its first answer, with
 * time, and with the program.
 */
export interface KeyQuestions {
  /** A fresh question, signed; undefined = {@link KEY_QUESTIONS_PER_TILL_MAX} are open, or one about this template. */
  ask(templateId: string, hqNowMs: number): Promise<KeyQuestion | undefined>;
  /** The question was not taken. @returns its template */
  refused(questionId: string): string | undefined;
  /** Opens an answer and keeps the key; the question is over, however it ends. */
  take(answer: KeyAnswered): Promise<Result<void, AnswerRefused>>;
  /** Forgets questions that nobody answered in time. */
  expire(): void;
  open(): number;
  /** Forgets them all. */
  clear(): void;
}

export function createKeyQuestions({
  deps: { store, clock, random },
  faces: { rows, keys, wantsKeys },
  key,
}: {
  readonly deps: Pick<SyncDeps, 'store' | 'clock' | 'random'>;
  readonly faces: FacePorts;
  readonly key: KeyObject;
}): KeyQuestions {
  const asked = new Map<string, Asked>();
  const isOld = ({ askedMonoMs }: Asked) => clock.monoMs() - askedMonoMs >= KEY_QUESTION_TTL_MS;

  return {
    async ask(templateId, hqNowMs) {
      const isAsked = [...asked.values()].some((one) => one.templateId === templateId);
      if (isAsked || asked.size >= KEY_QUESTIONS_PER_TILL_MAX) return undefined;
      const pair = await makeQuestionKey(random);
      const fields = {
        questionId: Buffer.from(random(ID_BYTES)).toString('hex'),
        templateId: templateId as KeyQuestion['templateId'],
        publicKey: pair.publicKey,
        at: toInstant(hqNowMs),
      };
      asked.set(fields.questionId, { templateId, key: pair, askedMonoMs: clock.monoMs() });
      const signed = { ...fields, tillId: store.tillId };
      return { ...fields, signature: signRequest('tillside/face-key-question/1', signed, key) };
    },
    refused(questionId) {
      const one = asked.get(questionId);
      asked.delete(questionId);
      return one?.templateId;
    },
    async take({ questionId, templateId, tillId, enc, sealed }) {
      const one = asked.get(questionId);
      if (one === undefined) return err('not-asked');
      asked.delete(questionId);
      if (isOld(one)) return err('stale');
      if (one.templateId !== templateId) return err('other-template');
      const binding = { questionId, templateId, askedBy: store.tillId, answeredBy: tillId };
      const opened = await one.key.open({ enc, sealed }, binding);
      if (!opened.ok) return opened;
      const template = rows.find(templateId);
      // It may have ended while the answer was opened, or the till have been paused.
      const isOver = template === undefined || keys.erased(templateId) !== undefined;
      if (isOver || wantsKeys?.() === false) {
        opened.value.fill(0);
        return err('not-wanted');
      }
      const isKept = rows.opens(template, opened.value) && keys.put(templateId, opened.value);
      opened.value.fill(0);
      return isKept ? ok(undefined) : err('wrong-key');
    },
    expire() {
      for (const [questionId, one] of asked) if (isOld(one)) asked.delete(questionId);
    },
    open: () => asked.size,
    clear: () => asked.clear(),
  };
}
