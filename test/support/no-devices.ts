import type { DevicePort } from '../../agent/app/deps.ts';
import { err, ok } from '../../agent/contract/index.ts';

/** The devices of a till that has none. */
export function noDevices(): DevicePort {
  return {
    list: () => [],
    simulate: async () => err('device-unknown'),
    plug: async () => err('device-unknown'),
    discover: async () => ok({ found: [], unlisted: [] }),
    bind: async () => ok(undefined),
    check: async () => err('device-unknown'),
    onEvent: () => () => undefined,
    onCounted: () => () => undefined,
  };
}
