import { describe, expect, it } from 'vitest';
import { ATTEMPTS_PER_MEMBER } from '../../../../agent/app/faces/attempts.ts';
import { VERIFY_ROUNDS_MAX } from '../../../../agent/app/faces/session-judge.ts';
import {
  ERRORS,
  err,
  failure,
  type MemberId,
  toInstant,
} from '../../../../agent/contract/index.ts';
import { ANNA, BO, failed, value } from '../rig.ts';
import {
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

async function verifying(rig: FaceRig, memberId: MemberId = ANNA): Promise<TestPage> {
  const identificationId = await rig.claim(memberId);
  const session = value(rig.start('verify', { identificationId }));
  return openPage(rig, session.sessionId);
}

describe('comparing a face with the member who is claimed', () => {
  it('adds the face to the proofs of the member', async () => {
    const rig = await openFaceTill();
    const page = await verifying(rig);
    expect(value(await page.send(PASSED, ...three(1)))).toEqual({ next: 4, wanted: false });
    const session = await rig.session();
    expect(session).toMatchObject({ phase: 'done', outcome: 'recognised' });
    const identification = value(await rig.till.identification(session?.identificationId ?? ''));
    expect(identification).toMatchObject({ outcome: 'identified', means: ['card', 'face'] });
    expect(identification.decision?.level).toBe('recognised');
    const face = identification.decision?.evidence.find(({ means }) => means === 'face');
    expect(face).toMatchObject({
      kind: 'inherence',
      source: 'camera-1',
      memberId: ANNA,
      claim: false,
      liveness: 'challenge',
      qualityBp: 9_000,
      scoreMilliNats: 4_000,
      at: toInstant(rig.time.wallMs),
    });
    expect(rig.faces.seenToday).toEqual([ANNA]);
  });

  it('tells the capture page which model to describe by, and whether it is the store’s pack', async () => {
    const opened = async (isPack?: boolean) => {
      const rig = await openFaceTill({ deps: isPack === undefined ? {} : { isPack } });
      const identificationId = await rig.claim(ANNA);
      const { sessionId } = value(rig.start('verify', { identificationId }));
      return value(await rig.till.faces.open(sessionId));
    };
    const model = { modelId: 'test-model', modelVersion: '1' };
    expect(await opened()).toMatchObject({ model, isPack: false });
    expect(await opened(true)).toMatchObject({ model, isPack: true });
  });

  it('waits for three good frames and for the end of the challenge', async () => {
    const rig = await openFaceTill();
    const page = await verifying(rig);
    await page.send(...three(1), ...three(1));
    expect(await rig.session()).toMatchObject({ phase: 'looking', frames: { good: 3 } });
    await page.send(PASSED);
    expect(await rig.session()).toMatchObject({ outcome: 'recognised' });
    const other = await verifying(await openFaceTill());
    expect(value(await other.send(PASSED, ...three(1).slice(1)))).toMatchObject({ wanted: true });
  });

  it('takes the mean of the frames at the threshold, and does not beyond it', async () => {
    const rig = await openFaceTill();
    await (await verifying(rig)).send(PASSED, ...three(1, 0.47));
    expect(await rig.session()).toMatchObject({ outcome: 'recognised' });
    const far = await openFaceTill();
    await (await verifying(far)).send(PASSED, ...three(1, 0.49));
    expect(await far.session()).toMatchObject({ phase: 'looking', frames: { good: 0 } });
  });

  it('asks for further frames between the thresholds, a few times, then for another proof', async () => {
    const rig = await openFaceTill();
    const page = await verifying(rig);
    await page.send(PASSED);
    for (let round = 1; round < VERIFY_ROUNDS_MAX; round++)
      expect(value(await page.send(...three(1, 0.55))).wanted).toBe(true);
    expect(value(await page.send(...three(1, 0.55))).wanted).toBe(false);
    expect(await rig.session()).toMatchObject({ outcome: 'refused', reason: 'unsure' });
  });

  it('refuses somebody else, and says nothing of whom they are like', async () => {
    const rig = await openFaceTill();
    const page = await verifying(rig, ANNA);
    await page.send(PASSED, ...three(2));
    const session = await rig.session();
    expect(session).toMatchObject({ outcome: 'refused', reason: 'no-match' });
    expect(JSON.stringify(session)).not.toContain(BO);
    expect(JSON.stringify(session)).not.toContain('Bo');
  });

  it('refuses who failed the challenge; who ran out of time counts for little', async () => {
    const rig = await openFaceTill();
    const page = await verifying(rig);
    await page.send(...three(1), { kind: 'challenge', result: 'failed' });
    expect(await rig.session()).toMatchObject({ outcome: 'refused', reason: 'challenge' });
    const slow = await openFaceTill();
    const later = await verifying(slow);
    await later.send(...three(1), { kind: 'challenge', result: 'timed-out' });
    const session = await slow.session();
    const { decision } = value(await slow.till.identification(session?.identificationId ?? ''));
    expect(decision?.level).toBe('claimed');
    expect(decision?.evidence.at(-1)).toMatchObject({ means: 'face', liveness: 'none' });
  });

  it('refuses where somebody else comes before the camera', async () => {
    const rig = await openFaceTill();
    const page = await verifying(rig);
    await page.send(described(seenAs(7)), PASSED, ...three(1));
    expect(await rig.session()).toMatchObject({ outcome: 'refused', reason: 'other-person' });
  });

  it('says so where the search does not answer, and counts no attempt', async () => {
    const rig = await openFaceTill();
    const { gallery } = rig.faces;
    const { nearest } = gallery;
    for (let n = 0; n <= ATTEMPTS_PER_MEMBER; n++) {
      const page = await verifying(rig);
      gallery.nearest = () => Promise.reject(new Error('the thread is away'));
      await page.send(PASSED, ...three(1));
      const session = await rig.session();
      expect(session).toMatchObject({ outcome: 'refused', reason: 'not-taken' });
      expect(session?.sentence).toEqual(ERRORS['face-busy'].message);
      gallery.nearest = nearest;
    }
    expect(JSON.stringify(rig.logged)).not.toContain('the thread is away');
  });

  it('finds a template of an account that has become the member’s', async () => {
    const rig = await openFaceTill();
    const old = 'anna-old' as MemberId;
    change(rig, old, { name: '王小明', status: 'merged', mergedInto: BO });
    rig.faces.enrol(old, faceOf(5));
    const page = await verifying(rig, BO);
    await page.send(PASSED, ...three(5));
    expect(await rig.session()).toMatchObject({ outcome: 'recognised' });
    expect(rig.faces.seenToday).toEqual([old]);
  });
});

describe('what changed between match and decision', () => {
  const cases: readonly [string, (rig: FaceRig) => void, object][] = [
    [
      'consent withdrawn between match and decision',
      (rig) => rig.faces.scopes.delete(ANNA),
      { reason: 'consent-withdrawn' },
    ],
    [
      'a member blocked meanwhile',
      (rig) => change(rig, ANNA, { status: 'blocked' }),
      { reason: 'blocked' },
    ],
    [
      'a membership that expired',
      (rig) => change(rig, ANNA, { status: 'expired' }),
      { reason: 'expired-member' },
    ],
    [
      'a member merged meanwhile',
      (rig) => change(rig, ANNA, { status: 'merged', mergedInto: BO }),
      { reason: 'member-changed' },
    ],
    [
      'a member found to be a minor',
      (rig) => change(rig, ANNA, { birthday: '2020-01-01' }),
      { reason: 'minor' },
    ],
    [
      'an age that is not known any more',
      (rig) => change(rig, ANNA, { birthday: undefined }),
      { reason: 'minor' },
    ],
  ];
  it.each(cases)('%s: the match does not count', async (_, happens, end) => {
    const rig = await openFaceTill();
    const page = await verifying(rig);
    let once = true;
    rig.faces.meanwhile = () => {
      if (once) happens(rig);
      once = false;
    };
    await page.send(PASSED, ...three(1));
    const session = await rig.session();
    expect(session).toMatchObject({ outcome: 'refused', ...end });
    const identification = value(await rig.till.identification(session?.identificationId ?? ''));
    expect(identification.means).toEqual(['card']);
    expect(rig.faces.seenToday).toEqual([]);
  });

  it('the store switched faces off: the match does not count', async () => {
    const rig = await openFaceTill();
    const page = await verifying(rig);
    rig.faces.meanwhile = () => rig.set({ offInStores: ['store-1'] as never });
    const sent = await page.send(PASSED, ...three(1));
    expect(value(sent).wanted).toBe(false);
    expect(await rig.session()).toMatchObject({ outcome: 'ended', reason: 'switched-off' });
  });

  it('the member was cleared: the session is over', async () => {
    const rig = await openFaceTill();
    const page = await verifying(rig);
    const { identificationId = '' } = (await rig.session()) ?? {};
    value(await rig.till.releaseIdentification({ kind: 'screen' }, identificationId));
    expect(await rig.session()).toMatchObject({ outcome: 'ended', reason: 'member-changed' });
    expect(failed(await page.send(PASSED)).code).toBe('face-session-unknown');
  });

  it('a withdrawal takes a face out of what it already was a proof of', async () => {
    const rig = await openFaceTill();
    const page = await verifying(rig);
    await page.send(PASSED, ...three(1));
    const { identificationId } = (await rig.session()) ?? {};
    if (identificationId === undefined) throw new Error('no identification');
    const withdrawn = value(await rig.till.faces.withdraw({ identificationId, by: 'customer' }));
    expect(withdrawn).toMatchObject({ outcome: 'withdrawn', destroyed: 1 });
    expect(value(await rig.till.identification(identificationId)).means).toEqual(['card']);
  });

  it('a withdrawal whose disk failed behind the key takes the face out all the same', async () => {
    const rig = await openFaceTill();
    const { withdraw } = rig.faces.enrolments;
    Object.assign(rig.faces.enrolments, {
      async withdraw(request: Parameters<typeof withdraw>[0]) {
        await withdraw(request);
        return err(failure('storage-full'));
      },
    });
    const page = await verifying(rig);
    await page.send(PASSED, ...three(1));
    const { identificationId } = (await rig.session()) ?? {};
    if (identificationId === undefined) throw new Error('no identification');
    const cutOff = await rig.till.faces.withdraw({ identificationId, by: 'customer' });
    expect(failed(cutOff).code).toBe('storage-full');
    expect(value(await rig.till.identification(identificationId)).means).toEqual(['card']);
  });
});
