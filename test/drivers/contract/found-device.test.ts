import { describe, expect, test } from 'vitest';
import type { DeviceIdentity } from '../../../drivers/contract/device.ts';
import { lockKeyOf } from '../../../drivers/contract/device-lock.ts';
import { hasTwin, usbAddressOf } from '../../../drivers/contract/found-device.ts';

const scanner: DeviceIdentity = {
  transport: 'serial',
  vid: '05e0',
  pid: '1701',
  serial: 'S1',
  portPath: '1-1.2',
  path: '/dev/ttyACM0',
};
const without = (...names: (keyof DeviceIdentity)[]): DeviceIdentity =>
  Object.fromEntries(
    Object.entries(scanner).filter(([name]) => !names.includes(name as keyof DeviceIdentity)),
  ) as DeviceIdentity;

describe('a binding finds its device again', () => {
  test('by the serial number, in whichever socket it is', () => {
    expect(usbAddressOf(scanner, false)).toEqual({ vid: '05e0', pid: '1701', serial: 'S1' });
  });

  test('by its socket where it has no serial number, or shares it with a twin', () => {
    expect(usbAddressOf(without('serial'), false)).toEqual({
      vid: '05e0',
      pid: '1701',
      portPath: '1-1.2',
    });
    expect(usbAddressOf(scanner, true)).toEqual({
      vid: '05e0',
      pid: '1701',
      serial: 'S1',
      portPath: '1-1.2',
    });
  });

  test('not at all without a vendor id, and no twin without its socket', () => {
    expect(usbAddressOf(without('vid', 'pid'), false)).toBeUndefined();
    expect(usbAddressOf(without('portPath'), true)).toBeUndefined();
  });
});

describe('twins', () => {
  test('are devices with the same vid, pid and serial number, or the same want of one', () => {
    const twin = { ...scanner, portPath: '1-1.3', path: '/dev/ttyACM1' };
    expect(hasTwin(scanner, [scanner, twin])).toBe(true);
    expect(hasTwin(scanner, [scanner, { ...twin, serial: 'S2' }])).toBe(false);
    expect(hasTwin(scanner, [scanner, { ...twin, transport: 'hid' }])).toBe(false);
    expect(hasTwin(scanner, [scanner])).toBe(false);
  });

  test('are never ports without a vendor id', () => {
    const ports = [0, 1].map(
      (port): DeviceIdentity => ({ transport: 'serial', path: `/dev/ttyS${port}` }),
    );
    expect(ports.map((port) => hasTwin(port, ports))).toEqual([false, false]);
  });
});

describe('the lock of a device', () => {
  test('is named after its place, so that any address of one device leads to one lock', () => {
    expect(lockKeyOf(scanner)).toBe(lockKeyOf({ ...scanner, serial: 'other', path: '/dev/x' }));
    expect(lockKeyOf(scanner)).not.toBe(lockKeyOf({ ...scanner, portPath: '1-1.3' }));
    expect(lockKeyOf(scanner)).not.toBe(lockKeyOf({ ...scanner, transport: 'hid' }));
  });

  test('does not exist while nothing is located', () => {
    expect(lockKeyOf({ transport: 'serial', vid: '05e0', serial: 'S1' })).toBeUndefined();
  });

  test('does not exist for a simulated device: each till has its own', () => {
    expect(lockKeyOf({ transport: 'simulated', serial: 'sim-1', path: 'sim/1' })).toBeUndefined();
  });
});
