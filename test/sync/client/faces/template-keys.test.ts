import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { FaceScope, FaceTemplate } from '../../../../agent/contract/face-facts.ts';
import { answerKey } from '../../../../sync/client/faces/answer-key.ts';
import {
  createKeyQuestions,
  type KeyQuestions,
} from '../../../../sync/client/faces/key-questions.ts';
import {
  makeQuestionKey,
  sealTemplateKey,
} from '../../../../sync/client/faces/seal-template-key.ts';
import {
  KEY_QUESTION_TTL_MS,
  KEY_QUESTIONS_PER_TILL_MAX,
  type KeyAnswered,
  type KeyQuestion,
  type KeyWanted,
} from '../../../../sync/protocol/face.ts';
import { publicKeyText } from '../../../../sync/protocol/public-key-text.ts';
import { must } from '../../../support/must.ts';
import {
  type Enrolled,
  enrolledAt,
  type FaceFiles,
  newFaceFiles,
  removeFaceFolders,
} from './face-till.ts';

const NOW_MS = Date.parse('2026-11-21T08:30:00Z');
afterAll(removeFaceFolders);

describe('a sealed key', () => {
  const key = randomBytes(32);
  const binding = { questionId: 'q', templateId: 't', askedBy: 'till-b', answeredBy: 'till-a' };

  test('is opened by the private half of its question, for what it was sealed for', async () => {
    const pair = await makeQuestionKey(randomBytes);
    const sealed = must(await sealTemplateKey(key, pair.publicKey, binding));
    expect(Buffer.from(must(await pair.open(sealed, binding)))).toEqual(key);
    expect(sealed.sealed).not.toContain(key.toString('base64').slice(0, 20));
  });

  test.each(Object.keys(binding))('is not opened with another %s', async (field) => {
    const pair = await makeQuestionKey(randomBytes);
    const sealed = must(await sealTemplateKey(key, pair.publicKey, binding));
    const other = await pair.open(sealed, { ...binding, [field]: 'other' });
    expect(other).toEqual({ ok: false, error: 'answer-damaged' });
  });

  test.each(['enc', 'sealed'] as const)(
    'is not opened with one flipped bit of `%s`',
    async (field) => {
      const pair = await makeQuestionKey(randomBytes);
      const sealed = must(await sealTemplateKey(key, pair.publicKey, binding));
      for (const at of [0, 15, 31]) {
        const bytes = Buffer.from(sealed[field], 'base64');
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        const flipped = { ...sealed, [field]: bytes.toString('base64') };
        expect(await pair.open(flipped, binding)).toEqual({ ok: false, error: 'answer-damaged' });
      }
    },
  );

  test('is not opened by the private half of another question', async () => {
    const [pair, other] = [await makeQuestionKey(randomBytes), await makeQuestionKey(randomBytes)];
    const sealed = must(await sealTemplateKey(key, pair.publicKey, binding));
    expect((await other.open(sealed, binding)).ok).toBe(false);
  });

  test('to a point of small order is not made', async () => {
    const zero = Buffer.alloc(32).toString('base64');
    expect(await sealTemplateKey(key, zero, binding)).toEqual({
      ok: false,
      error: 'bad-public-key',
    });
  });
});

/** Till A, which enrolled, and till B, which asks. */
interface Two {
  readonly a: FaceFiles;
  readonly b: FaceFiles;
  readonly made: Enrolled;
  readonly template: FaceTemplate;
  readonly bKey: KeyObject;
  readonly questions: KeyQuestions;
  passMs: number;
  wanted(question: KeyQuestion, more?: Partial<KeyWanted>): KeyWanted;
  answer(wanted: KeyWanted): ReturnType<typeof answerKey>;
}

function openTwo(scope: FaceScope = 'chain'): Two {
  const [a, b] = [newFaceFiles(), newFaceFiles()];
  const [aKey, bKey] = [1, 2].map(() => generateKeyPairSync('ed25519').privateKey) as [
    KeyObject,
    KeyObject,
  ];
  const made = enrolledAt('m-1', { tillId: 'till-a', storeId: 's1', scope });
  const { template } = made.enrolment;
  for (const { rows } of [a, b]) rows.put(template);
  a.keys.put(template.templateId, made.key);
  const two: Two = {
    a,
    b,
    made,
    template,
    bKey,
    passMs: 0,
    questions: createKeyQuestions({
      deps: {
        store: { tillId: 'till-b' } as never,
        clock: { now: () => NOW_MS, monoMs: () => two.passMs },
        random: randomBytes,
      },
      faces: b,
      key: bKey,
    }),
    wanted: (question, more = {}) => ({
      ...question,
      tillId: 'till-b' as never,
      storeId: 's2' as never,
      tillKey: publicKeyText(bKey),
      ...more,
    }),
    answer: (wanted) =>
      answerKey(wanted, { tillId: 'till-a', faces: a, key: aKey, hqNowMs: NOW_MS + two.passMs }),
  };
  return two;
}

let two: Two;
beforeEach(() => {
  two = openTwo();
});
const asked = async (): Promise<KeyQuestion> => {
  const question = await two.questions.ask(two.template.templateId, NOW_MS);
  if (question === undefined) throw new Error('nothing was asked');
  return question;
};
/** As headquarters hands an answer over. */
async function answered(question: KeyQuestion): Promise<KeyAnswered> {
  const { signature: _, ...answer } = must(await two.answer(two.wanted(question)));
  return { ...answer, templateId: question.templateId, tillId: 'till-a' as never };
}

describe('a till that has the key', () => {
  test('gives it to the till that asked, which keeps it', async () => {
    const question = await asked();
    expect(await two.questions.take(await answered(question))).toEqual({ ok: true });
    expect(two.b.keys.get(two.template.templateId)).toEqual(two.made.key);
  });

  test('gives nothing once it has destroyed the key or lost the row', async () => {
    const wanted = two.wanted(await asked());
    two.a.rows.end(two.template.templateId);
    expect(await two.answer(wanted)).toEqual({ ok: false, error: 'not-held' });
    two.a.rows.put(two.template);
    two.a.keys.erase(two.template.templateId, 'withdrawn', NOW_MS);
    expect(await two.answer(wanted)).toEqual({ ok: false, error: 'not-held' });
  });

  test('gives nothing to another store where the member agreed to this one alone', async () => {
    two = openTwo('store');
    const question = await asked();
    expect(await two.answer(two.wanted(question))).toEqual({ ok: false, error: 'out-of-scope' });
    const same = two.wanted(question, { storeId: 's1' as never });
    expect((await two.answer(same)).ok).toBe(true);
  });

  test.each([
    ['another till', { tillId: 'till-c' }],
    ['another public half', { publicKey: Buffer.alloc(32, 9).toString('base64') }],
    ['another question', { questionId: 'f'.repeat(32) }],
    ['another time', { at: '2026-11-21T08:30:01.000Z' }],
    ['no key of a till', { tillKey: 'xx' }],
  ])('gives nothing where headquarters names %s than was signed', async (_, more) => {
    const wanted = two.wanted(await asked(), more as never);
    expect(await two.answer(wanted)).toEqual({ ok: false, error: 'bad-signature' });
  });

  test('gives nothing to a stale question', async () => {
    const wanted = two.wanted(await asked());
    two.passMs = KEY_QUESTION_TTL_MS;
    expect((await two.answer(wanted)).ok).toBe(true);
    two.passMs += 1;
    expect(await two.answer(wanted)).toEqual({ ok: false, error: 'stale' });
  });
});

describe('a till that asked', () => {
  test('takes one answer, once', async () => {
    const answer = await answered(await asked());
    must(await two.questions.take(answer));
    expect(await two.questions.take(answer)).toEqual({ ok: false, error: 'not-asked' });
  });

  test.each([
    ['that nobody asked for', { questionId: 'e'.repeat(32) }, 'not-asked'],
    ['about another template', { templateId: 'd'.repeat(32) }, 'other-template'],
    ['in the name of another till', { tillId: 'till-c' }, 'answer-damaged'],
  ])('refuses an answer %s, and keeps no key', async (_, more, error) => {
    const answer = { ...(await answered(await asked())), ...(more as object) };
    expect(await two.questions.take(answer)).toEqual({ ok: false, error });
    expect(two.b.keys.ids()).toEqual([]);
  });

  test('refuses a stale answer', async () => {
    const answer = await answered(await asked());
    two.passMs = KEY_QUESTION_TTL_MS;
    expect(await two.questions.take(answer)).toEqual({ ok: false, error: 'stale' });
  });

  test('refuses a key that does not open the template', async () => {
    two.a.keys.put(two.template.templateId, randomBytes(32));
    const answer = await answered(await asked());
    expect(await two.questions.take(answer)).toEqual({ ok: false, error: 'wrong-key' });
    expect(two.b.keys.ids()).toEqual([]);
  });

  test('refuses the key of a template that ended meanwhile', async () => {
    const answer = await answered(await asked());
    two.b.keys.erase(two.template.templateId, 'told', NOW_MS);
    expect(await two.questions.take(answer)).toEqual({ ok: false, error: 'not-wanted' });
  });

  test(`asks once about a template, and for ${KEY_QUESTIONS_PER_TILL_MAX} at a time`, async () => {
    await asked();
    expect(await two.questions.ask(two.template.templateId, NOW_MS)).toBeUndefined();
    for (let n = 1; n < KEY_QUESTIONS_PER_TILL_MAX; n += 1)
      expect(await two.questions.ask(`template-${n}`, NOW_MS)).toBeDefined();
    expect(two.questions.open()).toBe(KEY_QUESTIONS_PER_TILL_MAX);
    expect(await two.questions.ask('one-more', NOW_MS)).toBeUndefined();
    two.passMs = KEY_QUESTION_TTL_MS;
    two.questions.expire();
    expect(two.questions.open()).toBe(0);
    expect(await two.questions.ask('one-more', NOW_MS)).toBeDefined();
  });

  test('makes another key pair for every question', async () => {
    const first = await asked();
    two.questions.refused(first.questionId);
    expect((await asked()).publicKey).not.toBe(first.publicKey);
  });
});
