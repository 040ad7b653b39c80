import { z } from 'zod';
import type { DriverEnv } from '../contract/env.ts';
import {
  type LivenessDriver,
  type LivenessQuestion,
  type LivenessSink,
  padLevels,
} from '../contract/liveness.ts';
import { err, ok } from '../contract/result.ts';

/** The name of the simulator in a policy. No chain but a demonstration has it there. */
export const SIM_LIVENESS_PRODUCT = 'sim-liveness 1';
/** Answers to one question, at most. */
export const SIM_ANSWERS_MAX = 8;
/** The longest that the simulator takes for one answer, in milliseconds. */
const AFTER_MAX_MS = 120_000;

const answerSchema = z.strictObject({
  /** From the question on. A real detector says nothing after its time; this one does. */
  afterMs: z.int().min(0).max(AFTER_MAX_MS).default(400),
  verdict: z.enum(['live', 'not-live', 'unknown']).default('live'),
  level: z.enum(padLevels).default('pad-1'),
  /** What it is an answer to: the question, another session, or another question of this session. */
  to: z.enum(['question', 'other-session', 'other-question']).default('question'),
});

/** What the simulator says to each question: several answers, wrong ones, or none. */
export const simAnswersSchema = z.array(answerSchema).max(SIM_ANSWERS_MAX);
export type SimAnswers = z.infer<typeof simAnswersSchema>;

/** A word of the same shape that fits nothing that was asked. */
const OTHER = 'another-of-the-same-kind';

/**
 * A detector that is not there. It enters by the port of the real ones and can do what a broken or hostile one would; what
 * it says is worth nothing unless a policy names {@link SIM_LIVENESS_PRODUCT}.
 */
export const createSimLiveness = (
  answers: SimAnswers,
  env: Pick<DriverEnv, 'timers'>,
  sink: LivenessSink,
): LivenessDriver => {
  let started = false;
  let open: unknown[] = [];

  const cancel = (): void => {
    for (const timer of open) env.timers.clear(timer);
    open = [];
  };

  const say = (
    { sessionId, nonce }: LivenessQuestion,
    { verdict, level, to }: SimAnswers[number],
  ): void =>
    sink({
      sessionId: to === 'other-session' ? OTHER : sessionId,
      nonce: to === 'other-question' ? OTHER : nonce,
      verdict,
      level,
    });

  return {
    product: SIM_LIVENESS_PRODUCT,
    start() {
      started = true;
    },
    async stop() {
      started = false;
      cancel();
    },
    ask(question) {
      if (!started) return err({ code: 'E_CLOSED', detail: 'the detector is not started' });
      cancel();
      open = answers.map((one) => env.timers.set(() => say(question, one), one.afterMs));
      return ok(undefined);
    },
    cancel,
  };
};
