import { constants } from 'node:fs';
import { access, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import process from 'node:process';
import type { Device } from 'node-hid';
import { MAX_DESCRIPTOR_BYTES } from './hid-descriptor.ts';
import type { HidInterface } from './hid-device.ts';
import type { HidHandle, HidHandlers, HidSystem } from './hid-system.ts';

const HIDRAW_CLASS = '/sys/class/hidraw';
const USB_DEVICES = '/sys/bus/usb/devices';

/** The part of an open `HIDAsync` that the driver uses. An 'error' may bring a string. */
export type NodeHidHandle = {
  on(event: 'data', listener: (report: Uint8Array) => void): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  write(report: number[]): Promise<number>;
  sendFeatureReport(report: number[]): Promise<number>;
  close(): Promise<void>;
};

/** The part of `node-hid` that the driver uses. */
export type NodeHid = {
  devicesAsync(): Promise<Device[]>;
  readonly HIDAsync: { open(path: string): Promise<NodeHidHandle> };
};

/** The native binding is loaded when the first device is looked for, so that the rest of this folder runs without it. */
const loadNodeHid = (): Promise<NodeHid> => import('node-hid');

/** Lists under way, by the binding that makes them. */
const listsUnderWay = new WeakMap<() => Promise<NodeHid>, Promise<Device[]>>();

/**
 * The devices as `load`'s binding lists them. Whoever asks while a list is being made gets that
 * one: a list that hangs keeps a thread, and every scanner of the till looks for itself.
 */
const devicesOf = (load: () => Promise<NodeHid>): Promise<Device[]> => {
  const underWay = listsUnderWay.get(load);
  if (underWay !== undefined) return underWay;
  const list = load()
    .then((binding) => binding.devicesAsync())
    .finally(() => listsUnderWay.delete(load));
  listsUnderWay.set(load, list);
  return list;
};

const sentence = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

const usbId = (id: number): string => id.toString(16).padStart(4, '0');

const given = <Name extends string>(
  name: Name,
  value: string | undefined,
): { readonly [Key in Name]?: string } =>
  (value === undefined || value === '' ? {} : { [name]: value }) as {
    readonly [Key in Name]?: string;
  };

const interfaceOf = (device: Device, portPath: string | undefined): HidInterface => ({
  path: device.path ?? '',
  vid: usbId(device.vendorId),
  pid: usbId(device.productId),
  ...given('serial', device.serialNumber),
  ...given('portPath', portPath),
  usagePage: device.usagePage ?? 0,
  usage: device.usage ?? 0,
  ...given('maker', device.manufacturer?.trim()),
  ...given('name', device.product?.trim()),
});

/**
 * Where a device is plugged in, from the folder that the kernel keeps for its HID interface:
 * `…/usb1/1-1/1-1.2/1-1.2:1.0/0003:05E0:1900.0001` is socket `1-1.2`. Undefined for what is not on USB.
 */
export const socketOf = (folder: string): string | undefined =>
  /.*\/(\d+-\d+(?:\.\d+)*):\d+\.\d+\//.exec(folder)?.[1];

/**
 * The instance id in the name of a Windows interface, `\\?\HID#VID_05E0&PID_1900#7&2a3b&0&0000#{…}`:
 * Windows makes it from the socket. Undefined for any other name.
 */
export const instanceOf = (path: string): string | undefined =>
  /^[\\/]{2}[?.][\\/]hid#[^#]+#([^#]+)#/i.exec(path)?.[1]?.toLowerCase();

const SYSFS_LIMIT = 256;
/** Class of a HID interface, as the kernel writes it (USB HID 1.11, 4.1). */
const HID_CLASS = '03';

/**
 * Throws where a list of no device at all says nothing. The binding answers so, too, when this account may not read what
 * the kernel tells of its devices, and when HID devices are plugged in that the kernel gives no nodes.
 */
const assertSeen = async (classFolder: string, usbFolder: string): Promise<void> => {
  try {
    await readdir(classFolder);
    return;
  } catch (error) {
    // The kernel makes the folder with the first HID device; that it is missing may mean that there is none.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const names = await readdir(usbFolder).catch(() => []);
  const interfaces = names.filter((name) => name.includes(':')).slice(0, SYSFS_LIMIT);
  for (const name of interfaces) {
    const found = await readFile(join(usbFolder, name, 'bInterfaceClass'), 'utf8').catch(() => '');
    if (found.trim() === HID_CLASS)
      throw new Error(`the kernel gives no node to the HID device ${name}: no hidraw`);
  }
};

/** Nodes are files: Linux. */
const nodes = (classFolder: string): Pick<HidSystem, 'access' | 'descriptor' | 'mark'> => ({
  async access(path) {
    try {
      await access(path, constants.F_OK);
    } catch {
      // Any failure to see the node is the answer: it is not there for us.
      return 'absent';
    }
    try {
      await access(path, constants.R_OK | constants.W_OK);
      return 'open';
    } catch {
      // Same: the refusal is the answer.
      return 'denied';
    }
  },
  async descriptor(path) {
    try {
      const bytes = await readFile(join(classFolder, basename(path), 'device/report_descriptor'));
      return bytes.subarray(0, MAX_DESCRIPTOR_BYTES);
    } catch {
      // Without sysfs, or pulled meanwhile: then the layout that most makers share is assumed.
      return undefined;
    }
  },
  mark: (path) =>
    stat(path).then(
      ({ dev, ino, rdev }) => `${dev}:${ino}:${rdev}`,
      // What cannot be seen is not there; that is the answer.
      () => undefined,
    ),
});

/** Interfaces are names: Windows. Whether one may be opened shows only at opening. */
const names = (list: HidSystem['list']): Pick<HidSystem, 'access' | 'descriptor' | 'mark'> => ({
  access: () => Promise.resolve('open'),
  descriptor: () => Promise.resolve(undefined),
  async mark(path) {
    const wanted = path.toLowerCase();
    return (await list()).map((one) => one.path.toLowerCase()).find((name) => name === wanted);
  },
});

const handleOf = (handle: NodeHidHandle): HidHandle => ({
  async write(report) {
    await handle.write([...report]);
  },
  async sendFeature(report) {
    await handle.sendFeatureReport([...report]);
  },
  close: () => handle.close(),
});

/**
 * The HID interfaces of a computer through `node-hid`. `platform`, the binding and sysfs are passed
 * in, so that another system's ways can be tried on this one.
 */
export const createHidSystem = (
  platform: string = process.platform,
  load: () => Promise<NodeHid> = loadNodeHid,
  classFolder: string = HIDRAW_CLASS,
  usbFolder: string = USB_DEVICES,
): HidSystem => {
  const portPathOf = async (path: string): Promise<string | undefined> => {
    if (platform !== 'linux') return instanceOf(path);
    try {
      return socketOf(`${await realpath(join(classFolder, basename(path), 'device'))}/`);
    } catch {
      // Without sysfs, or pulled while it was looked at: its socket is then not known.
      return undefined;
    }
  };

  const list = async (): Promise<readonly HidInterface[]> => {
    const devices = await devicesOf(load);
    if (devices.length === 0 && platform === 'linux') await assertSeen(classFolder, usbFolder);
    const named = devices.filter(({ path }) => path !== undefined && path !== '');
    return Promise.all(
      named.map(async (device) => interfaceOf(device, await portPathOf(device.path ?? ''))),
    );
  };

  const open = async (path: string, handlers: HidHandlers): Promise<HidHandle> => {
    const handle = await (await load()).HIDAsync.open(path);
    // An 'error' without a listener ends the process.
    handle.on('error', (error) => handlers.onError(sentence(error)));
    handle.on('data', (report) => handlers.onReport(Uint8Array.from(report)));
    // node-hid begins to read on the next tick, and throws there, into nobody's hands, if it was closed before.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    return handleOf(handle);
  };

  return { platform, list, open, ...(platform === 'linux' ? nodes(classFolder) : names(list)) };
};
