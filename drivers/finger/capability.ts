import type { FingerCapability } from '../contract/finger.ts';

/** Bytes that ReadSysPara gives after its code. */
export const PARAMETERS_BYTES = 16;
/** Bytes that the product instruction of R503 and its kin gives after its code. */
const PRODUCT_BYTES = 46;
const BAUD_UNIT = 9_600;

/** What ReadSysPara says. */
export type ModuleParameters = Pick<
  FingerCapability,
  'capacity' | 'securityLevel' | 'baudRate' | 'packetBytes' | 'address' | 'systemId'
>;

/**
 * Reads the basic parameters: status, system id, capacity, security level (u16 each), address (u32), code of the packet size
 * (0..3 = 32, 64, 128, 256 bytes) and the baud rate in units of 9,600. Undefined where they are none.
 */
export const parseParameters = (body: Uint8Array): ModuleParameters | undefined => {
  if (body.length !== PARAMETERS_BYTES) return undefined;
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const packetCode = view.getUint16(12);
  const units = view.getUint16(14);
  if (packetCode > 3 || units < 1 || units > 12) return undefined;
  return {
    systemId: view.getUint16(2),
    capacity: view.getUint16(4),
    securityLevel: view.getUint16(6),
    address: view.getUint32(8),
    packetBytes: 32 << packetCode,
    baudRate: units * BAUD_UNIT,
  };
};

/** Printable ASCII up to the first zero byte. */
const textAt = (body: Uint8Array, from: number, size: number): string => {
  const bytes = body.subarray(from, from + size);
  const end = bytes.indexOf(0);
  return [...bytes.subarray(0, end < 0 ? size : end)]
    .filter((byte) => byte >= 0x20 && byte < 0x7f)
    .map((byte) => String.fromCharCode(byte))
    .join('')
    .trim();
};

/**
 * Reads the product record of R503 and its kin: model 16, batch 4, serial 8, hardware version 2 (major, minor), sensor
 * model 8 bytes, then sizes. Undefined where it has another length.
 */
export const parseProduct = (body: Uint8Array): FingerCapability['product'] => {
  if (body.length !== PRODUCT_BYTES) return undefined;
  return {
    model: textAt(body, 0, 16),
    batch: textAt(body, 16, 4),
    hardware: `${body[28]}.${body[29]}`,
    sensor: textAt(body, 30, 8),
  };
};

/** Model and firmware in one line, as far as they are told. */
export const markOf = (
  { systemId, capacity }: ModuleParameters,
  product: FingerCapability['product'],
): string => {
  const id = `zfm-${systemId.toString(16).padStart(4, '0')}-${capacity}`;
  return product === undefined
    ? id
    : `${id}-${product.model}-${product.hardware}-${product.sensor}`.replaceAll(' ', '_');
};
