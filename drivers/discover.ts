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

/** What was found, and the ways of looking that failed or hung, with what was said. */
export type Looked = {
  readonly found: readonly FoundDevice[];
  readonly unlisted: readonly { readonly way: string; readonly detail: string }[];
};

/** Looks in every way; one that fails or hangs must not hide what the others find. */
export const lookEverywhere = async (
  env: DriverEnv,
  ways: Readonly<Record<string, Discover>> = systemWays,
): Promise<Looked> => {
  const looks = await Promise.all(
    Object.entries(ways).map(async ([way, discover]) => ({
      way,
      looked: await withTimeLimit(env, DISCOVER_TIMEOUT_MS, () => discover(env)),
    })),
  );
  return {
    found: looks
      .flatMap(({ looked }) => (looked.ok ? looked.value : []))
      .slice(0, MAX_FOUND_DEVICES),
    unlisted: looks.flatMap(({ way, looked }) =>
      looked.ok ? [] : [{ way, detail: timeLimitDetail(looked.error) }],
    ),
  };
};

/**
 * Everything that is plugged in and may be a scanner. A way of looking that fails or hangs is
 * logged and left out: a broken HID layer must not hide the serial ports.
 */
export const discoverDevices = async (
  env: DriverEnv,
  ways?: Readonly<Record<string, Discover>>,
): Promise<readonly FoundDevice[]> => {
  const { found, unlisted } = await lookEverywhere(env, ways);
  for (const failed of unlisted) env.log('warn', 'devices could not be listed', failed);
  return found;
};
