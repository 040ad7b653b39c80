import { expect, test } from 'vitest';
import {
  askKeysRequestSchema,
  KEY_ASKED_MAX,
  KEY_ASKED_WINDOW_MS,
  KEY_QUESTION_TTL_MS,
  KEY_QUESTIONS_CALL_MAX,
  KEY_QUESTIONS_PER_TEMPLATE_MAX,
  KEY_QUESTIONS_PER_TILL_MAX,
  KEY_STATE_MAX,
  KEY_STATE_MAX_BYTES,
  keyStateRequestSchema,
} from '../../../../sync/protocol/face.ts';
import { hqApi } from '../../../../sync/protocol/hq-api.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { admin } from '../books/rig.ts';
import { type FaceRig, type FaceTill, openFaces } from './face-rig.ts';

/** A chain-wide template that till A made and that B's store is given, in two stores. */
async function twoTills(rig: FaceRig) {
  const memberId = await rig.carried(1, 'store-1', 'store-2');
  const [a, b] = [await rig.faceTill('till-a'), await rig.faceTill('till-b', 'store-2')];
  const { templateId } = a.enrol(memberId, { scope: 'chain' });
  await a.send();
  return { memberId, a, b, templateId };
}

const post = async (till: FaceTill) => must(await till.post());
const answered = (rig: FaceRig, till: FaceTill, ...answers: ReturnType<FaceTill['answer']>[]) =>
  rig.handlers.answerFaceKeys(till.caller, { answers }, undefined);
const questions = (rig: FaceRig) => rig.db.query('SELECT * FROM face_questions');

describeOnEngines('a question for the key of a face', (hq) => {
  test('goes to a till that has it, and the answer to the one that asked, once', async () => {
    const rig = await openFaces(hq);
    const { a, b, templateId } = await twoTills(rig);
    const question = b.question(templateId);
    expect(await b.ask(question)).toEqual(['taken']);
    expect(await post(b)).toEqual({ wanted: [], answered: [] });
    const { wanted } = await post(a);
    expect(wanted).toMatchObject([{ ...question, tillId: 'till-b', storeId: 'store-2' }]);
    const [one] = wanted;
    if (one === undefined) throw new Error('no question');
    const answer = a.answer(one);
    expect(must(await answered(rig, a, answer))).toEqual({ taken: [question.questionId] });
    expect(await post(a)).toEqual({ wanted: [], answered: [] });
    const { signature: _, ...rest } = answer;
    expect(await post(b)).toEqual({
      wanted: [],
      answered: [{ ...rest, templateId, tillId: 'till-a' }],
    });
    expect(await questions(rig)).toEqual([]);
    expect(await post(b)).toEqual({ wanted: [], answered: [] });
  });

  test('about a template that the store is not given is refused', async () => {
    const rig = await openFaces(hq);
    const memberId = await rig.carried(1, 'store-1', 'store-2');
    const [a, b] = [await rig.faceTill('till-a'), await rig.faceTill('till-b', 'store-2')];
    const own = a.enrol(memberId);
    await a.send();
    expect(await b.ask(b.question(own.templateId))).toEqual(['not-fed']);
    expect(await b.ask(b.question('0'.repeat(32)))).toEqual(['not-fed']);
  });

  test.each([
    [
      'another till',
      (b: FaceTill, id: string) => ({ ...b.question(id), signature: 'A'.repeat(86) }),
    ],
    [
      'a swapped template',
      (b: FaceTill, id: string) => ({ ...b.question('1'.repeat(32)), templateId: id }),
    ],
    [
      'a changed public key',
      (b: FaceTill, id: string) => ({
        ...b.question(id),
        publicKey: Buffer.alloc(32, 1).toString('base64'),
      }),
    ],
  ])('with the signature of %s is refused', async (_, forged) => {
    const rig = await openFaces(hq);
    const { b, templateId } = await twoTills(rig);
    expect(await b.ask(forged(b, templateId) as never)).toEqual(['bad-signature']);
  });

  test('that another till repeats as its own is refused', async () => {
    const rig = await openFaces(hq);
    const { b, templateId } = await twoTills(rig);
    const c = await rig.faceTill('till-c', 'store-2');
    expect(await c.ask(b.question(templateId))).toEqual(['bad-signature']);
  });

  test('that comes again is refused: while it is open, when it was answered, and when it was forgotten', async () => {
    const rig = await openFaces(hq);
    const { a, b, templateId } = await twoTills(rig);
    const question = b.question(templateId);
    await b.ask(question);
    expect(await b.ask(question)).toEqual(['repeated']);
    const [one] = (await post(a)).wanted;
    await answered(rig, a, a.answer(one as never));
    await post(b);
    expect(await b.ask(question)).toEqual(['repeated']);
    const second = b.question(templateId);
    await b.ask(second);
    rig.clockMs += KEY_QUESTION_TTL_MS;
    expect(await b.ask(second)).toEqual(['repeated']);
    rig.clockMs += 1;
    expect(await b.ask(question, second)).toEqual(['stale', 'stale']);
  });

  test('of another time than headquarters is refused, to either side', async () => {
    const rig = await openFaces(hq);
    const { b, templateId } = await twoTills(rig);
    const early = b.question(templateId);
    rig.clockMs += KEY_QUESTION_TTL_MS + 1;
    const late = b.question(templateId);
    expect(await b.ask(early)).toEqual(['stale']);
    rig.clockMs -= KEY_QUESTION_TTL_MS + 1;
    expect(await b.ask(late)).toEqual(['stale']);
    rig.clockMs += 1;
    expect(await b.ask(late)).toEqual(['taken']);
  });

  test('is good for ten minutes', async () => {
    const rig = await openFaces(hq);
    const { a, b, templateId } = await twoTills(rig);
    await b.ask(b.question(templateId));
    rig.clockMs += KEY_QUESTION_TTL_MS - 1;
    const [one] = (await post(a)).wanted;
    expect(one).toBeDefined();
    rig.clockMs += 1;
    expect((await post(a)).wanted).toEqual([]);
    expect(must(await answered(rig, a, a.answer(one as never)))).toEqual({ taken: [] });
    await b.ask(b.question(templateId));
    expect(await questions(rig)).toHaveLength(1);
  });

  test('ends with the template, answer and all', async () => {
    const rig = await openFaces(hq);
    const { a, b, templateId, memberId } = await twoTills(rig);
    await b.ask(b.question(templateId));
    const [one] = (await post(a)).wanted;
    await answered(rig, a, a.answer(one as never));
    a.withdraw(memberId, { templateIds: [templateId] });
    await a.send();
    expect(await questions(rig)).toEqual([]);
    expect(await post(b)).toEqual({ wanted: [], answered: [] });
    expect(must(await answered(rig, a, a.answer(one as never)))).toEqual({ taken: [] });
  });

  test('of a till whose store is not given the template any more is not shown, nor its answer taken', async () => {
    const rig = await openFaces(hq);
    const { a, b, templateId } = await twoTills(rig);
    await b.ask(b.question(templateId));
    const [one] = (await post(a)).wanted;
    await rig.db.query("DELETE FROM member_scopes WHERE store_id = 'store-2'");
    expect((await post(a)).wanted).toEqual([]);
    expect(must(await answered(rig, a, a.answer(one as never)))).toEqual({ taken: [] });
  });

  test.each([
    ['that does not have the key', async (_rig: FaceRig, c: FaceTill) => c],
    [
      'that has destroyed the key',
      async (rig: FaceRig, c: FaceTill) => {
        await c.say([(await rig.templates())[0] ?? '']);
        await c.say([], [[(await rig.templates())[0] ?? '', 'not-fed']]);
        return c;
      },
    ],
  ])('is answered by no till %s', async (_, prepared) => {
    const rig = await openFaces(hq);
    const { a, b, templateId } = await twoTills(rig);
    const c = await prepared(rig, await rig.faceTill('till-c'));
    await b.ask(b.question(templateId));
    expect((await post(c)).wanted).toEqual([]);
    const [one] = (await post(a)).wanted;
    expect(must(await answered(rig, c, c.answer(one as never)))).toEqual({ taken: [] });
  });

  test('is not answered by a forged or changed answer, nor twice', async () => {
    const rig = await openFaces(hq);
    const { a, b, templateId } = await twoTills(rig);
    const c = await rig.faceTill('till-c');
    await c.say([templateId]);
    await b.ask(b.question(templateId));
    const [one] = (await post(a)).wanted as never[];
    const foreign = c.answer(one as never);
    expect(must(await answered(rig, a, foreign))).toEqual({ taken: [] });
    const flipped = { enc: Buffer.alloc(32, 7).toString('base64') };
    expect(must(await answered(rig, a, a.answer(one as never, flipped)))).toEqual({ taken: [] });
    const right = a.answer(one as never);
    expect(must(await answered(rig, a, right)).taken).toHaveLength(1);
    expect(must(await answered(rig, c, foreign)).taken).toEqual([]);
  });

  test('of a restored headquarters finds who has the key, once they have said so', async () => {
    const rig = await openFaces(hq);
    const { a, b, templateId } = await twoTills(rig);
    await rig.db.query('DELETE FROM face_holders');
    await b.ask(b.question(templateId));
    expect((await post(a)).wanted).toEqual([]);
    expect(await a.say([templateId])).toEqual([]);
    expect((await post(a)).wanted).toHaveLength(1);
  });
});

describeOnEngines('limits of questions for keys', (hq) => {
  /** Templates of the member that both stores are given. */
  async function withTemplates(rig: FaceRig, count: number) {
    const [a, b] = [await rig.faceTill('till-a'), await rig.faceTill('till-b', 'store-2')];
    const ids: string[] = [];
    for (let n = 1; n <= count; n += 1) {
      const memberId = await rig.carried(n, 'store-1', 'store-2');
      ids.push(a.enrol(memberId, { scope: 'chain' }).templateId);
    }
    await a.send();
    return { a, b, ids };
  }

  test(`a till has ${KEY_QUESTIONS_PER_TILL_MAX} open`, async () => {
    const rig = await openFaces(hq);
    const { a, b, ids } = await withTemplates(rig, KEY_QUESTIONS_PER_TILL_MAX + 1);
    const all = ids.map((id) => b.question(id));
    const first = [...(await b.ask(...all.slice(0, 32))), ...(await b.ask(...all.slice(32, 64)))];
    expect(new Set(first)).toEqual(new Set(['taken']));
    expect(await b.ask(all[64] as never)).toEqual(['too-many-of-till']);
    expect((await post(a)).wanted).toHaveLength(KEY_QUESTIONS_CALL_MAX);
  });

  test(`a template is asked for ${KEY_QUESTIONS_PER_TEMPLATE_MAX} times at once`, async () => {
    const rig = await openFaces(hq);
    const { b, templateId } = await twoTills(rig);
    const all = Array.from({ length: KEY_QUESTIONS_PER_TEMPLATE_MAX }, () =>
      b.question(templateId),
    );
    expect(new Set(await b.ask(...all))).toEqual(new Set(['taken']));
    expect(await b.ask(b.question(templateId))).toEqual(['too-many-of-template']);
  });

  test(`a till asks ${KEY_ASKED_MAX} times in ten minutes`, async () => {
    const rig = await openFaces(hq);
    const { b, templateId } = await twoTills(rig);
    await b.ask(b.question(templateId));
    await rig.db.query('UPDATE face_asked SET asked = $1', [KEY_ASKED_MAX - 1]);
    expect(await b.ask(b.question(templateId))).toEqual(['taken']);
    expect(await b.ask(b.question(templateId))).toEqual(['face-keys-many']);
    rig.clockMs += KEY_ASKED_WINDOW_MS;
    expect(await b.ask(b.question(templateId))).toEqual(['taken']);
  });

  test('the full bodies fit, and one more entry is refused', async () => {
    const rig = await openFaces(hq);
    const { b, templateId } = await twoTills(rig);
    const asked = Array.from({ length: KEY_QUESTIONS_CALL_MAX }, () => b.question(templateId));
    expect(askKeysRequestSchema.safeParse({ questions: asked }).success).toBe(true);
    const tooMany = [...asked, b.question(templateId)];
    expect(askKeysRequestSchema.safeParse({ questions: tooMany }).success).toBe(false);
    expect(JSON.stringify({ questions: asked }).length).toBeLessThan(hqApi.askFaceKeys.maxBytes);
    const id = 'f'.repeat(32);
    const gone = { templateId: id, reason: 'membership-ended', at: rig.now() };
    const state = {
      held: Array(KEY_STATE_MAX).fill(id),
      destroyed: Array(KEY_STATE_MAX).fill(gone),
    };
    expect(keyStateRequestSchema.safeParse(state).success).toBe(true);
    expect(JSON.stringify(state).length).toBeLessThan(KEY_STATE_MAX_BYTES);
    for (const more of [{ held: [...state.held, id] }, { destroyed: [...state.destroyed, gone] }])
      expect(keyStateRequestSchema.safeParse({ ...state, ...more }).success).toBe(false);
  });
});

describeOnEngines('what a till says of its keys', (hq) => {
  test('a destroyed key is over everywhere where the till did it by its own hand, also at a headquarters that forgot', async () => {
    const rig = await openFaces(hq);
    const { a, templateId } = await twoTills(rig);
    expect(await a.say([], [[templateId, 'withdrawn']])).toEqual([]);
    expect(await rig.templates()).toEqual([]);
    expect(await rig.told('store-2')).toEqual({ [templateId]: 'gone' });
  });

  test('a key that was destroyed as told ends a template that headquarters has again since a backup', async () => {
    const rig = await openFaces(hq);
    const { b, templateId } = await twoTills(rig);
    await b.say([], [[templateId, 'told']]);
    expect(await rig.templates()).toEqual([]);
  });

  test('a store that ceased to carry the member ends nothing elsewhere', async () => {
    const rig = await openFaces(hq);
    const { b, templateId } = await twoTills(rig);
    await b.say([templateId]);
    await rig.db.query("DELETE FROM member_scopes WHERE store_id = 'store-2'");
    await b.say([], [[templateId, 'told']]);
    expect(await rig.templates()).toEqual([templateId]);
    await b.say([], [[templateId, 'not-fed']]);
    expect(await rig.templates()).toEqual([templateId]);
  });

  test('a till that has moved from such a store ends nothing where it is now', async () => {
    const rig = await openFaces(hq);
    const { templateId } = await twoTills(rig);
    const moved = await rig.faceTill('till-c', 'store-1');
    await rig.db.query("DELETE FROM member_scopes WHERE store_id = 'store-2'");
    await moved.say([], [[templateId, 'told']]);
    expect(await rig.templates()).toEqual([templateId]);
  });

  test('a till ends nothing that its store is not given', async () => {
    const rig = await openFaces(hq);
    const { templateId } = await twoTills(rig);
    const far = await rig.faceTill('till-far', 'store-9');
    await far.say([], [[templateId, 'withdrawn']]);
    expect(await rig.templates()).toEqual([templateId]);
  });

  test('of a template that headquarters never heard of: its enrolment is over when it comes', async () => {
    const rig = await openFaces(hq);
    const memberId = await rig.carried(1, 'store-1');
    const [a, b] = [await rig.faceTill('till-a'), await rig.faceTill('till-b')];
    const { templateId } = a.enrol(memberId);
    expect(await a.say([templateId])).toEqual([]);
    await b.say([], [[templateId, 'told']]);
    await a.send();
    expect(await rig.templates()).toEqual([]);
    const { templates } = must(
      await rig.handlers.faceReceipts(admin, { memberId: memberId as never }, undefined),
    );
    expect(templates).toMatchObject([{ templateId, destroyed: false }]);
    expect(await a.say([templateId])).toEqual([templateId]);
  });

  test('a till that moved to another store is told to destroy what is not given there', async () => {
    const rig = await openFaces(hq);
    const memberId = await rig.carried(1, 'store-1');
    const a = await rig.faceTill('till-a');
    const { templateId } = a.enrol(memberId);
    await a.send();
    const moved = { ...a.caller, storeId: 'store-2' };
    const said = await rig.handlers.sayFaceKeys(
      moved,
      { held: [templateId], destroyed: [] },
      undefined,
    );
    expect(must(said)).toEqual({ over: [templateId], unknown: [] });
  });
});
