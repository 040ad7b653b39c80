import { describe, expect, it } from 'vitest';
import {
  type BasketId,
  FACE_SHORTLIST_MAX,
  type FaceSession,
  type Identification,
  type MemberId,
  SHORTLIST_ONLY_ABOVE,
} from '../../../../agent/contract/index.ts';
import { ANNA, BO, failed, POS, SCREEN, value } from '../rig.ts';
import {
  ADULT,
  change,
  described,
  type FaceRig,
  faceOf,
  openFaceTill,
  openPage,
  PASSED,
  seenAs,
  type TestPage,
  three,
} from './face-rig.ts';

async function looking(rig: FaceRig, basketId?: BasketId): Promise<TestPage> {
  const more = basketId === undefined ? {} : { basketId };
  return openPage(rig, value(rig.start('identify', more)).sessionId);
}

async function shortlisted(rig: FaceRig): Promise<Identification> {
  const { identificationId = '' } = (await rig.session()) ?? {};
  return value(await rig.till.identification(identificationId));
}

/** Members 3 to `last`, all as near to person 1 as Anna is. */
function crowd(rig: FaceRig, count: number): MemberId[] {
  return Array.from({ length: count }, (_, n) => {
    const memberId = `twin-${n}` as MemberId;
    change(rig, memberId, { name: `双胞胎${n}`, phone: `1370000${1000 + n}`, ...ADULT });
    const face = faceOf(1);
    face[14] = 0.01 * (n + 1);
    rig.faces.enrol(memberId, face);
    return memberId;
  });
}

describe('looking for somebody whom nobody named', () => {
  it('suggests a member: a candidate, no login', async () => {
    const rig = await openFaceTill();
    await (await looking(rig)).send(PASSED, ...three(1));
    expect(await rig.session()).toMatchObject({ outcome: 'shortlist' });
    const found = await shortlisted(rig);
    expect(found).toMatchObject({ outcome: 'ambiguous', means: [] });
    expect(found.member).toBeUndefined();
    expect(found.decision).toBeUndefined();
    expect(found.candidates).toHaveLength(1);
  });

  it('shows no digits of the phone by which the member is to confirm', async () => {
    const rig = await openFaceTill();
    await (await looking(rig)).send(PASSED, ...three(1));
    const found = await shortlisted(rig);
    expect(found.candidates[0]).not.toHaveProperty('phoneLast4');
    expect(JSON.stringify(found)).not.toContain('1234');
  });

  it('lets nobody choose whom a face suggested, neither cashier nor POS', async () => {
    const rig = await openFaceTill();
    await (await looking(rig)).send(PASSED, ...three(1));
    const { identificationId } = await shortlisted(rig);
    for (const caller of [SCREEN, POS])
      expect(failed(await rig.till.chooseCandidate(caller, identificationId, '1')).code).toBe(
        'candidate-unconfirmed',
      );
  });

  it('confirms the member by phone digits: both proofs count', async () => {
    const rig = await openFaceTill();
    await (await looking(rig)).send(PASSED, ...three(1));
    const { identificationId } = await shortlisted(rig);
    const done = value(await rig.till.identify(SCREEN, { phoneDigits: '1234', identificationId }));
    expect(done).toMatchObject({ outcome: 'identified', means: ['face', 'phone'] });
    expect(done.decision?.level).toBe('recognised');
  });

  it('picks, of those whose digits are alike, the one whom the face suggested', async () => {
    const rig = await openFaceTill();
    change(rig, 'other' as MemberId, { phone: '13511111234', ...ADULT });
    await (await looking(rig)).send(PASSED, ...three(1));
    const { identificationId } = await shortlisted(rig);
    const done = value(await rig.till.identify(SCREEN, { phoneDigits: '1234', identificationId }));
    expect(done).toMatchObject({ outcome: 'identified', means: ['face', 'phone'] });
    expect(done.member?.memberId).toBe(ANNA);
  });

  it('leaves a member whose digits fit and whose face was not suggested with the digits alone', async () => {
    const rig = await openFaceTill();
    await (await looking(rig)).send(PASSED, ...three(1));
    const { identificationId } = await shortlisted(rig);
    const done = value(await rig.till.identify(SCREEN, { phoneDigits: '5678', identificationId }));
    expect(done.means).toEqual(['phone']);
    expect(done.decision?.level).toBe('claimed');
  });

  it('a withdrawal before the confirmation takes the suggestion away', async () => {
    const rig = await openFaceTill();
    await (await looking(rig)).send(PASSED, ...three(1));
    const { identificationId } = await shortlisted(rig);
    rig.faces.scopes.delete(ANNA);
    rig.set({});
    expect(await shortlisted(rig)).toMatchObject({ outcome: 'unknown', candidates: [] });
    const done = value(await rig.till.identify(SCREEN, { phoneDigits: '1234', identificationId }));
    expect(done.means).toEqual(['phone']);
  });

  it('knows a stranger as unknown, without a name', async () => {
    const rig = await openFaceTill();
    await (await looking(rig)).send(PASSED, ...three(9));
    const session = (await rig.session()) as FaceSession;
    expect(session).toMatchObject({ phase: 'done', outcome: 'unknown' });
    expect(session.identificationId).toBeUndefined();
    expect(value(await rig.till.pendingIdentification())).toBeNull();
  });

  it('names nobody whom only one of three frames shows', async () => {
    const rig = await openFaceTill();
    const page = await looking(rig);
    await page.send(PASSED, described(seenAs(1, 0.2)));
    await page.send(described(seenAs(1, 0.55)), described(seenAs(1, 0.55)));
    expect(await rig.session()).toMatchObject({ outcome: 'unknown' });
  });

  it('suggests those who are alike, most alike first, and no more than a few', async () => {
    const rig = await openFaceTill();
    const twins = crowd(rig, 8);
    await (await looking(rig)).send(PASSED, ...three(1, 0));
    const { candidates } = await shortlisted(rig);
    expect(candidates).toHaveLength(FACE_SHORTLIST_MAX);
    expect(candidates[0]?.maskedName).toBe('王*明');
    expect(twins.length + 2).toBeGreaterThan(FACE_SHORTLIST_MAX);
  });

  it('counts two accounts that became one member once', async () => {
    const rig = await openFaceTill();
    const old = 'anna-old' as MemberId;
    change(rig, old, { status: 'merged', mergedInto: ANNA });
    rig.faces.enrol(old, faceOf(1));
    await (await looking(rig)).send(PASSED, ...three(1));
    expect((await shortlisted(rig)).candidates).toHaveLength(1);
  });

  it.each([
    [SHORTLIST_ONLY_ABOVE, 0.49, 'shortlist'],
    [SHORTLIST_ONLY_ABOVE + 1, 0.49, 'unknown'],
    [SHORTLIST_ONLY_ABOVE + 1, 0.47, 'shortlist'],
  ] as const)('in a gallery of %i, at distance %f: %s', async (size, distance, outcome) => {
    const rig = await openFaceTill();
    rig.faces.claimedSize = size;
    await (await looking(rig)).send(PASSED, ...three(1, distance));
    expect(await rig.session()).toMatchObject({ outcome });
  });

  it('tells whoever did not pass the challenge nothing', async () => {
    for (const result of ['failed', 'timed-out'] as const) {
      const rig = await openFaceTill();
      await (await looking(rig)).send(...three(1), { kind: 'challenge', result });
      expect(await rig.session()).toMatchObject({ outcome: 'refused', reason: 'challenge' });
      expect(value(await rig.till.pendingIdentification())).toBeNull();
    }
  });

  it.each<[string, (rig: FaceRig) => void, object]>([
    ['withdrew', (rig) => void rig.faces.scopes.delete(ANNA), { outcome: 'unknown' }],
    [
      'is blocked',
      (rig) => change(rig, ANNA, { status: 'blocked' }),
      { outcome: 'refused', reason: 'blocked' },
    ],
    [
      'is a minor',
      (rig) => change(rig, ANNA, { birthday: '2019-03-03' }),
      { outcome: 'refused', reason: 'minor' },
    ],
  ])('suggests nobody who %s', async (_, happens, end) => {
    const rig = await openFaceTill();
    happens(rig);
    await (await looking(rig)).send(PASSED, ...three(1));
    const session = await rig.session();
    expect(session).toMatchObject(end);
    expect(session?.identificationId).toBeUndefined();
  });

  it('does not begin where the sale has a member, nor replace one who was named meanwhile', async () => {
    const rig = await openFaceTill();
    await rig.claim(BO);
    expect(failed(rig.start('identify')).code).toBe('face-member-there');
    const other = await openFaceTill();
    const page = await looking(other);
    await other.claim(BO);
    await page.send(PASSED, ...three(1));
    expect(await other.session()).toMatchObject({ outcome: 'refused', reason: 'not-taken' });
    expect(value(await other.till.pendingIdentification())?.means).toEqual(['card']);
  });
});
