import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readdirSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './until.ts';

/** Where the guest's tools are; set by whoever boots the guest. */
const TOOLS = process.env['HIDVM_TOOLS'] ?? '';

/** What the tools offer about HID POS scanners. */
interface HidPosTool {
  readonly descriptor: Uint8Array;
  /** Reports of 64 bytes, report id included, for one code. */
  reports(aim: string, data: string): Uint8Array[];
}
export const hidPos = (await import(join(TOOLS, 'hid-pos-descriptor.mjs'))) as HidPosTool;

/** The two interfaces of the device, each a scanner to the till. */
export const ways = ['serial', 'hid'] as const;
export type Way = (typeof ways)[number];

/** The first report of a code that needs several. */
const HALF = hidPos.reports(']Q3', 'a code of several reports '.repeat(6)).slice(0, 1);

/** By what a device is bound: USB ids as four hex digits. */
export interface ScannerIds {
  readonly vid: string;
  readonly pid: string;
  readonly serial: string;
}

/** A real USB device on the guest's software bus: a serial port and an HID POS scanner in one. */
export interface UsbScanner extends ScannerIds {
  /** Appears on the bus; settles when the kernel has made its nodes. */
  plug(): Promise<void>;
  /** Leaves the bus; settles when the nodes are gone. */
  unplug(): Promise<void>;
  /** Scans a code: down the line with its end, or in as many reports as it needs. */
  send(way: Way, text: string): Promise<void>;
  /** The beginning of a code whose rest never comes. */
  sendHalf(way: Way): Promise<void>;
  /** Scans while nobody has opened the device: the code waits in it, as far as there is room. */
  leave(way: Way, text: string): void;
}

/** The kernel's nodes of scanners, as `/dev/ttyACM0`, `/dev/hidraw0`. */
export const scannerNodes = (): string[] =>
  readdirSync('/dev')
    .filter((name) => /^(ttyACM|hidraw)\d+$/.test(name))
    .map((name) => join('/dev', name))
    .sort();

/** Makes the device; it is not plugged in yet. */
export function createUsbScanner(identity: ScannerIds): UsbScanner {
  const descriptorFile = '/run/hid-pos-descriptor';
  writeFileSync(descriptorFile, hidPos.descriptor);
  const gadget = (...args: string[]): void =>
    void execFileSync(join(TOOLS, 'usb-gadget.sh'), args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        VID: `0x${identity.vid}`,
        PID: `0x${identity.pid}`,
        SERIAL: identity.serial,
        DESCRIPTOR: descriptorFile,
      },
    });
  gadget('create', 'acm+hid');
  let far: { readonly serial: number; readonly hid: number } | undefined;
  const ends = (): NonNullable<typeof far> => {
    if (far === undefined) throw new Error('the scanner is not plugged in');
    return far;
  };
  const letGo = (): void => {
    if (far === undefined) return;
    closeSync(far.serial);
    closeSync(far.hid);
    far = undefined;
  };

  const writeReport = (report: Uint8Array): boolean => {
    try {
      return writeSync(ends().hid, report) > 0;
    } catch (error) {
      // The one before it has not been taken yet.
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
      throw error;
    }
  };

  const writeReports = async (reports: readonly Uint8Array[]): Promise<void> => {
    for (const report of reports) await until('a report taken', () => writeReport(report));
  };
  const writeLine = (text: string): void => void writeSync(ends().serial, text);

  return {
    ...identity,
    async plug() {
      const before = scannerNodes().length;
      gadget('plug');
      await until('the nodes of the scanner', () => scannerNodes().length >= before + ways.length);
      // Not blocking: a blocked read or write would hold a thread of the pool and keep this process from ending.
      const flags = constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY;
      far = { serial: openSync('/dev/ttyGS0', flags), hid: openSync('/dev/hidg0', flags) };
    },
    async unplug() {
      const before = scannerNodes().length;
      letGo();
      gadget('unplug');
      await until('the nodes gone', () => scannerNodes().length <= before - ways.length);
    },
    async send(way, text) {
      if (way === 'serial') writeLine(`]E0${text}\r`);
      else await writeReports(hidPos.reports(']E0', text));
    },
    async sendHalf(way) {
      if (way === 'serial') writeLine(']E0690123');
      else await writeReports(HALF);
    },
    leave(way, text) {
      if (way === 'serial') return writeLine(`${text}\r${text}\r${text}`);
      for (const report of hidPos.reports(']E0', text)) writeReport(report);
    },
  };
}
