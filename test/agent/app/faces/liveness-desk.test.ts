import { describe, expect, it } from 'vitest';
import {
  createLivenessDesk,
  LIVENESS_ANSWER_MS,
  LIVENESS_REFUSALS_LOGGED,
} from '../../../../agent/app/faces/liveness-desk.ts';
import type { FaceSessionId } from '../../../../agent/contract/index.ts';
import type { LivenessDriver, LivenessQuestion } from '../../../../drivers/contract/liveness.ts';
import { err, ok } from '../../../../drivers/contract/result.ts';

const SESSION = 'session-1' as FaceSessionId;

/** A detector of which the test says everything, also what no adapter may do. */
function open(more: Partial<LivenessDriver> = {}) {
  const asked: LivenessQuestion[] = [];
  const log: string[] = [];
  const due = new Map<number, () => void>();
  let nowMs = 0;
  let say: (answer: unknown) => void = () => undefined;
  let nonce = 0;
  const desk = createLivenessDesk({
    make(sink) {
      say = sink;
      return {
        product: 'acme 1',
        start: () => undefined,
        stop: async () => undefined,
        cancel: () => undefined,
        ask(question) {
          asked.push(question);
          return ok(undefined);
        },
        ...more,
      };
    },
    clock: { monoMs: () => nowMs },
    timers: {
      set(delayMs, run) {
        const id = due.size + 1;
        due.set(id, () => {
          nowMs += delayMs;
          run();
        });
        return id;
      },
      clear: (id) => void due.delete(id as number),
    },
    random: (bytes) => {
      nonce += 1;
      return new Uint8Array(bytes).fill(nonce);
    },
    log: (level, message) => log.push(`${level}: ${message}`),
  });
  const answer = (question = asked.at(-1), over: object = {}) => ({
    sessionId: question?.sessionId,
    nonce: question?.nonce,
    verdict: 'live',
    level: 'pad-1',
    ...over,
  });
  return {
    desk,
    asked,
    log,
    answer,
    say: (words: unknown) => say(words),
    runOut: () => {
      for (const run of [...due.values()]) run();
    },
    timers: () => due.size,
    sleep: (ms: number) => {
      nowMs += ms;
    },
  };
}

describe('a detector', () => {
  it('is asked with the session, a nonce that is new each time, and the time that it has', async () => {
    const rig = open();
    const first = rig.desk.verdict(SESSION);
    rig.say(rig.answer());
    expect(await first).toEqual({ kind: 'live', detector: { product: 'acme 1', level: 'pad-1' } });
    const second = rig.desk.verdict(SESSION);
    rig.say(rig.answer(rig.asked[1], { verdict: 'unknown' }));
    expect(await second).toEqual({ kind: 'unknown' });
    expect(rig.asked[0]).toMatchObject({ sessionId: SESSION, withinMs: LIVENESS_ANSWER_MS });
    expect(rig.asked[0]?.nonce).toHaveLength(32);
    expect(rig.asked[1]?.nonce).not.toBe(rig.asked[0]?.nonce);
    expect([rig.desk.refused(), rig.timers()]).toEqual([0, 0]);
  });

  it('is not believed with an answer to the question before', async () => {
    const rig = open();
    void rig.desk.verdict(SESSION);
    const [before] = rig.asked;
    const now = rig.desk.verdict(SESSION);
    rig.say(rig.answer(before));
    rig.say(rig.answer(rig.asked[1], { verdict: 'not-live' }));
    expect(await now).toEqual({ kind: 'not-live' });
    expect(rig.desk.refused()).toBe(1);
  });

  it('whose words have another shape is refused and still waited for', async () => {
    const rig = open();
    const waiting = rig.desk.verdict(SESSION);
    const bad = [
      null,
      'live',
      {},
      rig.answer(undefined, { verdict: true }),
      rig.answer(undefined, { level: 'pad-3' }),
      rig.answer(undefined, { picture: 'aGVsbG8=' }),
      rig.answer(undefined, { product: 'another 2' }),
      rig.answer(undefined, { nonce: 'x'.repeat(65) }),
    ];
    for (const words of bad) rig.say(words);
    expect(rig.desk.refused()).toBe(bad.length);
    rig.say(rig.answer());
    expect(await waiting).toMatchObject({ kind: 'live' });
  });

  it('that answers late counts for nothing, also where the timer comes late with a computer that slept', async () => {
    const rig = open();
    const first = rig.desk.verdict(SESSION);
    rig.sleep(LIVENESS_ANSWER_MS);
    rig.say(rig.answer());
    expect(await first).toEqual({ kind: 'unknown' });
    const second = rig.desk.verdict(SESSION);
    rig.runOut();
    expect(await second).toEqual({ kind: 'unknown' });
    rig.say(rig.answer());
    expect(rig.desk.refused()).toBe(2);
    const third = rig.desk.verdict(SESSION);
    rig.sleep(LIVENESS_ANSWER_MS - 1);
    rig.say(rig.answer());
    expect(await third).toMatchObject({ kind: 'live' });
  });

  it('that cannot be asked, or throws, leaves the face as it is without one', async () => {
    const away = open({ ask: () => err({ code: 'E_NOHARDWARE', detail: 'unplugged' }) });
    expect(await away.desk.verdict(SESSION)).toEqual({ kind: 'unknown' });
    const broken = open({
      ask() {
        throw new Error('a secret of the vendor');
      },
    });
    expect(await broken.desk.verdict(SESSION)).toEqual({ kind: 'unknown' });
    expect(broken.log.join()).not.toContain('secret');
    expect([away.timers(), broken.timers()]).toEqual([0, 0]);
  });

  it('that talks on and on is counted, and logged so often and no more', () => {
    const rig = open();
    for (let nth = 0; nth < LIVENESS_REFUSALS_LOGGED + 1; nth++) rig.say({});
    expect(rig.desk.refused()).toBe(LIVENESS_REFUSALS_LOGGED + 1);
    expect(rig.log).toHaveLength(LIVENESS_REFUSALS_LOGGED);
  });

  it('looks at nobody once the session is over, and at whoever comes next', async () => {
    const cancelled: number[] = [];
    const rig = open({ cancel: () => cancelled.push(rig.asked.length) });
    rig.desk.cancel(SESSION);
    const waiting = rig.desk.verdict(SESSION);
    rig.desk.cancel('session-2' as FaceSessionId);
    expect(cancelled).toEqual([]);
    rig.desk.cancel(SESSION);
    expect(cancelled).toEqual([1]);
    expect(await waiting).toEqual({ kind: 'unknown' });
    rig.say(rig.answer());
    expect(rig.desk.refused()).toBe(1);
    const next = rig.desk.verdict(SESSION);
    rig.say(rig.answer());
    expect(await next).toMatchObject({ kind: 'live' });
  });

  it('that is closed answers whoever waits, with nothing', async () => {
    const rig = open();
    const waiting = rig.desk.verdict(SESSION);
    await rig.desk.close();
    expect(await waiting).toEqual({ kind: 'unknown' });
  });
});
