import { describe, expect, test } from 'vitest';
import { checkConfig } from '../../../drivers/check-config.ts';
import type { LivenessAnswer } from '../../../drivers/contract/liveness.ts';
import {
  createLivenessDriver,
  livenessDefinitionSchema,
} from '../../../drivers/liveness/registry.ts';
import {
  createSimLiveness,
  SIM_ANSWERS_MAX,
  simAnswersSchema,
} from '../../../drivers/sim/liveness.ts';
import { createManualEnv } from '../manual-env.ts';
import { livenessCases } from './liveness-cases.ts';

const read = (input: unknown) => checkConfig(livenessDefinitionSchema, input, 'livenessDetector');

livenessCases('the simulator', (env, sink) =>
  createLivenessDriver(livenessDefinitionSchema.parse({ driver: 'sim-liveness' }), env, sink),
);

describe('the simulator', () => {
  test('does what a broken or hostile detector would: late, several, to another session or question', async () => {
    const env = createManualEnv();
    const said: LivenessAnswer[] = [];
    const answers = simAnswersSchema.parse([
      { afterMs: 0 },
      { afterMs: 10, verdict: 'not-live', level: 'pad-2' },
      { afterMs: 20, to: 'other-session' },
      { afterMs: 9_000, to: 'other-question' },
    ]);
    const driver = createSimLiveness(answers, env, (answer) => said.push(answer));
    driver.start();
    driver.ask({ sessionId: 's', nonce: 'n', withinMs: 100 });
    await env.advance(9_000);
    const own = { sessionId: 's', nonce: 'n' };
    expect(said).toEqual([
      { ...own, verdict: 'live', level: 'pad-1' },
      { ...own, verdict: 'not-live', level: 'pad-2' },
      { ...own, sessionId: expect.not.stringMatching(/^s$/), verdict: 'live', level: 'pad-1' },
      { ...own, nonce: expect.not.stringMatching(/^n$/), verdict: 'live', level: 'pad-1' },
    ]);
  });

  test('takes so many answers in its settings and no more', () => {
    const settings = (count: number) =>
      read({ driver: 'sim-liveness', answers: Array.from({ length: count }, () => ({})) });
    expect(settings(SIM_ANSWERS_MAX).ok).toBe(true);
    expect(settings(SIM_ANSWERS_MAX + 1)).toMatchObject({
      ok: false,
      error: [{ field: 'livenessDetector.answers', code: 'out-of-range' }],
    });
  });
});

test('settings that name no detector, or give it another name or level, are refused by the field', () => {
  const fields = (input: unknown) => {
    const done = read(input);
    return done.ok ? [] : done.error.map(({ field }) => field);
  };
  expect(fields({ driver: 'sim-liveness' })).toEqual([]);
  expect(fields({ driver: 'acme' })).toEqual(['livenessDetector.driver']);
  expect(fields({ driver: 'sim-liveness', product: 'acme 1' })).toEqual([
    'livenessDetector.product',
  ]);
  expect(fields({ driver: 'sim-liveness', answers: [{ level: 'pad-3' }] })).toEqual([
    'livenessDetector.answers[0].level',
  ]);
});
