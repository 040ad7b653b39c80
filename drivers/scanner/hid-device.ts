import type { UsbAddress } from '../contract/device.ts';
import type { DeviceMode } from '../contract/found-device.ts';
import { SCANNER_PAGE } from './hid-layout.ts';
import { makerOf } from './hid-makers.ts';

/** HID interfaces looked at; a computer full of devices has some dozens. */
export const MAX_INTERFACES = 256;

/** One HID interface of this computer; a device with several uses has several, or one with several entries. */
export type HidInterface = {
  /** What is opened: `/dev/hidraw0`, `\\?\HID#VID_…`. */
  readonly path: string;
  /** USB ids, four lower-case hex digits. */
  readonly vid: string;
  readonly pid: string;
  readonly serial?: string;
  readonly portPath?: string;
  readonly usagePage: number;
  readonly usage: number;
  readonly maker?: string;
  readonly name?: string;
};

/** A scanner, or what a scanner of a known maker is at the moment: the interface that speaks for it. */
export type HidScannerFacts = HidInterface & {
  readonly mode: Extract<DeviceMode, 'hid-pos' | 'keyboard' | 'oem'>;
};

const KEYBOARD = { usagePage: 0x01, usage: 0x06 } as const;
const BAR_CODE_SCANNER = 0x02;
/** Usage pages from here on mean what their maker says (HID Usage Tables 1.12, section 3). */
const FIRST_VENDOR_PAGE = 0xff00;

const isPos = ({ usagePage }: HidInterface): boolean => usagePage === SCANNER_PAGE;

/** The mode that one interface shows, or undefined for what no scanner would be. */
const modeOf = (one: HidInterface): HidScannerFacts['mode'] | undefined => {
  if (isPos(one)) return 'hid-pos';
  // Keyboards and unnamed devices are everywhere; only a maker of scanners makes one of them a scanner.
  if (makerOf(one.vid) === undefined) return undefined;
  if (one.usagePage === KEYBOARD.usagePage && one.usage === KEYBOARD.usage) return 'keyboard';
  return one.usagePage >= FIRST_VENDOR_PAGE ? 'oem' : undefined;
};

/** Interfaces of one device: those in one socket, or else those behind one node. */
const deviceKeyOf = ({ vid, pid, portPath, path }: HidInterface): string =>
  [vid, pid, portPath ?? path].join('|');

const modeOrder = ['hid-pos', 'keyboard', 'oem'] as const;

/** The interface to open comes first: POS before all, and of those the scanner itself. */
const bySpeaker = (a: HidScannerFacts, b: HidScannerFacts): number =>
  modeOrder.indexOf(a.mode) - modeOrder.indexOf(b.mode) ||
  Number(b.usage === BAR_CODE_SCANNER) - Number(a.usage === BAR_CODE_SCANNER) ||
  a.path.localeCompare(b.path, 'en', { numeric: true });

/**
 * The scanners among the HID interfaces of a computer, one entry a device. One in keyboard or
 * maker's mode counts only where its maker is known.
 */
export const scannersAmong = (interfaces: readonly HidInterface[]): readonly HidScannerFacts[] => {
  const speakers = new Map<string, HidScannerFacts>();
  const candidates = interfaces
    .slice(0, MAX_INTERFACES)
    .flatMap((one): HidScannerFacts[] => {
      const mode = modeOf(one);
      return mode === undefined ? [] : [{ ...one, mode }];
    })
    .sort(bySpeaker);
  for (const one of candidates) {
    const key = deviceKeyOf(one);
    if (!speakers.has(key)) speakers.set(key, one);
  }
  const scanners = [...speakers.values()];
  // On Windows the interfaces of one device have names of their own: its keyboard is no second scanner.
  const readable = scanners.filter(isPos);
  return scanners.filter(
    (one) => isPos(one) || !readable.some(({ vid, pid }) => vid === one.vid && pid === one.pid),
  );
};

/** The scanner that an address names, or why it names none. */
export type ScannerChoice =
  | { readonly kind: 'one'; readonly scanner: HidScannerFacts }
  | { readonly kind: 'none' }
  | { readonly kind: 'several'; readonly scanners: readonly HidScannerFacts[] };

const differs = (wanted: string | undefined, seen: string | undefined): boolean =>
  wanted !== undefined && seen !== undefined && wanted.toLowerCase() !== seen.toLowerCase();

const fits = (one: HidScannerFacts, usb: UsbAddress): boolean =>
  one.vid === usb.vid.toLowerCase() &&
  (usb.pid === undefined || one.pid === usb.pid.toLowerCase()) &&
  (usb.serial === undefined || one.serial === usb.serial) &&
  (usb.portPath === undefined || one.portPath === usb.portPath);

/**
 * The scanner that every id of `usb` fits. Two that fit are never guessed between. Where none does,
 * one of the same maker in another mode is the answer if nothing speaks against it: with the mode
 * a scanner changes its product id and often hides its serial number.
 */
export const chooseScanner = (
  scanners: readonly HidScannerFacts[],
  usb: UsbAddress,
): ScannerChoice => {
  const fitting = scanners.filter((one) => isPos(one) && fits(one, usb));
  const [scanner] = fitting;
  if (fitting.length > 1) return { kind: 'several', scanners: fitting };
  if (scanner !== undefined) return { kind: 'one', scanner };
  const elsewise = scanners.find(
    (one) =>
      !isPos(one) &&
      one.vid === usb.vid.toLowerCase() &&
      !differs(usb.serial, one.serial) &&
      !differs(usb.portPath, one.portPath),
  );
  return elsewise === undefined ? { kind: 'none' } : { kind: 'one', scanner: elsewise };
};
