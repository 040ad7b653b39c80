import { describe, expect, it } from 'vitest';
import {
  createConfirmedPairs,
  PAIRS_WAITING_MAX,
} from '../../../../agent/app/faces/confirmed-pairs.ts';
import type { Compared } from '../../../../agent/app/faces/judge-frames.ts';
import type { Known } from '../../../../agent/app/identifications.ts';
import type { Evidence, EvidenceMeans, MemberId } from '../../../../agent/contract/index.ts';
import { ANNA, BO, MANAGER, PIN, SCREEN, value } from '../rig.ts';
import { change, type FaceRig, openFaceTill, openPage, PASSED, three } from './face-rig.ts';

/** A till whose pairs end here; the lot always falls on Bo. */
async function noting(): Promise<FaceRig & { readonly noted: Compared[] }> {
  const noted: Compared[] = [];
  const pairs = { anybody: () => BO, note: (what: Compared) => void noted.push(what) };
  return Object.assign(await openFaceTill({ deps: { pairs } }), { noted });
}

/** Anna's card is shown and a face looked at. */
async function verify(rig: FaceRig, person: number, distance?: number): Promise<string> {
  const identificationId = await rig.claim(ANNA);
  const { sessionId } = value(rig.start('verify', { identificationId }));
  const page = await openPage(rig, sessionId);
  await page.send(PASSED, ...three(person, distance));
  return identificationId;
}

/** A manager says that it is her. */
async function vouch(rig: FaceRig, identificationId: string): Promise<void> {
  const asked = { identificationId, managerId: MANAGER, pin: PIN, reason: 'known here' } as const;
  value(await rig.till.override(SCREEN, { ...asked, action: 'enrol-biometric' } as never));
}

describe('a pair is noted', () => {
  it('once another proof has come, with the distance to her template and to somebody else’s', async () => {
    const rig = await noting();
    const identificationId = await verify(rig, 1, 0.2);
    expect(await rig.session()).toMatchObject({ outcome: 'recognised' });
    expect(rig.noted).toEqual([]);
    await vouch(rig, identificationId);
    expect(rig.noted).toEqual([
      {
        memberId: ANNA,
        enrolledAs: ANNA,
        own: expect.closeTo(0.2, 5),
        other: expect.closeTo(Math.hypot(1, 1, 0.2), 5),
      },
    ]);
  });

  it('also of a face that was taken for somebody else’s', async () => {
    const rig = await noting();
    const identificationId = await verify(rig, 9);
    expect(await rig.session()).toMatchObject({ outcome: 'refused', reason: 'no-match' });
    await vouch(rig, identificationId);
    expect(rig.noted).toMatchObject([{ memberId: ANNA, own: expect.closeTo(1.43, 2) }]);
  });

  it('of the first look alone, however often one session looks', async () => {
    const rig = await noting();
    const identificationId = await rig.claim(ANNA);
    const { sessionId } = value(rig.start('verify', { identificationId }));
    const page = await openPage(rig, sessionId);
    await page.send(PASSED, ...three(1, 0.55), ...three(1, 0.2));
    expect(await rig.session()).toMatchObject({ outcome: 'recognised' });
    await vouch(rig, identificationId);
    expect(rig.noted).toMatchObject([{ own: expect.closeTo(0.55, 5) }]);
  });

  it('with nobody else where the lot falls on an account that has become hers', async () => {
    const rig = await noting();
    change(rig, BO, { status: 'merged', mergedInto: ANNA });
    await vouch(rig, await verify(rig, 1));
    expect(rig.noted).toMatchObject([{ other: null }]);
  });

  it('never on the word of a card and of the face itself', async () => {
    const rig = await noting();
    const identificationId = await verify(rig, 1);
    value(await rig.till.releaseIdentification(SCREEN, identificationId as never));
    // Another visit says nothing of this one.
    await vouch(rig, await rig.claim(ANNA));
    expect(rig.noted).toEqual([]);
  });
});

const WHAT: Compared = { memberId: ANNA, enrolledAs: ANNA, own: 0.3, other: null };

function known(id: string, more: Partial<Known> = {}): Known {
  const basketId = `basket-${id}`;
  return {
    identificationId: id,
    basketId,
    outcome: 'identified',
    memberId: ANNA,
    evidence: [],
    overrides: [],
    ...more,
  } as unknown as Known;
}

const proof = (means: EvidenceMeans, claim: boolean, memberId: MemberId = ANNA): Evidence =>
  ({ means, claim, memberId }) as Evidence;

function pairsOver(live: readonly Known[]) {
  const noted: Compared[] = [];
  const now = { live };
  const note = (what: Compared): void => void noted.push(what);
  const source = { live: () => now.live };
  const pairs = createConfirmedPairs(source, { anybody: () => undefined, note });
  return { now, noted, pairs };
}

describe('what confirms a member', () => {
  it.each([
    ['a fresh code of a pass', [proof('pass', false)], 1],
    ['a PIN', [proof('pin', false)], 1],
    ['somebody of the staff', [proof('staff', false)], 1],
    ['a static card, which anybody may hold', [proof('card', true)], 0],
    ['digits of a phone', [proof('phone', true)], 0],
    ['the face itself', [proof('face', false)], 0],
    ['a pass of somebody else', [proof('pass', false, BO)], 0],
  ])('%s', (_, evidence, count) => {
    const { noted, pairs } = pairsOver([known('1', { evidence })]);
    pairs.compared(known('1'), WHAT);
    expect(noted).toHaveLength(count);
  });

  it('counts at the same sale, once, and no more when the identification is over', () => {
    const { now, noted, pairs } = pairsOver([known('1')]);
    const evidence = [proof('pass', false)];
    pairs.compared(known('1'), WHAT);
    now.live = [known('2', { evidence })];
    now.live = [known('1'), known('2', { evidence })];
    pairs.look();
    expect(noted).toEqual([]);
    now.live = [known('3', { evidence, basketId: known('1').basketId })];
    pairs.look();
    pairs.look();
    expect(noted).toEqual([WHAT]);
    pairs.compared(known('3'), { ...WHAT, own: 0.4 });
    expect(noted).toHaveLength(2);
    now.live = [known('4')];
    pairs.compared(known('4'), WHAT);
    now.live = [];
    pairs.look();
    now.live = [known('4', { evidence })];
    pairs.look();
    expect(noted).toHaveLength(2);
  });

  it(`${PAIRS_WAITING_MAX} comparisons wait; with one more the oldest is let go`, () => {
    const all = Array.from({ length: PAIRS_WAITING_MAX + 1 }, (_, at) => known(String(at)));
    const { now, noted, pairs } = pairsOver(all);
    for (const [at, one] of all.entries()) pairs.compared(one, { ...WHAT, own: at });
    now.live = all.map((one) => ({ ...one, evidence: [proof('pass', false)] }));
    pairs.look();
    expect(noted.map(({ own }) => own)).toEqual(all.map((_, at) => at).slice(1));
  });
});
