/** The 45 characters of a QR code's alphanumeric mode, in the order of their values (RFC 9285 section 4.1). */
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
const VALUES: ReadonlyMap<string, number> = new Map(
  [...ALPHABET].map((char, value) => [char, value]),
);
const BASE = 45;

/** Bytes as base45 (RFC 9285): two bytes become three characters, a last single byte two. */
export function encodeBase45(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 2) {
    const high = bytes[at] ?? 0;
    const low = bytes[at + 1];
    text += low === undefined ? digits(high, 2) : digits(high * 256 + low, 3);
  }
  return text;
}

function digits(value: number, count: number): string {
  let text = '';
  for (let rest = value, i = 0; i < count; i++, rest = Math.floor(rest / BASE))
    text += ALPHABET.charAt(rest % BASE);
  return text;
}

/**
 * The bytes of a base45 text; nothing where it is none: a character outside the alphabet, a group whose value does not
 * fit its bytes, or one character left over. Strict, so that one row of bytes has exactly one text.
 */
export function decodeBase45(text: string): Uint8Array | undefined {
  if (text.length % 3 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor(text.length / 3) * 2 + (text.length % 3 === 2 ? 1 : 0));
  for (let at = 0, to = 0; at < text.length; at += 3) {
    const group = text.slice(at, at + 3);
    const value = groupValue(group);
    if (group.length === 2) {
      if (value > 0xff) return undefined;
      bytes[to] = value;
    } else {
      if (value > 0xffff) return undefined;
      bytes[to++] = value >> 8;
      bytes[to++] = value & 0xff;
    }
  }
  return bytes;
}

/** Least significant character first; endless where a character is none of ours. */
function groupValue(group: string): number {
  let value = 0;
  let weight = 1;
  for (const char of group) {
    value += (VALUES.get(char) ?? Number.POSITIVE_INFINITY) * weight;
    weight *= BASE;
  }
  return value;
}
