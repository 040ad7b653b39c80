import { describe, expect, it } from 'vitest';
import {
  createLivenessDesk,
  LIVENESS_ANSWER_MS,
  type LivenessDesk,
} from '../../../../agent/app/faces/liveness-desk.ts';
import type { LivenessVerdict } from '../../../../agent/app/faces/ports.ts';
import { type Policy, policySchema, toInstant } from '../../../../agent/contract/index.ts';
import { defaultPolicy } from '../../../../agent/domain/auth-policy/default-policy.ts';
import {
  createSimLiveness,
  SIM_LIVENESS_PRODUCT,
  type SimAnswers,
} from '../../../../drivers/sim/liveness.ts';
import { TEST_NOW_MS } from '../../../support/store.ts';
import { ANNA, value } from '../rig.ts';
import { openFaceTill, openPage, PASSED, three } from './face-rig.ts';

const DAY_MS = 86_400_000;

/** The default policy and a certificate for the simulator, as only a demonstration has it. */
function trusting(more: Partial<Policy['caps']> = {}, untilMs = TEST_NOW_MS + DAY_MS): Policy {
  return policySchema.parse({
    ...defaultPolicy,
    caps: { ...defaultPolicy.caps, ...more },
    faceDetectors: [{ product: SIM_LIVENESS_PRODUCT, level: 'pad-1', until: toInstant(untilMs) }],
  });
}

/** One answer of the simulator, at once unless said otherwise. */
const says = (more: Partial<SimAnswers[number]> = {}): SimAnswers[number] => ({
  afterMs: 0,
  verdict: 'live',
  level: 'pad-1',
  to: 'question',
  ...more,
});

/**
 * Anna shows her card and her face at a till whose detector gives these answers; challenge passed unless said otherwise.
 * What waits for a timer is answered by moving time on.
 */
async function shown(
  answers: SimAnswers,
  { policy = trusting(), moved = true }: { policy?: Policy; moved?: boolean } = {},
) {
  const timers: { run: () => void; atMs: number }[] = [];
  let nowMs = 0;
  const set = (run: () => void, delayMs: number) => {
    const timer = { run, atMs: nowMs + delayMs };
    timers.push(timer);
    return timer;
  };
  const clear = (timer: unknown): void => {
    const at = timers.indexOf(timer as (typeof timers)[number]);
    if (at >= 0) timers.splice(at, 1);
  };
  /** Everything that is due, in order. */
  const pass = (): void => {
    while (timers.length > 0) {
      const next = timers.reduce((first, one) => (one.atMs < first.atMs ? one : first));
      clear(next);
      nowMs = next.atMs;
      next.run();
    }
  };
  const log: string[] = [];
  const desk: LivenessDesk = createLivenessDesk({
    make: (sink) => createSimLiveness(answers, { timers: { set, clear } }, sink),
    clock: { monoMs: () => nowMs },
    timers: { set: (delayMs, run) => set(run, delayMs), clear },
    random: (bytes) => new Uint8Array(bytes).fill(7),
    log: (_level, message, fields) => log.push(`${message} ${JSON.stringify(fields)}`),
  });
  const rig = await openFaceTill({ deps: { liveness: desk }, policy });
  const identificationId = await rig.claim(ANNA);
  const session = value(rig.start('verify', { identificationId }));
  const page = await openPage(rig, session.sessionId);
  const sending = page.send(
    ...(moved ? [PASSED] : [{ kind: 'challenge', result: 'timed-out' } as const]),
    ...three(1),
  );
  let open = true;
  void sending.finally(() => {
    open = false;
  });
  while (open) {
    await new Promise((settled) => setImmediate(settled));
    pass();
  }
  pass();
  const ended = await rig.session();
  const { decision } = value(await rig.till.identification(identificationId));
  const face = decision?.evidence.find(({ means }) => means === 'face');
  return { rig, desk, log, ended, face, level: decision?.level };
}

describe('A detector of attacks beside the camera', () => {
  it('lifts the face as far as the policy says of its class, and is named in the evidence', async () => {
    const { face, level, ended } = await shown([says()]);
    expect(ended).toMatchObject({ outcome: 'recognised' });
    expect(level).toBe('verified');
    expect(face).toMatchObject({
      liveness: 'vendor',
      detector: { product: SIM_LIVENESS_PRODUCT, level: 'pad-1' },
    });
    const lower = await shown([says()], { policy: trusting({ facePad1: 'recognised' }) });
    expect(lower.level).toBe('recognised');
  });

  it('lifts a face whose challenge ran out of time, too', async () => {
    expect(await shown([says()], { moved: false })).toMatchObject({ level: 'verified' });
    // Without it the same face counts as low assurance.
    expect(await shown([], { moved: false })).toMatchObject({
      level: 'claimed',
      face: { liveness: 'none' },
    });
  });

  it('never makes a face worth less than the challenge did', async () => {
    const policy = trusting({ facePad1: 'claimed' });
    expect(await shown([says()], { policy })).toMatchObject({
      level: 'recognised',
      face: { liveness: 'challenge' },
    });
  });

  it('ends the session where it sees no living person, whatever its class', async () => {
    for (const level of ['pad-1', 'pad-2'] as const) {
      const { ended, face } = await shown([says({ verdict: 'not-live', level })]);
      expect(ended).toMatchObject({ outcome: 'refused', reason: 'not-live' });
      expect(face).toBeUndefined();
    }
  });

  it('counts for nothing without a certificate in the signed policy, or with one that ran out', async () => {
    for (const policy of [defaultPolicy, trusting({}, TEST_NOW_MS - 1)]) {
      const { level, face } = await shown([says()], { policy });
      expect(level).toBe('recognised');
      expect(face).toMatchObject({ liveness: 'challenge' });
      expect(face?.detector).toBeUndefined();
    }
  });
});

describe('A hostile answer of a detector', () => {
  const asWithout = { level: 'recognised', face: { liveness: 'challenge' } };

  it('that comes late counts for nothing, and is not waited for', async () => {
    const { desk, log, ...rest } = await shown([says({ afterMs: LIVENESS_ANSWER_MS })]);
    expect(rest).toMatchObject(asWithout);
    expect(desk.refused()).toBe(1);
    expect(log.join()).toContain('"why":"late"');
    expect(await shown([says({ afterMs: LIVENESS_ANSWER_MS - 1 })])).toMatchObject({
      level: 'verified',
    });
  });

  it('that comes twice counts once; one that then says the contrary is not asked again', async () => {
    const same = await shown([says(), says({ afterMs: 1 })]);
    expect(same).toMatchObject({ level: 'verified' });
    expect(same.desk.refused()).toBe(1);
    expect(same.log.join()).not.toContain('contradicts');
    const contrary = await shown([says(), says({ afterMs: 1, verdict: 'not-live' })]);
    expect(contrary).toMatchObject({ level: 'verified' });
    expect(contrary.log.join()).toContain('contradicts itself');
    expect(await contrary.desk.verdict('another-session' as never)).toEqual({ kind: 'unknown' });
  });

  it('to another session or another question counts for nothing, and the right one is still waited for', async () => {
    for (const to of ['other-session', 'other-question'] as const) {
      const { desk, ...rest } = await shown([says({ to })]);
      expect(rest).toMatchObject(asWithout);
      expect(desk.refused()).toBe(1);
      expect(await shown([says({ to, verdict: 'not-live' }), says({ afterMs: 9 })])).toMatchObject({
        level: 'verified',
      });
    }
  });

  it('that never comes leaves the face as it is without a detector', async () => {
    const { desk, ...rest } = await shown([]);
    expect(rest).toMatchObject(asWithout);
    expect(desk.refused()).toBe(0);
  });

  it('for a class that it is not certified for counts for nothing, and the log names it', async () => {
    const { log, rig, ...rest } = await shown([says({ level: 'pad-2' })]);
    expect(rest).toMatchObject(asWithout);
    expect(rest.face?.detector).toBeUndefined();
    expect(JSON.stringify(rig.logged)).toContain('trusts no such liveness detector');
  });
});

describe('A session that ends while the detector looks', () => {
  it('stops it, and what it says afterwards counts for nothing', async () => {
    const cancelled: string[] = [];
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<LivenessVerdict>();
    const rig = await openFaceTill({
      policy: trusting(),
      deps: {
        liveness: {
          verdict() {
            asked.resolve();
            return answer.promise;
          },
          cancel: (sessionId) => cancelled.push(sessionId),
        },
      },
    });
    const identificationId = await rig.claim(ANNA);
    const { sessionId } = value(rig.start('verify', { identificationId }));
    const page = await openPage(rig, sessionId);
    const sent = page.send(PASSED, ...three(1));
    await asked.promise;
    value(rig.till.faces.cancel(sessionId));
    expect(cancelled).toEqual([sessionId]);
    answer.resolve({ kind: 'live', detector: { product: SIM_LIVENESS_PRODUCT, level: 'pad-1' } });
    expect(value(await sent)).toMatchObject({ wanted: false });
    expect(await rig.session()).toMatchObject({ outcome: 'ended', reason: 'cancelled' });
    expect(rig.faces.seenToday).toEqual([]);
  });
});
