import { describe, expect, test } from 'vitest';
import {
  type BasketId,
  CANDIDATES_MAX,
  identificationSchema,
  type StaffId,
} from '../../../agent/contract/index.ts';
import {
  ANNA,
  basket,
  CASHIER,
  commitOf,
  failed,
  hold,
  member,
  openTill,
  PIN,
  POS,
  ringUp,
  SCREEN,
  sell,
  TEA,
  value,
} from './rig.ts';

const PAYMENT_CODE = '134650813205778816';

/** All that a POS or a file could hold of a till, as one text. */
function everything(rig: ReturnType<typeof openTill>, ...answers: unknown[]): string {
  return JSON.stringify([
    answers,
    rig.events(),
    rig.logged,
    rig.store.audit.recent(100),
    rig.store.baskets.open(100),
  ]);
}

describe('one code, one member', () => {
  test('a known card identifies its member at a glance, masked and as a claim', async () => {
    const rig = openTill();
    const identified = value(await rig.till.identify(POS, { text: 'CARD-anna', aim: ']C0' }));
    expect(identified).toMatchObject({
      outcome: 'identified',
      codeClass: 'member',
      means: ['card'],
      member: { memberId: ANNA, maskedName: '王*明', phoneLast4: '1234' },
      decision: { outcome: 'enough', level: 'claimed', action: 'earn-points' },
    });
    expect(JSON.stringify(identified)).not.toContain('王小明');
    expect(JSON.stringify(identified)).not.toContain('13800001234');
    expect(identificationSchema.safeParse(identified).success).toBe(true);
    expect(rig.store.visits.ofDay('2026-11-21')).toMatchObject([{ memberId: ANNA }]);
  });

  test('a GS1 8018 code identifies its member', async () => {
    const rig = openTill();
    rig.store.members.upsert([member('gs1', { gsrn: '952000000000000019', cards: [] })]);
    const identified = value(
      await rig.till.identify(POS, { text: '8018952000000000000019', aim: ']C1' }),
    );
    expect(identified).toMatchObject({ outcome: 'identified', member: { memberId: 'gs1' } });
  });

  test('an unknown card is answered plainly and names nobody', async () => {
    const rig = openTill();
    const answer = value(await rig.till.identify(POS, { text: '2999999999991' }));
    expect(answer).toMatchObject({ outcome: 'unknown', means: [] });
    expect(answer.sentence.en).toBe('This till does not know that member; go on as a guest');
    expect(answer.member).toBeUndefined();
  });

  test.each([
    ['blocked', { status: 'blocked' }],
    ['expired', { status: 'expired' }],
    ['expired', { validUntil: '2026-11-20' }],
    ['identified', { validUntil: '2026-11-21' }],
  ])('a member is %s with %o', async (outcome, more) => {
    const rig = openTill();
    rig.store.members.upsert([member('m', more)]);
    const answer = value(await rig.till.identify(POS, { text: 'CARD-m' }));
    expect(answer.outcome).toBe(outcome);
    expect(answer.sentence['zh-CN']).not.toBe('');
  });

  test('a blocked member cannot be bound to a basket, which goes on as a guest', async () => {
    const rig = openTill();
    rig.store.members.upsert([member('m', { status: 'blocked' })]);
    const { identificationId } = value(await rig.till.identify(POS, { text: 'CARD-m' }));
    const refused = failed(await rig.till.evaluate(POS, basket('b1', [TEA], { identificationId })));
    expect(refused).toMatchObject({
      code: 'member-unknown',
      field: 'identificationId',
      data: { outcome: 'blocked' },
    });
    expect(
      value(await rig.till.evaluate(POS, basket('b1', [TEA]))).evaluation.memberId,
    ).toBeUndefined();
  });

  test('a member who is blocked in the middle of a sale gets nothing more', async () => {
    const rig = openTill();
    await ringUp(rig, ANNA, basket('b1', [TEA]));
    rig.store.members.upsert([member(ANNA, { status: 'blocked' })]);
    const reply = value(await rig.till.evaluate(POS, basket('b1', [TEA])));
    expect(reply).toMatchObject({ decisions: [], evaluation: { payableMinor: 1_000 } });
    expect(reply.member).toBeUndefined();
  });
});

describe('merged accounts', () => {
  test('a merged account answers with the member it was merged into and says so', async () => {
    const rig = openTill();
    rig.store.members.upsert([
      member('old', { status: 'merged', mergedInto: 'mid' }),
      member('mid', { status: 'merged', mergedInto: ANNA }),
    ]);
    const answer = value(await rig.till.identify(POS, { text: 'CARD-old' }));
    expect(answer).toMatchObject({ outcome: 'identified', member: { memberId: ANNA } });
    expect(answer.notices.map((notice) => notice.en)).toEqual([
      'This account was merged; the merged membership is used',
    ]);
  });

  test('a merge into a member that this till does not know answers unknown with the notice', async () => {
    const rig = openTill();
    rig.store.members.upsert([member('old', { status: 'merged', mergedInto: 'elsewhere' })]);
    const answer = value(await rig.till.identify(POS, { text: 'CARD-old' }));
    expect(answer).toMatchObject({ outcome: 'unknown' });
    expect(answer.notices).toHaveLength(1);
  });

  test('accounts merged in a circle answer unknown', async () => {
    const rig = openTill();
    rig.store.members.upsert([
      member('x', { status: 'merged', mergedInto: 'y' }),
      member('y', { status: 'merged', mergedInto: 'x' }),
    ]);
    expect(value(await rig.till.identify(POS, { text: 'CARD-x' })).outcome).toBe('unknown');
  });
});

describe('phone digits', () => {
  test('digits that fit several members offer a choice, and the choice is a claim by phone', async () => {
    const rig = openTill();
    rig.store.members.upsert([member('twin', { name: 'Tom Twin', phone: '13700001234' })]);
    value(await rig.till.signIn(CASHIER, PIN));
    const answer = value(await rig.till.identify(SCREEN, { phoneDigits: '1234' }));
    expect(answer.outcome).toBe('ambiguous');
    expect(answer.candidates).toMatchObject([
      { handle: '1', maskedName: '王*明', phoneLast4: '1234' },
      { handle: '2', maskedName: 'T*** T***' },
    ]);
    expect(failed(await rig.till.chooseCandidate(SCREEN, answer.identificationId, '3')).code).toBe(
      'candidate-unknown',
    );
    const chosen = value(await rig.till.chooseCandidate(SCREEN, answer.identificationId, '2'));
    expect(chosen).toMatchObject({
      outcome: 'identified',
      member: { memberId: 'twin' },
      means: ['phone'],
      candidates: [],
    });
    expect(chosen.decision?.evidence).toMatchObject([
      { means: 'phone', claim: true, source: 'cashier' },
    ]);
  });

  test('so many candidates are offered and one more asks for more digits', async () => {
    const rig = openTill();
    const crowd = Array.from({ length: CANDIDATES_MAX }, (_, n) =>
      member(`c${n}`, { phone: `136000${n}4444` }),
    );
    rig.store.members.upsert(crowd);
    expect(value(await rig.till.identify(POS, { phoneDigits: '4444' })).candidates).toHaveLength(
      CANDIDATES_MAX,
    );
    rig.store.members.upsert([member('one-more', { phone: '13600094444' })]);
    const tooMany = value(await rig.till.identify(POS, { phoneDigits: '4444' }));
    expect(tooMany).toMatchObject({ outcome: 'too-many', candidates: [] });
    const narrowed = value(
      await rig.till.identify(POS, {
        phoneDigits: '34444',
        identificationId: tooMany.identificationId,
      }),
    );
    expect(narrowed).toMatchObject({
      identificationId: tooMany.identificationId,
      outcome: 'identified',
    });
  });

  test('a full number said with the country code is found', async () => {
    const rig = openTill();
    expect(
      value(await rig.till.identify(POS, { phoneDigits: '8613800001234' })).member?.memberId,
    ).toBe(ANNA);
  });
});

describe('more proof', () => {
  test('card and phone of one member recognise them', async () => {
    const rig = openTill();
    const card = value(await rig.till.identify(POS, { text: 'CARD-anna' }));
    const both = value(
      await rig.till.identify(POS, {
        phoneDigits: '1234',
        identificationId: card.identificationId,
      }),
    );
    expect(both).toMatchObject({
      identificationId: card.identificationId,
      means: ['card', 'phone'],
      decision: { level: 'recognised' },
    });
  });

  test('digits agree with the member however many others share them', async () => {
    const rig = openTill();
    rig.store.members.upsert(
      Array.from({ length: 20 }, (_, n) =>
        member(`a${n}`, { phone: `1350${String(n).padStart(3, '0')}1234` }),
      ),
    );
    const card = value(await rig.till.identify(POS, { text: 'CARD-anna' }));
    const both = value(
      await rig.till.identify(POS, {
        phoneDigits: '1234',
        identificationId: card.identificationId,
      }),
    );
    expect(both).toMatchObject({ outcome: 'identified', decision: { level: 'recognised' } });
  });

  test('proof of somebody else contradicts, and the basket gives this member nothing', async () => {
    const rig = openTill();
    const card = value(
      await rig.till.identify(POS, { text: 'CARD-anna', basketId: 'b1' as BasketId }),
    );
    const both = value(
      await rig.till.identify(POS, {
        phoneDigits: '5678',
        identificationId: card.identificationId,
      }),
    );
    expect(both).toMatchObject({ outcome: 'contradiction', decision: { outcome: 'refuse' } });
    expect(both.member).toBeUndefined();
    const reply = value(await rig.till.evaluate(POS, basket('b1', [TEA])));
    expect(reply.evaluation).toMatchObject({ payableMinor: 1_000, points: { earned: 0 } });
    expect(reply.decisions.every((decision) => decision.outcome === 'refuse')).toBe(true);
  });

  test('digits that fit nobody add nothing and say so', async () => {
    const rig = openTill();
    const card = value(await rig.till.identify(POS, { text: 'CARD-anna' }));
    const both = value(
      await rig.till.identify(POS, {
        phoneDigits: '0000',
        identificationId: card.identificationId,
      }),
    );
    expect(both).toMatchObject({ outcome: 'identified', means: ['card'] });
    expect(both.notices).toHaveLength(1);
  });

  test('evidence runs out, and the decision says that it has to be shown again', async () => {
    const rig = openTill({ config: { identificationTtlMs: 3_600_000 } });
    await ringUp(rig, ANNA, basket('b1', [TEA]));
    rig.time.pass(1_801_000);
    const reply = value(await rig.till.evaluate(POS, basket('b1', [TEA])));
    expect(reply.evaluation.points.earned).toBe(0);
    expect(reply.decisions[0]?.reasons.map((reason) => reason.code)).toEqual(['evidence-expired']);
  });
});

describe('whose basket', () => {
  test('one identification waits at a time: the next shopper releases the one before', async () => {
    const rig = openTill();
    const anna = value(await rig.till.identify(POS, { text: 'CARD-anna' }));
    const bo = value(await rig.till.identify(POS, { text: 'CARD-bo' }));
    expect(value(await rig.till.pendingIdentification())?.identificationId).toBe(
      bo.identificationId,
    );
    const released = value(await rig.till.identification(anna.identificationId));
    expect(released).toMatchObject({ outcome: 'released', means: [] });
    expect(JSON.stringify(released)).not.toContain(ANNA);
    expect(
      failed(
        await rig.till.evaluate(
          POS,
          basket('b1', [TEA], { identificationId: anna.identificationId }),
        ),
      ).code,
    ).toBe('identification-unknown');
  });

  test('the same member scanned twice keeps the identification', async () => {
    const rig = openTill();
    const first = value(await rig.till.identify(POS, { text: 'CARD-anna' }));
    const again = value(await rig.till.identify(POS, { text: 'CARD-anna' }));
    expect(again.identificationId).toBe(first.identificationId);
    expect(again.means).toEqual(['card']);
  });

  test('an identification belongs to one basket', async () => {
    const rig = openTill();
    const { identificationId } = value(await rig.till.identify(POS, { text: 'CARD-anna' }));
    value(await rig.till.evaluate(POS, basket('b1', [TEA], { identificationId })));
    expect(
      failed(await rig.till.evaluate(POS, basket('b2', [TEA], { identificationId }))).code,
    ).toBe('identification-bound');
    expect(
      failed(
        await rig.till.identify(POS, {
          phoneDigits: '1234',
          identificationId,
          basketId: 'b2' as BasketId,
        }),
      ).code,
    ).toBe('identification-bound');
  });

  test('a parked sale keeps its own member while the next shopper is served', async () => {
    const rig = openTill();
    await ringUp(rig, ANNA, basket('parked', [TEA]));
    const next = await sell(rig, null, basket('next', [TEA]));
    expect(next).toMatchObject({ payableMinor: 1_000, pointsEarned: 0 });
    const resumed = value(await rig.till.evaluate(POS, basket('parked', [TEA])));
    expect(resumed.evaluation).toMatchObject({ memberId: ANNA, payableMinor: 900 });
  });

  test('the member is cleared after commit', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    await hold(rig, reply);
    value(await rig.till.commit(POS, commitOf(reply)));
    const last = rig.events().findLast(({ body }) => body.kind === 'identification');
    expect(last?.body).toMatchObject({ identification: { outcome: 'done', means: [] } });
    expect(JSON.stringify(last)).not.toContain(ANNA);
    expect(JSON.stringify(rig.store.baskets.get('b1' as BasketId))).not.toContain(ANNA);
    expect(
      value(await rig.till.evaluate(POS, basket('b1', [TEA]))).evaluation.memberId,
    ).toBeUndefined();
  });

  test('an identification that nobody takes is cleared by time', async () => {
    const rig = openTill();
    const { identificationId } = value(await rig.till.identify(POS, { text: 'CARD-anna' }));
    rig.time.pass(119_000);
    expect(value(await rig.till.pendingIdentification())?.outcome).toBe('identified');
    rig.time.pass(1_000);
    expect(value(await rig.till.pendingIdentification())).toBeNull();
    expect(value(await rig.till.identification(identificationId)).outcome).toBe('timed-out');
  });

  test('a sale whose member was cleared cannot be held with their benefits', async () => {
    const rig = openTill();
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    const known = rig.events().findLast(({ body }) => body.kind === 'identification');
    const id =
      known?.body.kind === 'identification' ? known.body.identification.identificationId : '';
    value(await rig.till.releaseIdentification(POS, id));
    const refused = await rig.till.hold(POS, {
      id: reply.evaluationId,
      basketHash: reply.basketHash,
      staffId: CASHIER,
    });
    expect(failed(refused)).toMatchObject({ code: 'basket-changed', field: 'identificationId' });
  });

  test('the member of a held sale cannot be taken away', async () => {
    const rig = openTill();
    const card = value(await rig.till.identify(POS, { text: 'CARD-anna' }));
    const reply = value(
      await rig.till.evaluate(
        POS,
        basket('b1', [TEA], { identificationId: card.identificationId }),
      ),
    );
    await hold(rig, reply);
    expect(failed(await rig.till.releaseIdentification(POS, card.identificationId)).code).toBe(
      'identification-bound',
    );
    rig.time.pass(9 * 60_000);
    expect(value(await rig.till.identification(card.identificationId)).outcome).toBe('identified');
  });

  test('the member of a held sale is not timed out while the hold stands, and is when it ends', async () => {
    const rig = openTill({ config: { parkedTtlMs: 60_000 } });
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    await hold(rig, reply);
    rig.time.pass(9 * 60_000);
    expect(rig.store.baskets.get('b1' as BasketId)?.memberId).toBe(ANNA);
    rig.time.pass(62_000);
    expect(rig.store.baskets.get('b1' as BasketId)).toMatchObject({
      state: 'EXPIRED',
      memberId: null,
      identification: null,
    });
  });

  test('a restart keeps the members of open sales and forgets who only waited', async () => {
    const rig = openTill();
    await ringUp(rig, ANNA, basket('b1', [TEA]));
    const waiting = value(await rig.till.identify(POS, { text: 'CARD-bo' }));
    const till = rig.restart();
    expect(value(await till.evaluate(POS, basket('b1', [TEA]))).evaluation.memberId).toBe(ANNA);
    expect(failed(await till.identification(waiting.identificationId)).code).toBe(
      'identification-unknown',
    );
  });

  test('a locked screen identifies nobody, the POS still does', async () => {
    const rig = openTill();
    value(await rig.till.signIn(CASHIER as StaffId, PIN));
    value(await rig.till.lock());
    expect(failed(await rig.till.identify(SCREEN, { text: 'CARD-anna' })).code).toBe(
      'screen-locked',
    );
    expect(value(await rig.till.identify(POS, { text: 'CARD-anna' })).outcome).toBe('identified');
  });
});

describe('a payment code scanned before and after identification', () => {
  test('before identification it is no member code, and its digits are nowhere', async () => {
    const rig = openTill();
    const answer = value(await rig.till.identify(POS, { text: PAYMENT_CODE }));
    expect(answer).toMatchObject({ outcome: 'not-a-member-code', codeClass: 'payment' });
    expect(everything(rig, answer)).not.toContain(PAYMENT_CODE);
    expect(value(await rig.till.pendingIdentification())).toBeNull();
  });

  test('after identification it leaves the member as they are, and its digits are nowhere', async () => {
    const rig = openTill();
    const anna = value(await rig.till.identify(POS, { text: 'CARD-anna' }));
    const answer = value(
      await rig.till.identify(POS, { text: PAYMENT_CODE, identificationId: anna.identificationId }),
    );
    expect(answer).toMatchObject({ outcome: 'not-a-member-code', codeClass: 'payment' });
    expect(value(await rig.till.pendingIdentification())).toMatchObject({
      identificationId: anna.identificationId,
      outcome: 'identified',
    });
    expect(everything(rig, answer)).not.toContain(PAYMENT_CODE);
  });

  test('an article or a coupon scanned for a member says what it is', async () => {
    const rig = openTill();
    expect(value(await rig.till.identify(POS, { text: '2000000000015' }))).toMatchObject({
      outcome: 'not-a-member-code',
      codeClass: 'article',
    });
    expect(value(await rig.till.identify(POS, { text: 'CP-5' }))).toMatchObject({
      outcome: 'not-a-member-code',
      codeClass: 'coupon',
    });
  });
});
