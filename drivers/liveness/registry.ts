import { z } from 'zod';
import type { DriverEnv } from '../contract/env.ts';
import type { LivenessDriver, LivenessSink } from '../contract/liveness.ts';
import { createSimLiveness, simAnswersSchema } from '../sim/liveness.ts';

const simSchema = z.strictObject({
  driver: z.literal('sim-liveness'),
  /** What it says to each question; absent = a living person, by the simpler checks, after a moment. */
  answers: simAnswersSchema.default([
    { afterMs: 400, verdict: 'live', level: 'pad-1', to: 'question' },
  ]),
});

/** The detector of one till as its settings name it. One is added by its schema here and its maker below. */
export const livenessDefinitionSchema = z.discriminatedUnion('driver', [simSchema]);
export type LivenessDefinition = z.infer<typeof livenessDefinitionSchema>;

/** Makes the detector; it is not started. */
export const createLivenessDriver = (
  definition: LivenessDefinition,
  env: Pick<DriverEnv, 'timers'>,
  sink: LivenessSink,
): LivenessDriver => createSimLiveness(definition.answers, env, sink);
