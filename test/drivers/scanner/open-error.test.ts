import { expect, test } from 'vitest';
import { openFailureOf } from '../../../drivers/scanner/open-error.ts';
import { findUsbPort } from '../../../drivers/scanner/serial-path.ts';

test.each([
  ['Error: No such file or directory, cannot open /dev/ttyUSB0', 'linux', 'absent'],
  ['Error Resource temporarily unavailable Cannot lock port', 'linux', 'busy'],
  ['Error: Permission denied, cannot open /dev/ttyUSB0', 'linux', 'denied'],
  ['Error: Inappropriate ioctl for device, cannot open /dev/null', 'linux', 'unsupported'],
  ['Opening COM3: Access denied', 'win32', 'busy'],
  ['Opening COM3: File not found', 'win32', 'absent'],
  ['something else', 'linux', 'failed'],
] as const)('%s on %s means %s', (detail, platform, code) => {
  expect(openFailureOf(detail, platform)).toEqual({ code, detail });
});

test('a USB port is found by every id given, whatever its path, and serial numbers tell twins apart', () => {
  const ports = [
    { path: '/dev/ttyACM0', vendorId: '05e0', productId: '1701', serialNumber: 'A1' },
    { path: '/dev/ttyACM1', vendorId: '05E0', productId: '1701', serialNumber: 'A2' },
    { path: '/dev/ttyS0' },
  ];
  expect(findUsbPort(ports, { vid: '05E0', pid: '1701', serial: 'A2' })?.path).toBe('/dev/ttyACM1');
  expect(findUsbPort(ports, { vid: '05e0' })?.path).toBe('/dev/ttyACM0');
  expect(findUsbPort(ports, { vid: '05e0', serial: 'A3' })).toBeUndefined();
});
