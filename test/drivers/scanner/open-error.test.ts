import { expect, test } from 'vitest';
import { openFailureOf } from '../../../drivers/serial/open-error.ts';

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
