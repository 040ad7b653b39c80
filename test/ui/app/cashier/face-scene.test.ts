import { describe, expect, it } from 'vitest';
import {
  FACE_REASONS,
  type FaceSession,
  type FaceSessionId,
  type FaceWatch,
  type Identification,
  type IdentificationId,
  identificationSchema,
  text,
} from '../../../../agent/contract/index.ts';
import { faceScene, isSuggestedByFace } from '../../../../ui/app/cashier/face/face-scene.ts';
import { en } from '../../../../ui/app/i18n/en.ts';
import { zhCN } from '../../../../ui/app/i18n/zh-cn.ts';

const ID = 'identification-1' as IdentificationId;
const AT = '2026-11-23T09:00:00.000Z';

function session(more: Partial<FaceSession> = {}): FaceSession {
  return {
    sessionId: 'session-1' as FaceSessionId,
    purpose: 'verify',
    phase: 'looking',
    sentence: text('句子', 'sentence'),
    guidance: text('请看镜头', 'Please look at the camera'),
    frames: { good: 1, needed: 3 },
    expiresAt: AT,
    ...more,
  };
}

function watch(shown: FaceSession | null, more: Partial<FaceWatch> = {}): FaceWatch {
  return { rev: 1, on: true, session: shown, refused: 0, ...more };
}

function done(more: Partial<FaceSession>): FaceWatch {
  return watch(session({ phase: 'done', identificationId: ID, ...more }));
}

function who(more: Record<string, unknown> = {}): Identification {
  return identificationSchema.parse({
    identificationId: ID,
    outcome: 'identified',
    means: ['card', 'face'],
    sentence: text('', ''),
    at: AT,
    expiresAt: AT,
    ...more,
  });
}
const suggested = () =>
  who({
    outcome: 'ambiguous',
    means: [],
    candidates: [{ handle: '1', maskedName: '王**', tier: 'gold' }],
  });

describe('the face on the cashier’s screen', () => {
  it('is not there where a till never used faces, and says so where they are switched off', () => {
    expect(faceScene(watch(null, { on: false }), null)).toBeNull();
    for (const off of ['paused', 'store-off'] as const)
      expect(faceScene(watch(null, { on: false, off }), null)).toMatchObject({
        mark: 'off',
        ask: null,
      });
  });

  it('offers 1:1 for a member who is claimed, 1:N while nobody is, and nothing while one is chosen', () => {
    expect(faceScene(watch(null), null)?.ask).toBe('identify');
    expect(faceScene(watch(null), who({ outcome: 'unknown', means: [] }))?.ask).toBe('identify');
    expect(faceScene(watch(null), who({ means: ['card'] }))).toMatchObject({
      mark: 'ready',
      ask: 'verify',
    });
    expect(faceScene(watch(null), who({ outcome: 'ambiguous', means: [] }))?.ask).toBeNull();
    expect(faceScene(watch(null), who({ outcome: 'released', means: [] }))?.ask).toBe('identify');
  });

  it('tells what the camera does, what the member is to do, and what may be stopped', () => {
    expect(faceScene(watch(session({ phase: 'consent' })), null)?.mark).toBe('consent');
    expect(faceScene(watch(session({ phase: 'waiting' })), null)?.mark).toBe('starting');
    const looking = faceScene(watch(session()), null);
    expect(looking).toMatchObject({
      mark: 'looking',
      tell: { en: 'Please look at the camera' },
      frames: { good: 1, needed: 3 },
      ask: null,
    });
    expect(looking?.open?.sessionId).toBe('session-1');
    const remedy = text('接上', 'Plug it in');
    expect(
      faceScene(watch(session({ phase: 'waiting', trouble: 'absent', remedy })), null),
    ).toMatchObject({ mark: 'trouble', remedy, missing: 'card-or-phone' });
  });

  it('says how sure a match is: without the movements another proof is asked for', () => {
    const sure = done({ outcome: 'recognised', challenge: 'passed' });
    expect(faceScene(sure, who())).toMatchObject({ mark: 'sure', tone: 'ok', open: null });
    expect(faceScene(sure, who())?.missing).toBeUndefined();
    const late = done({ outcome: 'recognised', challenge: 'timed-out' });
    expect(faceScene(late, who())).toMatchObject({ mark: 'doubtful', missing: 'digits' });
  });

  it('takes a match back once the member has withdrawn', () => {
    const sure = done({ outcome: 'recognised', challenge: 'passed' });
    expect(faceScene(sure, who({ means: ['card'] }))).toMatchObject({
      mark: 'withdrawn',
      tone: 'warn',
      missing: 'card-or-phone',
    });
  });

  it('leaves a shortlist open until another proof has settled it', () => {
    const list = done({ purpose: 'identify', outcome: 'shortlist' });
    expect(faceScene(list, suggested())).toMatchObject({ mark: 'maybe', missing: 'digits' });
    expect(faceScene(watch(null), suggested())).toMatchObject({ mark: 'maybe', missing: 'digits' });
    expect(faceScene(list, who({ means: ['face', 'phone'] }))?.mark).toBe('counts');
    expect(faceScene(list, who({ means: ['phone'] }))?.mark).toBe('ready');
    expect(faceScene(list, who({ outcome: 'unknown', means: [] }))?.mark).toBe('withdrawn');
  });

  it('says nothing of another shopper’s face', () => {
    const other = who({ identificationId: 'identification-2', means: ['card'] });
    const sure = done({ outcome: 'recognised', challenge: 'passed' });
    expect(faceScene(sure, other)?.mark).toBe('ready');
    expect(faceScene(sure, null)?.mark).toBe('ready');
    const stranger = watch(session({ purpose: 'identify', phase: 'done', outcome: 'unknown' }));
    expect(faceScene(stranger, null)?.mark).toBe('unknown');
    expect(faceScene(stranger, other)?.mark).toBe('ready');
  });

  it('has something to do for every refusal but those that need nothing', () => {
    for (const reason of FACE_REASONS) {
      const scene = faceScene(done({ outcome: 'refused', reason }), who());
      const isOver = ['cancelled', 'sale-ended', 'signed-out'].includes(reason);
      expect([reason, scene?.missing !== undefined]).toEqual([reason, !isOver]);
    }
    expect(faceScene(done({ outcome: 'refused', reason: 'challenge' }), who())).toMatchObject({
      mark: 'refused',
      tone: 'bad',
      missing: 'digits',
    });
    expect(faceScene(done({ outcome: 'ended', reason: 'cancelled' }), who())).toMatchObject({
      mark: 'ended',
      tone: 'idle',
    });
  });
});

describe('members on offer', () => {
  it('are suggested by a face where none shows the digits that would confirm them', () => {
    expect(isSuggestedByFace(suggested())).toBe(true);
    const claimed = { handle: '2', maskedName: '李**', tier: 'gold', phoneLast4: '1234' };
    expect(isSuggestedByFace({ ...suggested(), candidates: [claimed] })).toBe(false);
    expect(isSuggestedByFace({ ...suggested(), outcome: 'identified' })).toBe(false);
  });
});

it('names every state and every step in both languages, alike in shape', () => {
  expect(Object.keys(en.face.mark)).toEqual(Object.keys(zhCN.face.mark));
  expect(Object.keys(en.face.missing)).toEqual(Object.keys(zhCN.face.missing));
});
