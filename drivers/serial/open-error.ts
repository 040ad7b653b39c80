import type { OpenFailure } from '../contract/byte-link.ts';

/**
 * The serial binding reports by words only (its errors carry no code), so words it is, in
 * this one place. Seen with serialport 13 on Linux; the Windows ones are from its
 * documentation: there `Access denied` means that another program holds the port.
 */
const patterns: readonly (readonly [RegExp, OpenFailure['code']])[] = [
  [/cannot lock port|resource busy|EBUSY/i, 'busy'],
  [/no such file|no such device|file not found|ENOENT|ENXIO/i, 'absent'],
  [/permission denied|EACCES|EPERM/i, 'denied'],
  [/inappropriate ioctl|not a tty|ENOTTY/i, 'unsupported'],
];

/** Sorts what the binding said at opening; `platform` as in `process.platform`. */
export const openFailureOf = (detail: string, platform: string): OpenFailure => {
  if (platform === 'win32' && /access denied/i.test(detail)) return { code: 'busy', detail };
  const match = patterns.find(([pattern]) => pattern.test(detail));
  return { code: match?.[1] ?? 'failed', detail };
};
