import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deviceSignals, nextDeviceState } from '../../../drivers/contract/state.ts';
import type { Behaviour, DeviceCall } from '../../../drivers/sim/sim-transport.ts';
import { createFixture } from './fixture.ts';

/** Longer than every limit and back-off together. */
const CALM_MS = 40_000;

const calls: readonly DeviceCall[] = ['exists', 'open', 'write', 'close'];
const ways: readonly Behaviour[] = [
  'well',
  'throw',
  { afterMs: 300 },
  { code: 'busy', detail: 'refused' },
  { code: 'denied', detail: 'refused' },
];

const action = fc.oneof(
  fc.constantFrom(
    'start',
    'stop',
    'pause',
    'resume',
    'plug',
    'unplug',
    'break',
    'news',
    'send',
    'check',
  ),
  fc.record({ call: fc.constantFrom(...calls), way: fc.constantFrom(...ways) }),
  fc.record({ scan: fc.constantFrom('A\r', 'B', '\r', '\u0001', 'CODE-1\rCODE-2\r') }),
  fc.record({ passMs: fc.integer({ min: 0, max: 3_000 }) }),
);

test('whatever people, cables and systems do, a device holds one handle at most, scans only while ready, and recovers', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
      const behaviours = new Map<DeviceCall, Behaviour>();
      const { driver, env, line, events, locksHeld } = createFixture({
        behave: (call) => behaviours.get(call) ?? 'well',
      });
      const simple: Readonly<Record<string, () => unknown>> = {
        start: driver.start,
        stop: driver.stop,
        pause: driver.pause,
        resume: driver.resume,
        plug: line.plug,
        unplug: line.unplug,
        break: () => line.breakLine('input/output error'),
        news: env.deviceNews,
        send: () => driver.send(Uint8Array.of(7)),
        check: () => driver.health('internal'),
      };
      let seen = 0;
      const look = (): void => {
        for (const event of events.slice(seen)) {
          if (event.type !== 'state') continue;
          const signal = deviceSignals.find((each) => each === event.cause) ?? 'stopped';
          expect(nextDeviceState(event.from, signal)).toBe(event.to);
        }
        seen = events.length;
        expect(locksHeld()).toBeLessThanOrEqual(1);
      };
      for (const step of actions) {
        const scansBefore = events.filter((event) => event.type === 'scan').length;
        const isReady = driver.state() === 'ready';
        if (typeof step === 'string') void simple[step]?.();
        else if ('call' in step) behaviours.set(step.call, step.way);
        else if ('scan' in step) line.send(new TextEncoder().encode(step.scan));
        else await env.advance(step.passMs);
        await env.settle();
        const scanned = events.filter((event) => event.type === 'scan').length > scansBefore;
        if (scanned) expect(isReady).toBe(true);
        look();
      }

      behaviours.clear();
      line.plug();
      driver.start();
      driver.resume();
      await env.advance(CALM_MS);
      look();
      expect(driver.state()).toBe('ready');
      expect([locksHeld(), env.newsListeners()]).toEqual([1, 1]);
      await driver.stop();
      await env.advance(CALM_MS);
      expect([locksHeld(), env.newsListeners(), env.pendingTimers()]).toEqual([0, 0, 0]);
    }),
    { numRuns: 500 },
  );
});
