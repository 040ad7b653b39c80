import { describe, expect, test } from 'vitest';
import {
  type Member,
  type MemberId,
  memberGlanceSchema,
  memberSchema,
} from '../../../../agent/contract/index.ts';
import { localTime } from '../../../../agent/domain/benefits/local-time.ts';
import { followMerge, MERGE_CHAIN_MAX } from '../../../../agent/domain/identify/follow-merge.ts';
import { memberGlance } from '../../../../agent/domain/identify/member-glance.ts';
import { memberStanding } from '../../../../agent/domain/identify/member-standing.ts';

function member(memberId: string, more: object = {}): Member {
  return memberSchema.parse({
    memberId,
    name: '王小明',
    tier: 'gold',
    updatedAt: '2026-11-01T00:00:00.000Z',
    ...more,
  });
}

describe('a membership', () => {
  test.each([
    [{}, 'identified'],
    [{ validUntil: '2026-11-21' }, 'identified'],
    [{ validUntil: '2026-11-20' }, 'expired'],
    [{ status: 'expired' }, 'expired'],
    [{ status: 'blocked', validUntil: '2026-11-20' }, 'blocked'],
  ])('with %o is %s', (more, standing) => {
    expect(memberStanding(member('m', more), '2026-11-21')).toBe(standing);
  });
});

describe('a merged account', () => {
  /** m0 merged into m1 and so on; the last one is alive. */
  const chain = (merges: number): Map<string, Member> =>
    new Map(
      Array.from({ length: merges + 1 }, (_, n) => [
        `m${n}`,
        member(`m${n}`, n < merges ? { status: 'merged', mergedInto: `m${n + 1}` } : {}),
      ]),
    );
  const follow = (members: Map<string, Member>) =>
    followMerge(members.get('m0') ?? member('m0'), (id: MemberId) => members.get(id));

  test('that is none is itself', () => {
    expect(follow(chain(0))).toMatchObject({ member: { memberId: 'm0' }, merged: false });
  });

  test('is followed through as many merges as the limit, and not one more', () => {
    expect(follow(chain(MERGE_CHAIN_MAX))).toMatchObject({
      member: { memberId: `m${MERGE_CHAIN_MAX}` },
      merged: true,
    });
    expect(follow(chain(MERGE_CHAIN_MAX + 1))).toEqual({ member: undefined, merged: true });
  });

  test('whose target is not here, or not named, leads nowhere', () => {
    const members = chain(1);
    members.delete('m1');
    expect(follow(members)).toEqual({ member: undefined, merged: true });
    expect(follow(new Map([['m0', member('m0', { status: 'merged' })]]))).toEqual({
      member: undefined,
      merged: true,
    });
  });
});

test('a glance shows what is owed to the member and nothing that names them', () => {
  const now = localTime(Date.UTC(2026, 10, 21, 8, 30), 'Asia/Shanghai');
  const shown = memberGlance(
    member('m', {
      phone: '13800001234',
      cards: ['290000000001'],
      birthday: '1990-11-21',
      entitlements: [{ kind: 'parking', validUntil: '2026-11-20' }, { kind: 'priority-lane' }],
    }),
    [
      {
        lotId: 'l' as never,
        memberId: 'm' as MemberId,
        points: 30,
        earnedAt: '2026-01-01T00:00:00.000Z',
        expiresOn: '2026-12-21',
        channel: 'store',
        bucket: 'base',
        source: 't',
      },
    ],
    now,
  );
  expect(memberGlanceSchema.parse(shown)).toEqual(shown);
  expect(shown).toMatchObject({
    maskedName: '王*明',
    phoneLast4: '1234',
    points: 30,
    pointsExpiringSoon: 30,
    firstExpiryOn: '2026-12-21',
    birthdayToday: true,
    entitlements: [{ kind: 'priority-lane' }],
  });
  expect(JSON.stringify(shown)).not.toMatch(/王小明|13800001234|290000000001/);
});
