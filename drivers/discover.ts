import type { DriverEnv } from './contract/env.ts';
import { type FoundDevice, MAX_FOUND_DEVICES } from './contract/found-device.ts';
import { discoverHid } from './scanner/hid-discover.ts';
import { discoverSerial } from './scanner/serial-discover.ts';
import { timeLimitDetail, withTimeLimit } from './time-limit.ts';

/** How long one look at one kind of device may take. */
export const DISCOVER_TIMEOUT_MS = 5_000;

/** One way of looking for devices. */
export type Discover = (env: DriverEnv) => Promise<readonly FoundDevice[]>;

const systemWays: Readonly<Record<string, Discover>> = {
  serial: discoverSerial,
  hid: discoverHid,
};

/**
 * Everything that is plugged in and may be a scanner. A way of looking that fails or hangs is
 * logged and left out: a broken HID layer must not hide the serial ports.
 */
export const discoverDevices = async (
  env: DriverEnv,
  ways: Readonly<Record<string, Discover>> = systemWays,
): Promise<readonly FoundDevice[]> => {
  const found = await Promise.all(
    Object.entries(ways).map(async ([way, discover]) => {
      const looked = await withTimeLimit(env, DISCOVER_TIMEOUT_MS, () => discover(env));
      if (looked.ok) return looked.value;
      env.log('warn', 'devices could not be listed', {
        way,
        detail: timeLimitDetail(looked.error),
      });
      return [];
    }),
  );
  return found.flat().slice(0, MAX_FOUND_DEVICES);
};
