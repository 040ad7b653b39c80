import { readdir, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { MAX_PORTS, type SerialPortFacts } from './serial-port-facts.ts';

const TTY_CLASS = '/sys/class/tty';
/** Names that the drivers of serial hardware give; consoles and pseudo-terminals have others. */
const serialName = /^(?:tty(?:S|ACM|USB|AMA|XRUSB|WCH|MFD|O)|rfcomm)\d+$/;
/** Folders between a port and the USB device that it belongs to; there are four at most. */
const MAX_LEVELS = 6;

/** The text of a kernel attribute, or undefined where the device has none. */
const attribute = async (folder: string, name: string): Promise<string | undefined> => {
  try {
    const text = (await readFile(join(folder, name), 'utf8')).trim();
    return text === '' ? undefined : text;
  } catch {
    // An attribute that a device does not have is a file that is not there; so is a device just pulled.
    return undefined;
  }
};

/** The folder of the USB device that `folder` lies in, or undefined. */
const usbDeviceOf = async (folder: string): Promise<string | undefined> => {
  // Every USB device lies below the root hub of its bus; a computer lists 32 ports that do not.
  if (!/\/usb\d+\//.test(folder)) return undefined;
  let at = folder;
  for (let level = 0; level < MAX_LEVELS; level += 1) {
    if ((await attribute(at, 'idVendor')) !== undefined) return at;
    at = dirname(at);
  }
  return undefined;
};

const given = <Name extends string>(
  name: Name,
  value: string | undefined,
): { readonly [Key in Name]?: string } =>
  (value === undefined ? {} : { [name]: value }) as { readonly [Key in Name]?: string };

const factsOf = async (classFolder: string, name: string): Promise<SerialPortFacts | null> => {
  try {
    const folder = await realpath(join(classFolder, name));
    const usb = await usbDeviceOf(folder);
    const path = `/dev/${name}`;
    // Kernels list 32 UARTs on every computer; type 0 is one that is not there (linux/serial.h, PORT_UNKNOWN).
    if (usb === undefined) return (await attribute(folder, 'type')) === '0' ? null : { path };
    return {
      path,
      ...given('vid', (await attribute(usb, 'idVendor'))?.toLowerCase()),
      ...given('pid', (await attribute(usb, 'idProduct'))?.toLowerCase()),
      ...given('serial', await attribute(usb, 'serial')),
      portPath: basename(usb),
      ...given('maker', await attribute(usb, 'manufacturer')),
      ...given('name', await attribute(usb, 'product')),
    };
  } catch {
    // Pulled while it was looked at: not there is the answer.
    return null;
  }
};

/**
 * The serial ports of a Linux computer with their USB identity, read from sysfs: it needs neither
 * udev nor a program, so that looking four times a second costs nothing. The name of the USB
 * device's folder (`1-1.2`: bus, then the socket of each hub) is where it is plugged in.
 */
export const listLinuxPorts = async (
  classFolder: string = TTY_CLASS,
): Promise<readonly SerialPortFacts[]> => {
  const names = await readdir(classFolder).catch((error: NodeJS.ErrnoException) => {
    // A container without sysfs has no list; ports are then known by their path alone.
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const ports: SerialPortFacts[] = [];
  for (const name of names) {
    if (!serialName.test(name) || ports.length === MAX_PORTS) continue;
    const facts = await factsOf(classFolder, name);
    if (facts !== null) ports.push(facts);
  }
  return ports;
};
