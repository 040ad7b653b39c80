import { describe, expect, test } from 'vitest';
import { createDrivers, MAX_DEVICES, parseDevices } from '../../drivers/registry.ts';
import { createManualEnv } from './manual-env.ts';

const sim = { id: 'sim-1', driver: 'sim-scanner', owner: 'agent' };
const serial = { id: 'com-1', driver: 'serial-scanner', owner: 'agent', path: '/dev/ttyACM0' };

const problemsOf = (devices: unknown): string[] => {
  const parsed = parseDevices(devices);
  if (parsed.ok) return [];
  for (const problem of parsed.error) {
    expect(problem.text['zh-CN']).toMatch(/\p{Script=Han}/u);
    expect(problem.text.en).toMatch(/[a-z]/);
  }
  return parsed.error.map((problem) => `${problem.field} ${problem.code}`);
};

describe('the device list', () => {
  test('is read with the defaults of most readers', () => {
    expect(parseDevices([sim, serial])).toEqual({
      ok: true,
      value: [sim, { ...serial, baudRate: 9_600, dataBits: 8, parity: 'none', stopBits: 1 }],
    });
  });

  test.each([
    ['an unknown driver', [{ ...sim, driver: 'laser' }], ['devices[0].driver unknown-driver']],
    [
      'a driver named like an object member',
      [{ ...sim, driver: 'constructor' }],
      ['devices[0].driver unknown-driver'],
    ],
    ['a missing driver', [{ id: 'a' }], ['devices[0].driver missing']],
    ['a repeated id', [sim, serial, { ...sim }], ['devices[2].id repeated-id']],
    ['an unknown field', [{ ...sim, baud: 9_600 }], ['devices[0].baud unknown-field']],
    [
      'a field of the wrong type',
      [{ ...serial, baudRate: '9600' }],
      ['devices[0].baudRate wrong-type'],
    ],
    ['a value out of range', [{ ...serial, baudRate: 1 }], ['devices[0].baudRate out-of-range']],
    ['an unknown owner', [{ ...sim, owner: 'me' }], ['devices[0].owner wrong-value']],
    ['a missing owner', [{ ...sim, owner: undefined }], ['devices[0].owner missing']],
    ['neither path nor usb', [{ ...serial, path: undefined }], ['devices[0].path wrong-value']],
    ['both path and usb', [{ ...serial, usb: { vid: '05e0' } }], ['devices[0].path wrong-value']],
    [
      'a USB id that is none',
      [{ ...serial, path: undefined, usb: { vid: 'xyz' } }],
      ['devices[0].usb.vid wrong-value'],
    ],
    [
      'a code limit above that of the framer',
      [{ ...sim, maxFrameBytes: 4_097 }],
      ['devices[0].maxFrameBytes out-of-range'],
    ],
    ['no list', { devices: [] }, ['devices wrong-type']],
    [
      'two faults at once',
      [
        { ...sim, id: '' },
        { ...serial, parity: 'mark' },
      ],
      ['devices[0].id out-of-range', 'devices[0].id wrong-value', 'devices[1].parity wrong-value'],
    ],
  ])('%s is refused by name', (_, devices, expected) => {
    expect(problemsOf(devices)).toEqual(expected);
  });

  test('takes what a binding writes for a serial scanner, and says which of its ids it does not know', () => {
    const bound = { id: 'till-scanner', driver: 'serial-scanner', owner: 'agent' };
    const usb = { vid: '05e0', pid: '1701', serial: 'S1', portPath: '1-1.2' };
    expect(problemsOf([{ ...bound, usb }])).toEqual([]);
    expect(problemsOf([{ ...bound, usb: { ...usb, socket: 3 } }])).toEqual([
      'devices[0].usb.socket unknown-field',
    ]);
    expect(problemsOf([{ ...bound, usb, scenarioFile: 'a.json' }])).toEqual([
      'devices[0].scenarioFile unknown-field',
    ]);
  });

  test('takes as many devices as its limit and not one more', () => {
    const many = Array.from({ length: MAX_DEVICES }, (_, index) => ({
      ...sim,
      id: `sim-${index}`,
    }));
    expect(problemsOf(many)).toEqual([]);
    expect(problemsOf([...many, sim])).toEqual(['devices out-of-range']);
  });
});

test('devices of the POS and shared wedges get no driver: opening them would take them away', () => {
  const parsed = parseDevices([
    sim,
    { ...serial, owner: 'pos' },
    { id: 'wedge', driver: 'serial-scanner', owner: 'shared-wedge' },
  ]);
  if (!parsed.ok) throw new Error('the list is valid');
  expect(
    createDrivers(parsed.value, createManualEnv(), () => {}).map((driver) => driver.id),
  ).toEqual(['sim-1']);
});
