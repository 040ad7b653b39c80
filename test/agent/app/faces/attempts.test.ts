import { describe, expect, it } from 'vitest';
import {
  ATTEMPTS_PER_MEMBER,
  ATTEMPTS_PER_TILL,
  ATTEMPTS_WINDOW_MS,
  createAttempts,
} from '../../../../agent/app/faces/attempts.ts';
import type { MemberId } from '../../../../agent/contract/index.ts';
import { ANNA, BO, failed, value } from '../rig.ts';
import { openFaceTill, openPage, PASSED, three } from './face-rig.ts';

function memory() {
  const kept = new Map<string, string>();
  return {
    get: (name: string) => kept.get(name),
    set: (name: string, text: string) => void kept.set(name, text),
  };
}

describe('attempts', () => {
  it('are as many as the limit for one member, and the next is told when to come back', () => {
    let nowMs = 1_000_000;
    const attempts = createAttempts(memory(), () => nowMs);
    for (let n = 0; n < ATTEMPTS_PER_MEMBER; n++) {
      value(attempts.mayTry(ANNA));
      attempts.take(ANNA);
      nowMs += 1_000;
    }
    expect(failed(attempts.mayTry(ANNA))).toEqual({
      code: 'face-attempts',
      data: { retryAfterSeconds: ATTEMPTS_WINDOW_MS / 1_000 - ATTEMPTS_PER_MEMBER },
    });
    value(attempts.mayTry(BO));
    value(attempts.mayTry(null));
    nowMs = 1_000_000 + ATTEMPTS_WINDOW_MS - 1;
    failed(attempts.mayTry(ANNA));
    nowMs += 1;
    value(attempts.mayTry(ANNA));
  });

  it('are as many as the limit for one till, whoever they were about', () => {
    const attempts = createAttempts(memory(), () => 5);
    for (let n = 0; n < ATTEMPTS_PER_TILL; n++) {
      value(attempts.mayTry(`m-${n}` as MemberId));
      attempts.take(n % 2 === 0 ? (`m-${n}` as MemberId) : null);
    }
    for (const who of ['new' as MemberId, null])
      expect(failed(attempts.mayTry(who)).code).toBe('face-attempts');
  });

  it('are taken back after a success', () => {
    const attempts = createAttempts(memory(), () => 5);
    for (let n = 0; n < 3 * ATTEMPTS_PER_MEMBER; n++) {
      value(attempts.mayTry(ANNA));
      attempts.take(ANNA)();
    }
  });

  it('are not forgiven by a restart', () => {
    const meta = memory();
    const before = createAttempts(meta, () => 5);
    for (let n = 0; n < ATTEMPTS_PER_MEMBER; n++) before.take(ANNA);
    expect(failed(createAttempts(meta, () => 6).mayTry(ANNA)).code).toBe('face-attempts');
  });

  it.each(['', '{', 'null', '[{"atMs":"1"}]', '{"a":1}'])('read %j as none', (text) => {
    const attempts = createAttempts({ get: () => text, set: () => undefined }, () => 5);
    value(attempts.mayTry(ANNA));
  });
});

describe('a till', () => {
  it('counts what failed, not what succeeded, and refuses the next session over a restart', async () => {
    const rig = await openFaceTill();
    const session = async (person: number) => {
      const identificationId = await rig.claim(ANNA);
      const { sessionId } = value(rig.start('verify', { identificationId }));
      await (await openPage(rig, sessionId)).send(PASSED, ...three(person));
    };
    await session(1);
    for (let n = 0; n < ATTEMPTS_PER_MEMBER; n++) await session(2);
    const identificationId = await rig.claim(ANNA);
    expect(failed(rig.start('verify', { identificationId })).code).toBe('face-attempts');
    value(rig.start('identify', { basketId: 'other-sale' as never }));
    rig.restart();
    value(await rig.till.signIn('cashier-1', '2468'));
    const again = await rig.claim(ANNA);
    expect(failed(rig.start('verify', { identificationId: again })).code).toBe('face-attempts');
  });
});
