import { describe, expect, test } from 'vitest';
import type { StaffId } from '../../../agent/contract/index.ts';
import { err, ok } from '../../../agent/contract/result.ts';
import type { PassCodeRefusal, PassesPort } from '../../../sync/client/ports.ts';
import {
  ANNA,
  failed,
  headquartersPort,
  MANAGER,
  member,
  openTill,
  PIN,
  POS,
  type Rig,
  SCREEN,
  value,
} from './rig.ts';

const CARD = '6900000000017';
const GIVEN = {
  code: '7K3M-Q9XD-0TVA',
  url: 'https://hq.example/pass/#7K3M-Q9XD-0TVA',
  expiresAt: '2026-11-21T09:00:00.000Z',
};

/** A till whose headquarters answers so to a question for a code; `asked` collects for whom it was asked. */
function openWith(answer: Awaited<ReturnType<PassesPort['code']>>) {
  const asked: string[] = [];
  const rig = openTill({
    headquarters: () =>
      headquartersPort({
        passes: {
          async code(memberId) {
            asked.push(memberId);
            return answer;
          },
        },
      }),
  });
  rig.store.members.upsert([member(ANNA, { cards: [CARD] })]);
  return { rig, asked };
}

async function anna(rig: Rig) {
  value(await rig.till.signIn(MANAGER, PIN));
  return value(await rig.till.identify(POS, { text: CARD })).identificationId;
}

const refusal = (why: Extract<PassCodeRefusal, { code: 'pass-refused' }>['refusal']) =>
  err({ code: 'pass-refused', refusal: why } as const);

describe('linking a pass at the till', () => {
  test('needs more than a card, which anybody may have seen: a manager vouches, then there is a code', async () => {
    const { rig, asked } = openWith(ok(GIVEN));
    const identificationId = await anna(rig);
    expect(value(await rig.till.linkPass(identificationId))).toMatchObject({
      outcome: 'proof-needed',
      decision: { action: 'change-personal-data', level: 'claimed', needed: 'verified' },
    });
    expect(asked).toEqual([]);
    value(
      await rig.till.override(SCREEN, {
        identificationId,
        action: 'change-personal-data',
        reason: 'identity card seen',
        managerId: MANAGER as StaffId,
        pin: PIN,
      }),
    );
    expect(value(await rig.till.linkPass(identificationId))).toEqual({
      outcome: 'code',
      ...GIVEN,
    });
    expect(asked).toEqual([ANNA]);
  });

  test.each([
    [err({ code: 'pass-unreachable' } as const), 'pass-offline'],
    [refusal('member-unknown'), 'pass-member-waiting'],
    [refusal('member-not-active'), 'pass-member-inactive'],
    [refusal('pass-codes-many'), 'pass-codes-many'],
    [refusal('pass-page-missing'), 'pass-page-missing'],
  ])('says what headquarters refuses, and that it is out of reach: %j', async (answer, code) => {
    const { rig } = openWith(answer);
    const identificationId = await anna(rig);
    await rig.till.override(SCREEN, {
      identificationId,
      action: 'change-personal-data',
      reason: 'identity card seen',
      managerId: MANAGER as StaffId,
      pin: PIN,
    });
    expect(failed(await rig.till.linkPass(identificationId)).code).toBe(code);
  });

  test('is for whoever is identified now, and for nobody who has left', async () => {
    const { rig, asked } = openWith(ok(GIVEN));
    const identificationId = await anna(rig);
    await rig.till.releaseIdentification(POS, identificationId);
    expect(failed(await rig.till.linkPass(identificationId)).code).toBe('identification-unknown');
    const { identificationId: stranger } = value(
      await rig.till.identify(POS, { text: '6900000000994' }),
    );
    expect(failed(await rig.till.linkPass(stranger)).code).toBe('identification-unknown');
    expect(asked).toEqual([]);
  });
});
