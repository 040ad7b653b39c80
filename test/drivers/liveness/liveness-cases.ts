import { describe, expect, test } from 'vitest';
import { livenessAnswerSchema } from '../../../agent/contract/index.ts';
import type {
  LivenessAnswer,
  LivenessDriver,
  LivenessQuestion,
  LivenessSink,
} from '../../../drivers/contract/liveness.ts';
import { createManualEnv, type ManualEnv } from '../manual-env.ts';

const QUESTION: LivenessQuestion = { sessionId: 'session-1', nonce: 'nonce-1', withinMs: 4_000 };

/**
 * What every adapter of a detector keeps to, whatever it is connected with. It is given a sensor before which a living
 * person stands, whose answer takes less than the question allows.
 */
export function livenessCases(
  name: string,
  make: (env: ManualEnv, sink: LivenessSink) => LivenessDriver,
): void {
  function rig() {
    const env = createManualEnv();
    const said: LivenessAnswer[] = [];
    const driver = make(env, (answer) => said.push(answer));
    return { env, said, driver };
  }

  describe(`${name} as a detector of attacks`, () => {
    test('answers a question once, in time, with its session and nonce, and with nothing else in it', async () => {
      const { env, said, driver } = rig();
      driver.start();
      expect(driver.ask(QUESTION)).toEqual({ ok: true, value: undefined });
      await env.advance(QUESTION.withinMs - 1);
      expect(said).toEqual([{ ...said[0], sessionId: 'session-1', nonce: 'nonce-1' }]);
      expect(livenessAnswerSchema.parse(said[0])).toEqual(said[0]);
      await env.advance(60_000);
      expect(said).toHaveLength(1);
    });

    test('says nothing of its own accord, and refuses a question before it is started', async () => {
      const { env, said, driver } = rig();
      expect(driver.ask(QUESTION)).toMatchObject({ ok: false, error: { code: 'E_CLOSED' } });
      driver.start();
      await env.advance(60_000);
      expect(said).toEqual([]);
    });

    test('forgets a question that is cancelled, and one whose place another takes', async () => {
      const { env, said, driver } = rig();
      driver.start();
      driver.ask(QUESTION);
      driver.cancel();
      driver.cancel();
      await env.advance(60_000);
      expect(said).toEqual([]);
      driver.ask(QUESTION);
      driver.ask({ ...QUESTION, nonce: 'nonce-2' });
      await env.advance(60_000);
      expect(said.map(({ nonce }) => nonce)).toEqual(['nonce-2']);
    });

    test('says nothing after it was stopped, leaves no timer, and can be started again', async () => {
      const { env, said, driver } = rig();
      driver.start();
      driver.ask(QUESTION);
      await driver.stop();
      expect(env.pendingTimers()).toBe(0);
      await env.advance(60_000);
      expect(said).toEqual([]);
      expect(driver.ask(QUESTION).ok).toBe(false);
      driver.start();
      driver.ask(QUESTION);
      await env.advance(60_000);
      expect(said).toHaveLength(1);
    });

    test('goes by the name under which it was certified, whatever the settings say', () => {
      expect(rig().driver.product).toMatch(/^\S+ \S+$/);
      expect(rig().driver.product).toBe(rig().driver.product);
    });
  });
}
