import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { DriverEvent } from '../../../drivers/contract/event.ts';
import { createDrivers, parseDevices } from '../../../drivers/registry.ts';
import { MAX_SCENARIO_BYTES } from '../../../drivers/sim/play-file.ts';
import { createManualEnv } from '../manual-env.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tillside-scenario-'));
});
afterEach(() => rm(folder, { recursive: true }));

const startWith = async (driver: string, content: string | null) => {
  const scenarioFile = join(folder, 'scenario.json');
  if (content !== null) await writeFile(scenarioFile, content);
  const parsed = parseDevices([{ id: 'sim', driver, owner: 'agent', scenarioFile }]);
  if (!parsed.ok) throw new Error('the definition is valid');
  const env = createManualEnv();
  const events: DriverEvent[] = [];
  const [device] = createDrivers(parsed.value, env, (event) => events.push(event));
  if (device === undefined) throw new Error('there is one device');
  device.start();
  const texts = () => events.flatMap((event) => (event.type === 'scan' ? [event.text] : []));
  const details = () => events.flatMap((event) => (event.type === 'error' ? [event.detail] : []));
  return { env, device, texts, details };
};

describe('a scenario file named by a device', () => {
  test('is read up to its limit', async () => {
    const content = '[{ "afterMs": 0, "text": "A" }]'.padEnd(MAX_SCENARIO_BYTES);
    const { env, device, texts } = await startWith('sim-scanner', content);
    await vi.waitFor(async () => {
      await env.advance(1_000);
      expect(texts()).toEqual(['A']);
    });
    await device.stop();
  });

  test.each(['sim-scanner', 'sim-hid-scanner'])(
    'is played once by a %s, however often it is claimed',
    async (driver) => {
      const { env, device, texts } = await startWith(
        driver,
        JSON.stringify([
          { afterMs: 10, text: ']E06901234567892' },
          { afterMs: 400, text: ']E04006381333931' },
        ]),
      );
      await vi.waitFor(async () => {
        await env.advance(1_000);
        expect(texts()).toEqual(['6901234567892', '4006381333931']);
      });
      await device.pause();
      device.resume();
      // Time enough to read a file again and to play it.
      for (let turn = 0; turn < 20; turn += 1) {
        await sleep(5);
        await env.advance(500);
      }
      expect(device.state()).toBe('ready');
      expect(texts()).toHaveLength(2);
      await device.stop();
    },
  );

  test.each([
    ['is missing', null, 'ENOENT'],
    ['is no JSON', '[', 'SyntaxError'],
    ['is longer than the limit', `[]${' '.repeat(MAX_SCENARIO_BYTES - 1)}`, 'longer than 4194304'],
    ['has a step that is none', '[{ "afterMs": 1 }]', 'steps[0]: a step has exactly one of'],
  ])('that %s is an error with its reason, and the device goes on', async (_, content, reason) => {
    const { env, device, details } = await startWith('sim-scanner', content);
    await vi.waitFor(async () => {
      await env.advance(1_000);
      expect(details()).toEqual([expect.stringContaining(reason)]);
    });
    expect(device.state()).toBe('ready');
    await device.stop();
  });
});
