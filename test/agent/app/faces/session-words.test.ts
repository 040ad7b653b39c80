import { describe, expect, it } from 'vitest';
import { createWaiters } from '../../../../agent/app/faces/session-waiters.ts';
import {
  FAULT_WORDS,
  OUTCOME_WORDS,
  REASON_WORDS,
  STEP_WORDS,
  TROUBLE_WORDS,
} from '../../../../agent/app/faces/session-words.ts';
import {
  CAMERA_TROUBLES,
  CHALLENGE_STEPS,
  FACE_OUTCOMES,
  FACE_POLL_MS,
  FACE_REASONS,
  FACE_WAITERS_MAX,
  type FaceFrame,
  type FaceSessionId,
  FRAME_FAULTS,
} from '../../../../agent/contract/index.ts';
import { ANNA, CASHIER, manualTime, PIN, value } from '../rig.ts';
import {
  base64Of,
  described,
  type FaceRig,
  openFaceTill,
  openPage,
  PASSED,
  seenAs,
  three,
} from './face-rig.ts';

const FAULT: FaceFrame = { kind: 'fault', fault: 'too-small' };

async function begun(rig: FaceRig): Promise<FaceSessionId> {
  const identificationId = await rig.claim(ANNA);
  return value(rig.start('verify', { identificationId })).sessionId;
}

/** Lets promises run that nothing is waited for. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('what cashier and member are told', () => {
  it('the first thing that is wrong with the picture, then the movement, then to look', async () => {
    const rig = await openFaceTill();
    const page = await openPage(rig, await begun(rig));
    await page.send({ kind: 'step', step: 'turn-left' }, FAULT);
    expect(await rig.session()).toMatchObject({
      phase: 'looking',
      fault: 'too-small',
      step: 'turn-left',
      guidance: FAULT_WORDS['too-small'],
    });
    await page.send(described(seenAs(1)));
    expect(await rig.session()).toMatchObject({ guidance: STEP_WORDS['turn-left'] });
    await page.send(PASSED);
    expect((await rig.session())?.guidance.en).toBe('Please look at the camera');
  });

  it.each(CAMERA_TROUBLES)('a camera that is %s: what it is and what to do', async (trouble) => {
    const rig = await openFaceTill();
    const page = await openPage(rig, await begun(rig));
    await page.send({ kind: 'trouble', trouble });
    const { what: sentence, remedy } = TROUBLE_WORDS[trouble];
    expect(await rig.session()).toMatchObject({ phase: 'waiting', trouble, sentence, remedy });
    await page.send(FAULT);
    expect((await rig.session())?.trouble).toBeUndefined();
  });

  it('in words for every state, in both languages', () => {
    const words = [
      ...FRAME_FAULTS.map((one) => FAULT_WORDS[one]),
      ...CHALLENGE_STEPS.map((one) => STEP_WORDS[one]),
      ...FACE_REASONS.map((one) => REASON_WORDS[one]),
      ...FACE_OUTCOMES.flatMap((one) =>
        one === 'refused' || one === 'ended' ? [] : [OUTCOME_WORDS[one]],
      ),
    ];
    for (const { 'zh-CN': chinese, en } of words) {
      expect(chinese).toMatch(/\p{Script=Han}/u);
      expect(en).toMatch(/^[A-Z]/);
    }
    expect(new Set(words.map(({ en }) => en)).size).toBeGreaterThan(30);
  });

  it('as soon as it changes, and after a while where it does not', async () => {
    const rig = await openFaceTill({ config: { idleLockMs: 10 * FACE_POLL_MS } });
    const { rev } = value(await rig.till.faces.watch(undefined));
    const waits = rig.till.faces.watch(rev);
    await begun(rig);
    const seen = value(await waits);
    expect(seen.rev).toBeGreaterThan(rev);
    expect(seen.session?.purpose).toBe('verify');
    const idle = rig.till.faces.watch(seen.rev);
    await settle();
    rig.time.pass(FACE_POLL_MS);
    expect(value(await idle).rev).toBe(seen.rev);
  });
});

describe('questions that wait', () => {
  it('are so many, and one more is answered at once', async () => {
    const time = manualTime();
    const waiters = createWaiters(time);
    const all = Array.from({ length: FACE_WAITERS_MAX }, () => waiters.wait(undefined));
    expect(waiters.count).toBe(FACE_WAITERS_MAX);
    await waiters.wait(undefined);
    waiters.wake();
    await Promise.all(all);
    expect(waiters.count).toBe(0);
  });

  it('end with whoever asked', async () => {
    const waiters = createWaiters(manualTime());
    const gone = new AbortController();
    const waits = waiters.wait(gone.signal);
    gone.abort();
    await waits;
    expect(waiters.count).toBe(0);
    await waiters.wait(gone.signal);
  });
});

describe('what stays behind', () => {
  it('no descriptor in a log line, an event, an error or the database; refusals are counted and logged by code alone', async () => {
    const rig = await openFaceTill();
    const page = await openPage(rig, await begun(rig));
    const broken = seenAs(1);
    broken[4] = Number.NaN;
    const refused = await page.send(described(broken));
    await page.send(PASSED, ...three(1));
    const kept = JSON.stringify([refused, rig.logged, rig.events(), await rig.session()]);
    for (const one of [broken, seenAs(1)]) {
      expect(kept).not.toContain(base64Of(one).slice(0, 24));
      expect(kept).not.toContain([...one].join());
    }
    expect(value(await rig.till.faces.watch(undefined)).refused).toBe(1);
    expect(rig.logged).toContainEqual([
      'warn',
      'a message of the capture page was refused',
      { code: 'capture-descriptor' },
    ]);
  });

  it('nothing of bystanders: two faces are a fault of the frame and no more', async () => {
    const rig = await openFaceTill();
    const page = await openPage(rig, await begun(rig));
    const before = rig.events().length;
    await page.send({ kind: 'fault', fault: 'several-faces' });
    expect(rig.events().length).toBe(before);
    expect(await rig.session()).toMatchObject({ fault: 'several-faces', frames: { good: 0 } });
    expect(value(await rig.till.signIn(CASHIER, PIN)).locked).toBe(false);
  });
});
