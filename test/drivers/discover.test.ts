import { expect, test } from 'vitest';
import { MAX_FOUND_DEVICES } from '../../drivers/contract/found-device.ts';
import { DISCOVER_TIMEOUT_MS, discoverDevices } from '../../drivers/discover.ts';
import { createManualEnv } from './manual-env.ts';

test('a way of looking for devices that fails is left out, and the log says which', async () => {
  const env = createManualEnv();
  const found = await discoverDevices(env, {
    serial: async () => [
      { identity: { transport: 'serial', path: '/dev/ttyS0' }, mode: 'serial', twin: false },
    ],
    hid: async () => {
      throw new Error('no HID here');
    },
  });
  expect(found.map(({ identity }) => identity.path)).toEqual(['/dev/ttyS0']);
  expect(env.lines).toMatchObject([
    { level: 'warn', fields: { way: 'hid', detail: 'Error: no HID here' } },
  ]);
});

test('a look for devices that hangs ends at its limit, and what it finds ends at another', async () => {
  const env = createManualEnv();
  const port = { identity: { transport: 'serial' }, mode: 'serial', twin: false } as const;
  const looking = discoverDevices(env, {
    serial: async () => Array.from({ length: MAX_FOUND_DEVICES + 1 }, () => port),
    hid: () => new Promise(() => {}),
  });
  await env.advance(DISCOVER_TIMEOUT_MS);
  expect(await looking).toHaveLength(MAX_FOUND_DEVICES);
});
