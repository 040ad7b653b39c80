/**
 * What can befall a module or its line. `garbage-prefix`: noise before an answer. `dropped-byte`: one byte of it is lost.
 * `wrong-checksum`. `half-packet`: only its beginning comes. `late-reply`: it comes after the driver has given up.
 * `silent`: none. `residual-finger` (0x17), `wrong-password` (0x13), `library-full` (0x1F), `unknown-code` (0x42),
 * `flash-error` (0x18): the module says so instead. `other-template-size`: it sends a template of half the size.
 * `unplug`: the cable is pulled in the middle of the answer. `power-loss`: it restarts before it obeys;
 * `power-loss-after`: once it has obeyed, before it says so; `power-loss-torn`: in the middle of writing its flash.
 */
export const moduleFaults = [
  'garbage-prefix',
  'dropped-byte',
  'wrong-checksum',
  'half-packet',
  'late-reply',
  'silent',
  'residual-finger',
  'wrong-password',
  'library-full',
  'unknown-code',
  'flash-error',
  'other-template-size',
  'unplug',
  'power-loss',
  'power-loss-after',
  'power-loss-torn',
] as const;
export type ModuleFault = (typeof moduleFaults)[number];

/** A fault that waits for its command. */
export type PlannedFault = {
  readonly fault: ModuleFault;
  /** Number of the instruction; absent = the next, whichever it is. */
  readonly on?: number;
  /** How often; absent = once. */
  readonly times?: number;
};

/** Codes that a module gives instead of obeying. */
export const faultCodes: Partial<Record<ModuleFault, number>> = {
  'residual-finger': 0x17,
  'wrong-password': 0x13,
  'library-full': 0x1f,
  'unknown-code': 0x42,
  'flash-error': 0x18,
};

/** How an answer looks on the line under a fault; `undefined` = nothing of it comes. */
export const damaged = (
  fault: ModuleFault | undefined,
  bytes: Uint8Array,
  random: () => number,
): Uint8Array | undefined => {
  switch (fault) {
    case 'garbage-prefix': {
      // A header that leads nowhere is the worst of noise.
      const noise = Array.from({ length: 12 }, () => Math.floor(random() * 256));
      return Uint8Array.of(...noise, 0xef, 0x01, ...noise.slice(0, 3), ...bytes);
    }
    case 'dropped-byte': {
      const at = Math.floor(random() * bytes.length);
      return Uint8Array.from([...bytes.slice(0, at), ...bytes.slice(at + 1)]);
    }
    case 'wrong-checksum': {
      const wrong = bytes.slice();
      wrong[wrong.length - 1] = ((wrong.at(-1) ?? 0) + 1) & 0xff;
      return wrong;
    }
    case 'half-packet':
    case 'unplug':
      return bytes.slice(0, Math.ceil(bytes.length / 2));
    case 'silent':
    case 'power-loss':
    case 'power-loss-after':
    case 'power-loss-torn':
      return undefined;
    default:
      return bytes;
  }
};
