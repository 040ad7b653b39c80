import { describe, expect, it } from 'vitest';
import { CHALLENGE_STEPS_ASKED } from '../../../../agent/app/faces/session-start.ts';
import {
  CHALLENGE_STEPS,
  FACE_ENROL_SESSION_MS,
  FACE_RESULT_SHOWN_MS,
  FACE_SESSION_MS,
  type FaceFrame,
  type FaceSessionId,
  SESSION_MAX_FRAMES,
  SESSION_MAX_OPENS,
} from '../../../../agent/contract/index.ts';
import { ANNA, BO, basket, commitOf, failed, hold, openTill, POS, TEA, value } from '../rig.ts';
import { change, type FaceRig, openFaceTill, openPage, PASSED, three } from './face-rig.ts';

const FAULT: FaceFrame = { kind: 'fault', fault: 'too-small' };

async function begun(rig: FaceRig): Promise<FaceSessionId> {
  const identificationId = await rig.claim(ANNA);
  return value(rig.start('verify', { identificationId })).sessionId;
}

/** Lets promises run that nothing is waited for. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a face session begins', () => {
  it('not on a till without faces, nor where headquarters or the store uses none', async () => {
    const bare = openTill();
    expect(failed(await bare.till.faces.start({ purpose: 'identify', by: 'cashier' })).code).toBe(
      'face-off',
    );
    const rig = await openFaceTill();
    rig.set({ offInStores: ['store-1'] as never });
    expect(failed(rig.start('identify')).code).toBe('face-off');
    expect(value(await rig.till.faces.watch(undefined)).on).toBe(false);
    rig.set({});
    value(rig.start('identify'));
    expect(value(await rig.till.faces.watch(undefined)).on).toBe(true);
  });

  it('one at a time', async () => {
    const rig = await openFaceTill();
    const first = value(rig.start('identify'));
    expect(failed(rig.start('identify')).code).toBe('face-session-open');
    value(await rig.till.faces.cancel(first.sessionId));
    value(rig.start('identify'));
  });

  it('for a member who is named, old enough and enrolled', async () => {
    const rig = await openFaceTill();
    expect(failed(rig.start('verify')).code).toBe('face-member-needed');
    expect(failed(rig.start('enrol', { identificationId: 'none' as never })).code).toBe(
      'face-member-needed',
    );
    rig.faces.scopes.delete(BO);
    const bo = await rig.claim(BO);
    expect(failed(rig.start('verify', { identificationId: bo })).code).toBe('face-not-enrolled');
    change(rig, BO, { birthday: '2020-01-01' });
    expect(failed(rig.start('verify', { identificationId: bo })).code).toBe('face-minor');
    change(rig, BO, { birthday: undefined });
    expect(failed(rig.start('enrol', { identificationId: bo })).code).toBe('face-minor');
  });

  it('from the birthday on that makes a member old enough, by the store’s business day', async () => {
    const rig = await openFaceTill();
    const identificationId = await rig.claim(ANNA);
    change(rig, ANNA, { birthday: '2012-11-22' });
    expect(failed(rig.start('verify', { identificationId })).code).toBe('face-minor');
    change(rig, ANNA, { birthday: '2012-11-21' });
    value(rig.start('verify', { identificationId }));
  });

  it('with a challenge in an order that nobody can foresee', async () => {
    const orders = new Set<string>();
    const rig = await openFaceTill();
    for (let n = 0; n < 40; n++) {
      const { sessionId } = value(rig.start('identify'));
      const { session } = value(await rig.till.faces.wanted(undefined));
      expect(new Set(session?.challenge).size).toBe(CHALLENGE_STEPS_ASKED);
      for (const step of session?.challenge ?? []) expect(CHALLENGE_STEPS).toContain(step);
      orders.add(session?.challenge.join() ?? '');
      value(await rig.till.faces.cancel(sessionId));
    }
    expect(orders.size).toBeGreaterThan(8);
  });
});

describe('the camera runs only while a session is open', () => {
  it('the page is told when one begins and when it is over', async () => {
    const rig = await openFaceTill();
    expect(value(await rig.till.faces.wanted(undefined)).session).toBeNull();
    const waits = rig.till.faces.wanted(null);
    const sessionId = await begun(rig);
    expect(value(await waits).session?.sessionId).toBe(sessionId);
    const on = rig.till.faces.wanted(sessionId);
    value(await rig.till.faces.cancel(sessionId));
    expect(value(await on).session).toBeNull();
    expect(failed(await rig.till.faces.open(sessionId)).code).toBe('face-session-unknown');
  });

  it('a page that nobody opened is a trouble with a remedy, until it is there', async () => {
    const rig = await openFaceTill();
    const sessionId = await begun(rig);
    expect(await rig.session()).toMatchObject({ phase: 'waiting', trouble: 'absent' });
    expect((await rig.session())?.remedy?.en).toContain('capture page');
    await openPage(rig, sessionId);
    expect((await rig.session())?.trouble).toBeUndefined();
    value(await rig.till.faces.cancel(sessionId));
    void rig.till.faces.wanted(null);
    await settle();
    const next = await begun(rig);
    expect(await rig.session()).toMatchObject({ sessionId: next, phase: 'waiting' });
    expect((await rig.session())?.trouble).toBeUndefined();
  });
});

describe('a face session ends', () => {
  const ends: readonly [string, (rig: FaceRig) => unknown, string][] = [
    ['at sign-out', (rig) => rig.till.signOut(), 'signed-out'],
    ['when the screen is locked', (rig) => rig.till.lock(), 'signed-out'],
    [
      'when faces are switched off',
      (rig) => rig.set({ offInStores: ['store-1'] as never }),
      'switched-off',
    ],
    ['when its time is up', (rig) => rig.time.pass(FACE_SESSION_MS), 'timed-out'],
  ];
  it.each(ends)('%s', async (_, happens, reason) => {
    const rig = await openFaceTill();
    const sessionId = await begun(rig);
    const page = await openPage(rig, sessionId);
    await happens(rig);
    expect(await rig.session()).toMatchObject({ phase: 'done', outcome: 'ended', reason });
    expect(failed(await page.send(FAULT)).code).toBe('face-session-unknown');
  });

  it('not a moment before its time is up', async () => {
    const rig = await openFaceTill({ config: { idleLockMs: 10 * FACE_SESSION_MS } });
    await begun(rig);
    rig.time.pass(FACE_SESSION_MS - 1);
    expect(await rig.session()).toMatchObject({ phase: 'waiting' });
    expect(FACE_ENROL_SESSION_MS).toBeGreaterThan(FACE_SESSION_MS);
  });

  it('with its sale', async () => {
    const rig = await openFaceTill();
    const reply = value(await rig.till.evaluate(POS, basket('b-1', [TEA])));
    value(rig.start('identify', { basketId: reply.basketId }));
    await hold(rig, reply);
    expect((await rig.session())?.phase).not.toBe('done');
    value(await rig.till.commit(POS, commitOf(reply)));
    expect(await rig.session()).toMatchObject({ outcome: 'ended', reason: 'sale-ended' });
  });

  it('and is shown to nobody who locked the screen', async () => {
    const rig = await openFaceTill();
    value(await rig.till.faces.cancel(await begun(rig)));
    await rig.till.lock();
    expect(await rig.session()).toBeNull();
  });

  it('and is shown for a while, then forgotten', async () => {
    const rig = await openFaceTill();
    const sessionId = await begun(rig);
    value(await rig.till.faces.cancel(sessionId));
    rig.time.pass(FACE_RESULT_SHOWN_MS - 1);
    expect(await rig.session()).toMatchObject({ reason: 'cancelled' });
    rig.time.pass(1);
    expect(await rig.session()).toBeNull();
  });

  it('when more messages come than a session takes', async () => {
    const rig = await openFaceTill();
    const page = await openPage(rig, await begun(rig));
    for (let n = 0; n < SESSION_MAX_FRAMES; n++) value(await page.send(FAULT));
    expect(failed(await page.send(FAULT)).code).toBe('capture-full');
    expect(await rig.session()).toMatchObject({ outcome: 'ended', reason: 'too-many-frames' });
  });
});

describe('a page that begins anew', () => {
  it('gets another key; what was sealed for the first is void, and so is what it had shown', async () => {
    const rig = await openFaceTill();
    const sessionId = await begun(rig);
    const first = await openPage(rig, sessionId);
    await first.send(PASSED, ...three(1).slice(1));
    const second = await openPage(rig, sessionId);
    expect(failed(await first.send(FAULT)).code).toBe('capture-order');
    value(await second.send(...three(1)));
    expect(await rig.session()).toMatchObject({ phase: 'looking' });
    const third = await openPage(rig, sessionId);
    expect(value(await third.send(PASSED, ...three(1).slice(1))).wanted).toBe(true);
    await third.send(...three(1).slice(2));
    expect(await rig.session()).toMatchObject({ outcome: 'recognised' });
  });

  it('may do so a few times', async () => {
    const rig = await openFaceTill();
    const sessionId = await begun(rig);
    for (let n = 0; n < SESSION_MAX_OPENS; n++) value(await rig.till.faces.open(sessionId));
    expect(failed(await rig.till.faces.open(sessionId)).code).toBe('capture-full');
  });

  it('has to open before it sends', async () => {
    const rig = await openFaceTill();
    const sessionId = await begun(rig);
    const message = { sessionId, no: 0, enc: 'AAAA', sealed: 'AAAA' };
    expect(failed(await rig.till.faces.send(message)).code).toBe('capture-sealed');
  });
});
