import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MemberId } from '../../../../agent/contract/index.ts';
import { testMember } from '../../../support/ledger.ts';
import { openTestStore } from '../../../support/store.ts';

const id = (n: number) => `m-${n}` as MemberId;

describe('the member cache', () => {
  test('finds a member by id, by any of their cards and by GSRN, exactly as written', () => {
    const till = openTestStore();
    const member = testMember(7, {
      cards: ['6200000007', 'VIP-7'],
      birthday: '1990-02-28',
      validUntil: '2027-01-31',
    });
    till.store.members.upsert([member, testMember(8)]);
    const { members } = till.reopen();
    expect(members.byId(id(7))).toEqual(member);
    expect(members.byCard('6200000007')).toEqual(member);
    expect(members.byCard('VIP-7')).toEqual(member);
    expect(members.byGsrn(member.gsrn ?? '')).toEqual(member);
    expect(members.count()).toBe(2);
  });

  test('answers nothing for what it does not hold, the beginning of a card included', () => {
    const { members } = openTestStore().store;
    members.upsert([testMember(7)]);
    expect([members.byId(id(8)), members.byCard('62000000'), members.byGsrn('7')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('forgets the cards, phone and GSRN that a changed member has no more', () => {
    const { members } = openTestStore().store;
    members.upsert([testMember(7, { cards: ['OLD-7', 'KEPT-7'] })]);
    members.upsert([
      testMember(7, { cards: ['KEPT-7', 'NEW-7'], phone: undefined, gsrn: undefined }),
    ]);
    expect(['OLD-7', 'KEPT-7', 'NEW-7'].map((card) => members.byCard(card)?.memberId)).toEqual([
      undefined,
      id(7),
      id(7),
    ]);
    expect(members.byPhoneSuffix('0007', 8)).toEqual([]);
    expect(members.byGsrn('7'.padStart(18, '0'))).toBeUndefined();
    expect(members.count()).toBe(1);
  });

  test('gives a card to the member who was last said to have it, in either order of the two changes', () => {
    for (const lossFirst of [true, false]) {
      const { members } = openTestStore().store;
      members.upsert([testMember(1, { cards: ['CARD'] }), testMember(2, { cards: [] })]);
      const [loss, gain] = [testMember(1, { cards: [] }), testMember(2, { cards: ['CARD'] })];
      members.upsert(lossFirst ? [loss, gain] : [gain, loss]);
      expect(members.byCard('CARD')?.memberId).toBe(id(2));
    }
  });

  test('keeps all of a batch or nothing of it', () => {
    const { members } = openTestStore().store;
    const broken = { ...testMember(2), memberId: null } as never;
    expect(() => members.upsert([testMember(1), broken])).toThrow();
    expect(members.count()).toBe(0);
  });

  test('finds members by the end of their phone number in order of id, at most as many as asked', () => {
    const { members } = openTestStore().store;
    members.upsert([
      testMember(3, { phone: '13800001234' }),
      testMember(1, { phone: '13900001234' }),
      testMember(2, { phone: '+8613700001234' }),
      testMember(4, { phone: '13800012340' }),
      testMember(5, { phone: undefined }),
    ]);
    const found = (digits: string, limit: number) =>
      members.byPhoneSuffix(digits, limit).map(({ memberId }) => memberId);
    expect(found('1234', 8)).toEqual([id(1), id(2), id(3)]);
    expect(found('1234', 2)).toEqual([id(1), id(2)]);
    expect(found('800001234', 8)).toEqual([id(3)]);
    expect(found('13800001234', 8)).toEqual([id(3)]);
    expect(found('5678', 8)).toEqual([]);
  });

  test('finds exactly the phones that end so, whatever the numbers', () => {
    const { members } = openTestStore().store;
    const phones = new Map<number, string>();
    const phone = fc.stringMatching(/^[0-2]{6,11}$/);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        phone,
        fc.stringMatching(/^[0-2]{4,7}$/),
        (n, number, digits) => {
          phones.set(n, number);
          members.upsert([testMember(n, { phone: number })]);
          const expected = [...phones]
            .filter(([, p]) => p.endsWith(digits))
            .map(([m]) => String(id(m)))
            .sort();
          expect(
            members.byPhoneSuffix(digits, 100).map(({ memberId }) => String(memberId)),
          ).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  test.each(['123', '', '12a4', '%%%%'])('does not look up the phone digits %j', (digits) => {
    expect(() => openTestStore().store.members.byPhoneSuffix(digits, 8)).toThrow(
      '4 or more digits',
    );
  });
});
