import type { UsbAddress } from '../contract/device.ts';

/** Most ports that are looked at; more than any till has. */
export const MAX_PORTS = 64;

/** A serial port of this computer and what tells the device behind it from others. */
export type SerialPortFacts = {
  /** What is opened: `/dev/ttyACM0`, `COM3`. */
  readonly path: string;
  /** USB ids, four lower-case hex digits; absent for a port that is part of the computer. */
  readonly vid?: string;
  readonly pid?: string;
  readonly serial?: string;
  readonly portPath?: string;
  readonly maker?: string;
  readonly name?: string;
};

/** The port that an address names, or why it names none. */
export type PortChoice =
  | { readonly kind: 'one'; readonly port: SerialPortFacts }
  | { readonly kind: 'none' }
  | { readonly kind: 'several'; readonly ports: readonly SerialPortFacts[] };

const fits = (port: SerialPortFacts, usb: UsbAddress): boolean =>
  port.vid === usb.vid.toLowerCase() &&
  (usb.pid === undefined || port.pid === usb.pid.toLowerCase()) &&
  (usb.serial === undefined || port.serial === usb.serial) &&
  (usb.portPath === undefined || port.portPath === usb.portPath);

/** Order of ports by number, so that `ttyACM10` comes after `ttyACM9`. */
export const byPortName = (a: SerialPortFacts, b: SerialPortFacts): number =>
  a.path.localeCompare(b.path, 'en', { numeric: true });

/**
 * The port whose device fits every id of `usb`. Two devices that fit are never guessed between: one
 * of them would be taken for the other at the next start. One device with several ports gives its
 * first, which is the one that carries data on scanners with two.
 */
export const choosePort = (ports: readonly SerialPortFacts[], usb: UsbAddress): PortChoice => {
  const fitting = ports.filter((port) => fits(port, usb)).sort(byPortName);
  const [first] = fitting;
  if (first === undefined) return { kind: 'none' };
  const isOneDevice =
    fitting.length === 1 ||
    (first.portPath !== undefined && fitting.every((port) => port.portPath === first.portPath));
  return isOneDevice ? { kind: 'one', port: first } : { kind: 'several', ports: fitting };
};
