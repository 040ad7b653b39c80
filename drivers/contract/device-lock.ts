import type { DeviceIdentity } from './device.ts';
import type { Result } from './result.ts';

/** A held claim of one device. */
export type DeviceLock = {
  /** Gives the device up; a second call does nothing. */
  release(): Promise<void>;
};

/** Why a claim was not given; `holder` is what is known of who has it. */
export type LockRefusal = {
  readonly code: 'busy' | 'failed';
  readonly detail: string;
  readonly holder?: LockHolder;
};

/** Who holds a device: a process of this computer and the id under which it uses the device. */
export type LockHolder = { readonly pid: number; readonly deviceId: string };

/**
 * Exclusive claims among the agents of one computer. Two programs may read one HID device at the
 * same time on Linux, and each would get every code, so the system's own answer is not enough.
 */
export type DeviceLocks = {
  /** Claims what `key` names (see `lockKeyOf`); `deviceId` is told to whoever asks for it next. */
  take(key: string, deviceId: string): Promise<Result<DeviceLock, LockRefusal>>;
};

/**
 * One name for one device, however it was addressed: where it is plugged in, else its node. Made of
 * a located identity, so that two agents that found the same device come to the same name.
 * Undefined while nothing is located: a vendor id alone names no device. A simulated device has
 * none: each till has its own.
 */
export const lockKeyOf = (identity: DeviceIdentity): string | undefined => {
  const { transport, portPath, path } = identity;
  const place = portPath ?? path;
  return place === undefined || transport === 'simulated' ? undefined : `${transport}|${place}`;
};
