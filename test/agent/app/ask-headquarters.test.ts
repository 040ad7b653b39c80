import { describe, expect, test } from 'vitest';
import type { MemberId } from '../../../agent/contract/index.ts';
import { NOTICES } from '../../../agent/domain/identify/sentences.ts';
import type { Store } from '../../../agent/store/store.ts';
import type { HeadquartersPort, MemberLookupPort } from '../../../sync/client/ports.ts';
import {
  basket,
  CASHIER,
  failed,
  headquartersPort,
  hold,
  member,
  openTill,
  PIN,
  POS,
  RICE,
  ringUp,
  SCREEN,
  value,
} from './rig.ts';

/** A card in the chain's own pattern that this till does not know. */
const CARD = '2900010000015';
const FAR = 'far' as MemberId;

type Find = MemberLookupPort['find'];

/** A headquarters that is online and answers as the test says. */
function asked(find: (store: Store, ...query: Parameters<Find>) => ReturnType<Find>) {
  return (store: Store): HeadquartersPort =>
    headquartersPort({
      state: () => ({ state: 'online', sinceMs: 0 }),
      lookup: { find: (query) => find(store, query) },
    });
}

const bringsFar = asked((store) => {
  store.members.upsert([member(FAR, { cards: [CARD], phone: '13700007777' })]);
  return Promise.resolve({ ok: true, value: [FAR] });
});

describe('somebody whom this till does not know', () => {
  test('is asked of headquarters, and a program gets the answer in the same call', async () => {
    const rig = openTill({ headquarters: bringsFar });
    const found = value(await rig.till.identify(POS, { text: CARD }));
    expect(found).toMatchObject({ outcome: 'identified', member: { memberId: FAR } });
    expect(found.pending).toBeUndefined();
  });

  test('a screen hears at once that headquarters is asked, and by an event who it is, under the same id', async () => {
    const rig = openTill({ headquarters: bringsFar });
    value(await rig.till.signIn(CASHIER, PIN));
    const first = value(await rig.till.identify(SCREEN, { text: CARD }));
    expect(first).toMatchObject({ outcome: 'unknown', pending: true, notices: [NOTICES.asking] });
    await Promise.resolve();
    await Promise.resolve();
    const told = rig
      .events()
      .flatMap(({ body }) => (body.kind === 'identification' ? [body.identification] : []));
    expect(told.at(-1)).toMatchObject({
      identificationId: first.identificationId,
      outcome: 'identified',
      member: { memberId: FAR },
      notices: [],
    });
  });

  test('is found by a whole phone number, with or without the country code; its last digits ask nobody', async () => {
    const queries: unknown[] = [];
    const rig = openTill({
      headquarters: asked((_store, query) => {
        queries.push(query);
        return Promise.resolve({ ok: true, value: [] });
      }),
    });
    await rig.till.identify(POS, { phoneDigits: '13700007777' });
    await rig.till.identify(POS, { phoneDigits: '8613700007777' });
    await rig.till.identify(POS, { phoneDigits: '7777' });
    await rig.till.identify(POS, { text: '6901234567892' });
    expect(queries).toEqual([
      { by: 'phone', value: '13700007777' },
      { by: 'phone', value: '13700007777' },
    ]);
  });

  test('whom headquarters does not know either stays unknown, and the cashier can say so', async () => {
    const rig = openTill({
      headquarters: asked(() => Promise.resolve({ ok: true, value: [] })),
    });
    expect(value(await rig.till.identify(POS, { text: CARD }))).toMatchObject({
      outcome: 'unknown',
      notices: [NOTICES.askedInVain],
    });
  });

  test('a headquarters that does not answer in time is a sentence, not a wait', async () => {
    const rig = openTill({
      headquarters: asked(() =>
        Promise.resolve({ ok: false, error: { code: 'lookup-unreachable' } }),
      ),
    });
    expect(value(await rig.till.identify(POS, { text: CARD }))).toMatchObject({
      outcome: 'unknown',
      notices: [NOTICES.notAsked],
    });
  });

  test('a question that breaks is a sentence too, and never the end of the process', async () => {
    const rig = openTill({ headquarters: asked(() => Promise.reject(new Error('made up'))) });
    const first = value(await rig.till.identify(POS, { text: CARD }));
    await new Promise((settle) => setImmediate(settle));
    expect(value(await rig.till.identification(first.identificationId))).toMatchObject({
      outcome: 'unknown',
      notices: [NOTICES.notAsked],
    });
  });

  test('offline nobody is asked', async () => {
    let questions = 0;
    const rig = openTill({
      headquarters: () =>
        headquartersPort({
          state: () => ({ state: 'offline', sinceMs: 0 }),
          lookup: {
            find: () => {
              questions += 1;
              return Promise.resolve({ ok: true, value: [] });
            },
          },
        }),
    });
    const found = value(await rig.till.identify(POS, { text: CARD }));
    expect(found.notices).toEqual([NOTICES.notAsked]);
    expect(questions).toBe(0);
  });

  test('a till without a headquarters says what it always said', async () => {
    const rig = openTill();
    const found = value(await rig.till.identify(POS, { text: CARD }));
    expect(found).toMatchObject({ outcome: 'unknown', notices: [] });
  });

  test('an answer that comes while the basket is held changes nobody: payment was asked for what a guest gets', async () => {
    let answer: (ids: MemberId[]) => void = () => undefined;
    const rig = openTill({
      headquarters: asked((store) => {
        store.members.upsert([member(FAR, { cards: [CARD] })]);
        return new Promise((settle) => {
          answer = (value) => settle({ ok: true, value });
        });
      }),
    });
    value(await rig.till.signIn(CASHIER, PIN));
    const first = value(await rig.till.identify(SCREEN, { text: CARD, basketId: 'b1' as never }));
    const reply = await ringUp(rig, null, basket('b1', [RICE]));
    await hold(rig, reply);
    answer([FAR]);
    await new Promise((settle) => setImmediate(settle));
    const after = value(await rig.till.identification(first.identificationId));
    expect(after).toMatchObject({ outcome: 'unknown' });
    expect(after.pending).toBeUndefined();
  });

  test('an identification that was released meanwhile stays released', async () => {
    let answer: (ids: MemberId[]) => void = () => undefined;
    const rig = openTill({
      headquarters: asked((store) => {
        store.members.upsert([member(FAR, { cards: [CARD] })]);
        return new Promise((settle) => {
          answer = (value) => settle({ ok: true, value });
        });
      }),
    });
    value(await rig.till.signIn(CASHIER, PIN));
    const first = value(await rig.till.identify(SCREEN, { text: CARD }));
    value(await rig.till.releaseIdentification(SCREEN, first.identificationId));
    answer([FAR]);
    await new Promise((settle) => setImmediate(settle));
    expect(value(await rig.till.identification(first.identificationId)).outcome).toBe('released');
    expect(
      failed(
        await rig.till.evaluate(
          POS,
          basket('b1', [RICE], { identificationId: first.identificationId }),
        ),
      ).code,
    ).toBe('identification-unknown');
  });
});
