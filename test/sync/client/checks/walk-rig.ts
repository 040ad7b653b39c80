import { err, ok, type Result } from '../../../../agent/contract/result.ts';
import type { CallFailure } from '../../../../sync/client/call-failure.ts';
import type { AskCheck } from '../../../../sync/client/checks/ask-check.ts';
import { type Broken, createRepair, type Repair } from '../../../../sync/client/checks/repair.ts';
import { type Walked, walkAll } from '../../../../sync/client/checks/walk.ts';
import type { Tally } from '../../../../sync/client/checks/walk-parts.ts';
import { createPause } from '../../../../sync/client/pause.ts';
import type { Applied } from '../../../../sync/client/ports.ts';
import {
  type CheckReply,
  type CheckRequest,
  checkRequestSchema,
} from '../../../../sync/protocol/check.ts';
import {
  packQuestion,
  packReply,
  unpackQuestion,
  unpackReply,
} from '../../../../sync/protocol/pack-check.ts';
import { createVirtualTime } from '../virtual-time.ts';
import { type CheckHq, createCheckHq, createMemoryChecks, TEST_KEY } from './check-model.ts';

/** A till and a headquarters in memory that hold the same members. */
export function walkRig(count = 300) {
  const time = createVirtualTime();
  const till = createMemoryChecks(() => time.clock.now());
  till.begin();
  const hq: CheckHq = createCheckHq();
  for (let n = 0; n < count; n++) {
    const [key, body] = [keyOf(n), bodyOf(n)];
    hq.put('member', key, n + 1, body);
    till.put('member', key, n + 1, body);
  }
  const asked: CheckRequest[] = [];
  const applied: Applied[] = [];
  /** The failure that the n-th question meets. */
  const failures = new Map<number, CallFailure>();
  /** Changes the answer of one kind before it is packed. */
  const spoil: { [T in CheckRequest['t']]?: (reply: CheckReply<T>) => unknown } = {};
  const ask = (async (question, signal) => {
    const failure = failures.get(asked.length);
    const sent = packQuestion(question);
    const read = checkRequestSchema.parse(unpackQuestion(sent));
    asked.push(read);
    if (signal.aborted) return err({ code: 'cancelled' });
    if (failure !== undefined) return err(failure);
    const reply = hq.answer(read as never) as never;
    const spoilt =
      (spoil[question.t] as ((reply: unknown) => unknown) | undefined)?.(reply) ?? reply;
    const bytes = packReply(question.t, spoilt as never);
    const back = unpackReply(question.t, bytes) as never;
    return ok({ reply: back, sentBytes: sent.length, receivedBytes: bytes.length });
  }) as AskCheck;
  const pause = createPause(time.timers);
  const yieldNow = (): Promise<void> => Promise.resolve();
  const repair: Repair = createRepair({
    checks: till,
    clock: time.clock,
    pause,
    yieldNow,
    onApplied: (one) => void applied.push(one),
  });
  const tally: Tally = { roundTrips: 0, bytes: 0 };
  return {
    time,
    till,
    hq,
    asked,
    applied,
    failures,
    spoil,
    repair,
    pause,
    tally,
    kinds: (): string[] => asked.map(({ t }) => t),
    async walk(signal = new AbortController().signal): Promise<Result<Walked, Broken<Walked>>> {
      const walking = walkAll(
        {
          checks: till,
          clock: time.clock,
          yieldNow,
          ask,
          digestKey: Buffer.from(TEST_KEY, 'hex'),
          cursor: () => till.place as NonNullable<typeof till.place>,
          tally,
          repair,
          onSummed: () => {},
        },
        signal,
      );
      let done = false;
      void walking.finally(() => {
        done = true;
      });
      while (!done) await time.advance(1_000);
      return walking;
    },
  };
}

export const keyOf = (n: number): string => `m-${String(n).padStart(6, '0')}`;
export const bodyOf = (n: number): string => `{"memberId":"${keyOf(n)}","name":"n${n}"}`;
