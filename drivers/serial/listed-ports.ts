import { MAX_PORTS, type SerialPortFacts } from './serial-port-facts.ts';

/** A port as the serial binding lists it; on Windows from the registry. */
export type ListedPort = {
  readonly path: string;
  readonly vendorId?: string | undefined;
  readonly productId?: string | undefined;
  readonly serialNumber?: string | undefined;
  readonly locationId?: string | undefined;
  readonly manufacturer?: string | undefined;
  readonly friendlyName?: string | undefined;
};

/**
 * Windows makes up an instance id for a device without a serial number, from the socket it is in;
 * an `&` shows that (USB serial numbers cannot contain one there).
 */
const ownSerial = (serial: string | undefined): string | undefined =>
  serial === undefined || serial === '' || serial.includes('&') ? undefined : serial;

const usbId = (id: string | undefined): string | undefined =>
  id !== undefined && /^[0-9A-Fa-f]{4}$/.test(id) ? id.toLowerCase() : undefined;

const factsOf = (port: ListedPort): SerialPortFacts => {
  const vid = usbId(port.vendorId);
  const pid = usbId(port.productId);
  const serial = ownSerial(port.serialNumber);
  return {
    path: port.path,
    ...(vid === undefined ? {} : { vid }),
    ...(pid === undefined ? {} : { pid }),
    ...(serial === undefined ? {} : { serial }),
    ...(port.locationId === undefined ? {} : { portPath: port.locationId }),
    ...(port.manufacturer === undefined ? {} : { maker: port.manufacturer }),
    ...(port.friendlyName === undefined ? {} : { name: port.friendlyName }),
  };
};

/** What the binding lists, in our terms. */
export const factsOfListed = (ports: readonly ListedPort[]): readonly SerialPortFacts[] =>
  ports.slice(0, MAX_PORTS).map(factsOf);

/** `COM3`, however it was written: Windows takes `com3` and `\\.\COM3` for the same port. */
export const comName = (path: string): string =>
  path.replace(/^[\\/]{2}[.?][\\/]/, '').toUpperCase();
