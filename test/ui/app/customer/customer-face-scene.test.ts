import { describe, expect, it } from 'vitest';
import {
  type FaceSession,
  type FaceSessionId,
  type FaceWatch,
  type Identification,
  identificationSchema,
  text,
} from '../../../../agent/contract/index.ts';
import {
  cameraAsk,
  customerFaceScene,
  secondsLeft,
} from '../../../../ui/app/customer/face/customer-face-scene.ts';

const AT = '2026-11-23T09:00:00.000Z';

function session(more: Partial<FaceSession> = {}): FaceSession {
  return {
    sessionId: 'session-1' as FaceSessionId,
    purpose: 'enrol',
    phase: 'looking',
    sentence: text('句子', 'sentence'),
    guidance: text('请看镜头', 'Please look at the camera'),
    frames: { good: 1, needed: 3 },
    expiresAt: AT,
    ...more,
  };
}

const watch = (shown: FaceSession | null, more: Partial<FaceWatch> = {}): FaceWatch => ({
  ...{ rev: 1, on: true, session: shown, refused: 0 },
  ...more,
});

const member = (outcome = 'identified'): Identification =>
  identificationSchema.parse({
    identificationId: 'identification-1',
    outcome,
    means: ['card'],
    sentence: text('', ''),
    at: AT,
    expiresAt: AT,
  });

describe('faces on the customer’s screen', () => {
  it('are not there for a guest, while the till is not reached, and where a till never used them', () => {
    expect(customerFaceScene(null, member(), null)).toEqual({ kind: 'none' });
    expect(customerFaceScene(watch(null), null, null)).toEqual({ kind: 'none' });
    expect(customerFaceScene(watch(null), member('unknown'), null)).toEqual({ kind: 'none' });
    const never = watch(null, { on: false });
    expect(customerFaceScene(never, member(), null)).toEqual({ kind: 'none' });
  });

  it('offer a member what they may do, also where faces are paused: their own data stay in reach', () => {
    const offer = { kind: 'offer', identificationId: 'identification-1' };
    expect(customerFaceScene(watch(null), member(), null)).toEqual(offer);
    const paused = watch(null, { on: false, off: 'paused' });
    expect(customerFaceScene(paused, member(), null)).toEqual(offer);
  });

  it('ask for a decision before the camera, whoever began', () => {
    const reading = session({ phase: 'consent' });
    expect(customerFaceScene(watch(reading), member(), null).kind).toBe('consent');
    for (const phase of ['waiting', 'looking'] as const)
      expect(customerFaceScene(watch(session({ phase })), member(), null).kind).toBe('camera');
    const stranger = session({ purpose: 'identify' });
    expect(customerFaceScene(watch(stranger), null, null).kind).toBe('camera');
  });

  it.each([
    ['enrol', 'enrolled', undefined, true],
    ['enrol', 'refused', 'minor', true],
    ['enrol', 'ended', 'timed-out', true],
    ['enrol', 'ended', 'cancelled', false],
    ['verify', 'refused', 'no-match', true],
    ['verify', 'recognised', undefined, false],
    ['identify', 'unknown', undefined, false],
    ['identify', 'shortlist', undefined, false],
    ['verify', 'ended', 'sale-ended', false],
  ] as const)('tell the end of %s: %s %s is shown %s', (purpose, outcome, reason, isShown) => {
    const ended = session({ purpose, phase: 'done', outcome, reason });
    const kind = customerFaceScene(watch(ended), member(), null).kind;
    expect(kind).toBe(isShown ? 'done' : 'offer');
    // Read once, it is gone.
    expect(customerFaceScene(watch(ended), member(), 'session-1').kind).toBe('offer');
  });

  it.each([
    ['trouble', { trouble: 'absent', step: 'blink' }],
    ['starting', { phase: 'waiting' }],
    ['turn-left', { step: 'turn-left', fault: 'turned' }],
    ['fault', { fault: 'too-small' }],
    ['poses', {}],
    ['look', { purpose: 'verify' }],
  ] as const)('ask for one thing at a time at the camera: %s', (asked, more) => {
    expect(cameraAsk(session(more))).toBe(asked);
  });

  it('count the seconds that are left, and never below none', () => {
    const atMs = Date.parse(AT);
    expect(secondsLeft({ expiresAt: AT }, atMs - 1_500)).toBe(2);
    expect(secondsLeft({ expiresAt: AT }, atMs + 1)).toBe(0);
  });
});
