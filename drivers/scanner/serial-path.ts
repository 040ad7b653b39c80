import { constants } from 'node:fs';
import { access, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';

/** Linux names ports by vendor, model and serial number here, and keeps the name over replugs. */
const BY_ID_DIRECTORY = '/dev/serial/by-id';
/** More ports than any till has; a listing is cut here. */
const MAX_PORTS = 64;

export type PortInfo = {
  readonly path: string;
  readonly serialNumber?: string | undefined;
  readonly vendorId?: string | undefined;
  readonly productId?: string | undefined;
};

/** What a port is known by: a path, or its USB ids, which survive another socket or node number. */
export type PortAddress = {
  readonly path?: string;
  readonly usb?: { readonly vid: string; readonly pid?: string; readonly serial?: string };
};

const same = (a: string | undefined, b: string): boolean => a?.toLowerCase() === b.toLowerCase();

/** The first listed port that fits every USB id given, or undefined. */
export const findUsbPort = (
  ports: readonly PortInfo[],
  usb: NonNullable<PortAddress['usb']>,
): PortInfo | undefined =>
  ports
    .slice(0, MAX_PORTS)
    .find(
      (port) =>
        same(port.vendorId, usb.vid) &&
        (usb.pid === undefined || same(port.productId, usb.pid)) &&
        (usb.serial === undefined || port.serialNumber === usb.serial),
    );

/** Whether a device file is there and whether this user may open it. */
export const fileAccess = async (path: string): Promise<'absent' | 'denied' | 'open'> => {
  try {
    await access(path, constants.F_OK);
  } catch {
    // Any failure to see the file is the answer: it is not there for us.
    return 'absent';
  }
  try {
    await access(path, constants.R_OK | constants.W_OK);
    return 'open';
  } catch {
    // Same: the refusal is the answer.
    return 'denied';
  }
};

/** The by-id name of the device behind `path` on Linux, or undefined without udev or USB. */
export const byIdName = async (
  path: string,
  directory = BY_ID_DIRECTORY,
): Promise<string | undefined> => {
  try {
    const target = await realpath(path);
    for (const name of (await readdir(directory)).slice(0, MAX_PORTS)) {
      if ((await realpath(join(directory, name))) === target) return name;
    }
  } catch {
    // Without udev the directory does not exist; the path is then the only name there is.
  }
  return undefined;
};
