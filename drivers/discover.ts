import type { DriverEnv } from './contract/env.ts';
import {
  type FoundDevice,
  type ListedWay,
  type Looked,
  listedWays,
  MAX_FOUND_DEVICES,
} from './contract/found-device.ts';
import { discoverHid } from './scanner/hid-discover.ts';
import { discoverSerial } from './serial/serial-discover.ts';
import { timeLimitDetail, withTimeLimit } from './time-limit.ts';
import { unlistedOf } from './unlisted.ts';

/** How long one look at one kind of device may take. */
export const DISCOVER_TIMEOUT_MS = 5_000;

/** One way of looking for devices. */
export type Discover = (env: DriverEnv) => Promise<readonly FoundDevice[]>;
export type Ways = Readonly<Record<ListedWay, Discover>>;

const systemWays: Ways = { serial: discoverSerial, hid: discoverHid };

/**
 * Everything that is plugged in and may be a scanner. A way of looking that fails or hangs must not hide what the other
 * finds; it is logged, and told beside it, since it may hide a scanner.
 */
export const discoverDevices = async (env: DriverEnv, ways: Ways = systemWays): Promise<Looked> => {
  const looks = await Promise.all(
    listedWays.map(async (way) => ({
      way,
      looked: await withTimeLimit(env, DISCOVER_TIMEOUT_MS, () => ways[way](env)),
    })),
  );
  const unlisted = looks.flatMap(({ way, looked }) =>
    looked.ok ? [] : [unlistedOf(way, timeLimitDetail(looked.error))],
  );
  for (const { way, detail } of unlisted)
    env.log('warn', 'devices could not be listed', { way, detail });
  return {
    found: looks
      .flatMap(({ looked }) => (looked.ok ? looked.value : []))
      .slice(0, MAX_FOUND_DEVICES),
    unlisted,
  };
};
