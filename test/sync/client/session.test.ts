import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { type CallFailure, unreachableBy } from '../../../sync/client/call-failure.ts';
import { createHqClock } from '../../../sync/client/hq-clock.ts';
import type { Registration } from '../../../sync/client/ports.ts';
import { createSession, RENEW_RETRY_MS, RENEW_SHARE } from '../../../sync/client/session.ts';
import { makeTillKey } from '../../../sync/client/till-key.ts';
import type { Transport } from '../../../sync/client/transport.ts';
import type { HqErrorCode } from '../../../sync/protocol/hq-error.ts';
import { HQ_PROTOCOL_MIN, PROTOCOL_VERSION } from '../../../sync/protocol/version.ts';
import { createMemoryStore } from './memory-store.ts';
import { createVirtualTime } from './virtual-time.ts';

type Answer = Result<unknown, CallFailure>;

const EXPIRES_IN_MS = 100_000;
const RENEWED_AFTER_MS = EXPIRES_IN_MS * RENEW_SHARE;
const AT = '2026-03-02T09:00:00.000Z';

const opened = (token: string, timeline = 'timeline-1', protocol = PROTOCOL_VERSION): Answer =>
  ok({ token, expiresInMs: EXPIRES_IN_MS, at: AT, timeline, protocol, received: {} });
const refused = (refusal: HqErrorCode): Result<never, CallFailure> =>
  err({ code: 'refused', refusal, detail: {}, retryAfterMs: null });

/** A session whose headquarters answers each opening by the next of `answers`; a promise may answer late. */
function rigOf(...answers: (Answer | Promise<Answer>)[]) {
  const time = createVirtualTime();
  const store = createMemoryStore(undefined);
  const said: string[] = [];
  let openings = 0;
  const transport = {
    async call(name: string) {
      if (name === 'challenge') return ok({ challenge: 'challenge-0123456789', at: AT });
      openings += 1;
      return answers.shift() ?? err({ code: 'cancelled' });
    },
  } as unknown as Transport;
  const privateKey = makeTillKey(randomBytes).export({ type: 'pkcs8', format: 'pem' }).toString();
  const session = createSession({
    deps: { ...time, store, random: randomBytes, log: () => {}, version: '0' },
    transport,
    registration: { privateKey } as Registration,
    hqClock: createHqClock(time.clock),
    onLost: () => void said.push('lost'),
    onStop: (stop) => void said.push(stop),
  });
  const running = new AbortController();
  return {
    ...session,
    time,
    store,
    said,
    openings: () => openings,
    running,
    open: () => session.open(running.signal),
    token: () => session.current()?.token,
  };
}

/** An answer that comes when the test says so. */
function later(): { readonly answer: Promise<Answer>; come(answer: Answer): void } {
  let come = (_answer: Answer): void => {};
  const answer = new Promise<Answer>((settle) => {
    come = settle;
  });
  return { answer, come: (value) => come(value) };
}

describe('a session that is renewed', () => {
  test('goes on with the fresh token, and with a proof that headquarters is known to have', async () => {
    const rig = rigOf(opened('token-1'), opened('token-2'));
    await rig.open();
    expect(rig.store.proofs()).toHaveLength(1);
    const [proof] = rig.store.proofs();
    await rig.time.advance(RENEWED_AFTER_MS);
    expect([rig.token(), rig.said]).toEqual(['token-2', []]);
    expect(rig.store.proofs()).toHaveLength(1);
    expect(rig.store.proofs()).not.toContain(proof);
  });

  test('into another timeline is over: headquarters was restored meanwhile', async () => {
    const rig = rigOf(opened('token-1'), opened('token-2', 'timeline-2'));
    await rig.open();
    await rig.time.advance(RENEWED_AFTER_MS);
    expect([rig.token(), rig.said]).toEqual([undefined, ['lost']]);
  });

  test('stops the till where headquarters refuses it by then', async () => {
    const rig = rigOf(opened('token-1'), refused('till-revoked'));
    await rig.open();
    await rig.time.advance(RENEWED_AFTER_MS);
    expect([rig.token(), rig.said]).toEqual([undefined, ['till-revoked']]);
  });

  test('tries again where nobody answers, with the token that is still good', async () => {
    const rig = rigOf(opened('token-1'), err(unreachableBy('network', 'cut')), opened('token-2'));
    await rig.open();
    await rig.time.advance(RENEWED_AFTER_MS);
    expect([rig.token(), rig.openings()]).toEqual(['token-1', 2]);
    await rig.time.advance(RENEW_RETRY_MS);
    expect([rig.token(), rig.said]).toEqual(['token-2', []]);
  });

  test.each<[string, Answer]>([
    ['a token', opened('token-late')],
    ['another timeline', opened('token-late', 'timeline-2')],
    ['a refusal', refused('till-revoked')],
  ])('changes nothing of the next one by an answer that comes late: %s', async (_, answer) => {
    const late = later();
    const rig = rigOf(opened('token-1'), late.answer, opened('token-2'));
    await rig.open();
    await rig.time.advance(RENEWED_AFTER_MS);
    await rig.open();
    late.come(answer);
    await rig.time.advance(1);
    expect([rig.token(), rig.said]).toEqual(['token-2', []]);
  });
});

describe('an answer to a call', () => {
  test('that refuses the token ends its session, and not the one that follows', async () => {
    const rig = rigOf(opened('token-1'), opened('token-2'));
    await rig.open();
    const late = later();
    const asked = rig.withToken(() => late.answer);
    await rig.open();
    late.come(refused('unauthenticated'));
    await asked;
    expect([rig.token(), rig.said]).toEqual(['token-2', []]);
    await rig.withToken(async () => refused('unauthenticated'));
    expect([rig.token(), rig.said]).toEqual([undefined, ['lost']]);
  });

  test('that refuses the till stops it, once: what comes after the end says nothing more', async () => {
    const rig = rigOf(opened('token-1'));
    await rig.open();
    const late = later();
    const asked = rig.withToken(() => late.answer);
    await rig.withToken(async () => refused('till-revoked'));
    late.come(refused('till-revoked'));
    await asked;
    expect([rig.token(), rig.said]).toEqual([undefined, ['till-revoked']]);
  });
});

describe('a headquarters that is older than this till', () => {
  const older = opened('token-1', 'timeline-1', HQ_PROTOCOL_MIN - 1);

  test('gets no session, as if it had refused the protocol, and remembers the proof all the same', async () => {
    const rig = rigOf(older);
    expect(await rig.open()).toMatchObject({
      ok: false,
      error: { code: 'refused', refusal: 'protocol-unsupported' },
    });
    expect([rig.token(), rig.store.proofs().length]).toEqual([undefined, 1]);
  });

  test('and does not know of former incarnations is told apart from one that finds the request wrong', async () => {
    const former = [{ incarnation: 'incarnation-0', seq: 4, hash: '0'.repeat(64), outboxNo: 4 }];
    const rig = rigOf(refused('invalid-input'), refused('invalid-input'));
    expect(await rig.open()).toMatchObject({ error: { refusal: 'invalid-input' } });
    Object.assign(rig.store, { former: () => former });
    expect(await rig.open()).toMatchObject({ error: { refusal: 'protocol-unsupported' } });
  });

  test('of the oldest protocol that will do gets one', async () => {
    const rig = rigOf(opened('token-1', 'timeline-1', HQ_PROTOCOL_MIN));
    await rig.open();
    expect(rig.token()).toBe('token-1');
  });

  test('in whose place it was put back stops the till at the next renewal', async () => {
    const rig = rigOf(opened('token-0'), older);
    await rig.open();
    await rig.time.advance(RENEWED_AFTER_MS);
    expect([rig.token(), rig.said]).toEqual([undefined, ['protocol-unsupported']]);
  });
});

test('a session that opens after it was called off is none', async () => {
  const late = later();
  const rig = rigOf(late.answer);
  const opening = rig.open();
  rig.running.abort();
  late.come(opened('token-1'));
  expect(await opening).toEqual({ ok: false, error: { code: 'cancelled' } });
  expect([rig.token(), rig.time.pending()]).toEqual([undefined, 0]);
});
