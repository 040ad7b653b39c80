import { describe, expect, test } from 'vitest';
import { MAX_FOUND_DEVICES } from '../../drivers/contract/found-device.ts';
import { DISCOVER_TIMEOUT_MS, discoverDevices } from '../../drivers/discover.ts';
import { unlistedOf } from '../../drivers/unlisted.ts';
import { createManualEnv } from './manual-env.ts';

const PORT = {
  identity: { transport: 'serial', path: '/dev/ttyS0' },
  mode: 'serial',
  twin: false,
} as const;

test('a way of looking for devices that fails hides nothing of the other, and is told with why and what to do', async () => {
  const env = createManualEnv();
  const { found, unlisted } = await discoverDevices(env, {
    serial: async () => [PORT],
    hid: async () => {
      throw new Error('no HID here');
    },
  });
  expect(found).toEqual([PORT]);
  expect(unlisted).toMatchObject([{ way: 'hid', detail: 'Error: no HID here' }]);
  expect(env.lines).toMatchObject([
    { level: 'warn', fields: { way: 'hid', detail: 'Error: no HID here' } },
  ]);
});

test('a look for devices that hangs ends at its limit and is told, and what the other finds ends at another', async () => {
  const env = createManualEnv();
  const looking = discoverDevices(env, {
    serial: async () => Array.from({ length: MAX_FOUND_DEVICES + 1 }, () => PORT),
    hid: () => new Promise(() => {}),
  });
  await env.advance(DISCOVER_TIMEOUT_MS);
  const { found, unlisted } = await looking;
  expect(found).toHaveLength(MAX_FOUND_DEVICES);
  expect(unlisted).toMatchObject([
    { way: 'hid', detail: `no answer within ${DISCOVER_TIMEOUT_MS} ms` },
  ]);
});

test('nothing that is plugged in is no failure to look', async () => {
  const env = createManualEnv();
  const nothing = async () => [];
  expect(await discoverDevices(env, { serial: nothing, hid: nothing })).toEqual({
    found: [],
    unlisted: [],
  });
});

describe('what is told of devices that cannot be listed', () => {
  test.each([
    ['hid', 'libusb-1.0.so.0: cannot open shared object file', 'install-package'],
    ['hid', "EACCES: permission denied, scandir '/sys/class/hidraw'", 'grant-access'],
    ['serial', 'EPERM: operation not permitted', 'grant-access'],
    ['hid', 'no answer within 5000 ms', 'wait'],
    ['serial', 'spawn udevadm ENOENT', 'wait'],
  ] as const)('%s, %s: %s', (way, detail, code) => {
    const { hint, remedy } = unlistedOf(way, detail);
    expect(remedy.code).toBe(code);
    for (const text of [hint, remedy.text]) {
      expect(text['zh-CN']).toMatch(/[\u4e00-\u9fff]/);
      expect(text.en).not.toBe('');
    }
  });
});
