import type { DeviceIdentity, UsbAddress } from './device.ts';
import type { StateAdvice } from './state-advice.ts';
import type { LocalText } from './text.ts';

/**
 * How a device speaks at the moment. `keyboard`: it types, and no program can claim it. `oem`: a
 * maker's own protocol (IBM hand-held, USB OEM). Both need a set-up code of the maker.
 */
export const deviceModes = ['serial', 'hid-pos', 'keyboard', 'oem', 'unknown'] as const;
export type DeviceMode = (typeof deviceModes)[number];

/** Devices told of one look; more than any till has. */
export const MAX_FOUND_DEVICES = 64;

/** A device that is plugged in, whether or not anything is bound to it. */
export type FoundDevice = {
  readonly identity: DeviceIdentity;
  readonly mode: DeviceMode;
  /** Names for people, as the device or a table of vendor ids gives them. */
  readonly maker?: string;
  readonly name?: string;
  /** Another found device has the same vid, pid and serial: only the socket tells them apart. */
  readonly twin: boolean;
  /** What a binding writes to find this device again; absent where none would. */
  readonly definition?: {
    readonly driver: 'serial-scanner' | 'hid-scanner';
    readonly usb: UsbAddress;
  };
  /** What to do before it can be used, as the set-up code of its maker. */
  readonly hint?: LocalText;
};

/** The kinds of devices that are listed, each in a way of its own. */
export const listedWays = ['serial', 'hid'] as const;
export type ListedWay = (typeof listedWays)[number];

/**
 * A kind of devices that this computer could not list: one that is plugged in may be missing among those found. With why,
 * and what to do; `detail` is what the system said, in English, for IT.
 */
export type Unlisted = StateAdvice & { readonly way: ListedWay; readonly detail: string };

/** What one look found, and what it could not look at. */
export type Looked = {
  readonly found: readonly FoundDevice[];
  readonly unlisted: readonly Unlisted[];
};

type Ids = Pick<DeviceIdentity, 'transport' | 'vid' | 'pid' | 'serial' | 'usagePage'>;

const same = (a: Ids, b: Ids): boolean =>
  a.transport === b.transport &&
  a.usagePage === b.usagePage &&
  a.vid !== undefined &&
  a.vid === b.vid &&
  a.pid === b.pid &&
  a.serial === b.serial;

/** Whether `identities` holds another one with the vid, pid and serial of `identity`. */
export const hasTwin = (identity: DeviceIdentity, identities: readonly DeviceIdentity[]): boolean =>
  identities.some((other) => other !== identity && same(identity, other));

/**
 * The ids by which a binding finds a device again: its serial number where that names one device,
 * else what it is and where it is plugged in. Undefined where neither finds one device: without a
 * vendor id, and for a twin whose socket is not known.
 */
export const usbAddressOf = (identity: DeviceIdentity, twin: boolean): UsbAddress | undefined => {
  const { vid, pid, serial, portPath } = identity;
  if (vid === undefined || (twin && portPath === undefined)) return undefined;
  const ids = { vid, ...(pid === undefined ? {} : { pid }) };
  if (serial !== undefined && !twin) return { ...ids, serial };
  return {
    ...ids,
    ...(serial === undefined ? {} : { serial }),
    ...(portPath === undefined ? {} : { portPath }),
  };
};
