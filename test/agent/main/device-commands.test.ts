import { expect, test } from 'vitest';
import { createDeviceCommands } from '../../../agent/main/device-commands.ts';
import { knownDevice } from '../../../agent/main/known-device.ts';
import type { HealthEvent } from '../../../drivers/contract/event.ts';
import type { HealthReport } from '../../../drivers/contract/health.ts';
import type { DriverHostClient } from '../../../drivers/host-client.ts';

const NOTHING = { 'zh-CN': '', en: '' };
const told = (outcome: HealthReport['outcome'], challenge: string): HealthEvent => ({
  type: 'health',
  deviceId: 'sim',
  at: { monoMs: 0, wall: '2026-11-21T06:30:00.000Z' },
  report: { level: 'interactive', outcome, checks: [], text: NOTHING, challenge },
});

test('a test scan is answered by the code that it waits for, not by the end of the one before', async () => {
  const sim = {
    id: 'sim',
    kind: 'scanner',
    owner: 'agent',
    state: 'ready',
    identity: { transport: 'simulated' },
    simulated: true,
  } as const;
  // A test that waits is answered by its end alone, half a minute later.
  const client = { call: () => new Promise(() => {}) } as unknown as DriverHostClient;
  const commands = createDeviceCommands(
    () => client,
    new Map([['sim', knownDevice(sim, undefined, 0)]]),
    () => 0,
  );
  const checking = commands.check('sim', 'interactive');
  commands.heard(told('passed', 'OLD'));
  commands.heard(told('waiting', 'OWN'));
  expect(await checking).toMatchObject({
    ok: true,
    value: { outcome: 'waiting', challenge: 'OWN' },
  });
});
