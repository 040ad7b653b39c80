import { aiAt } from './ai-table.ts';

const SHORTEST = 8;

/**
 * Whether a path that holds no key ends in the compressed form: base 64, whose first octets spell a primary key in
 * hexadecimal digits (GS1 Digital Link Standard: Compression). We do not read it; the error says so by name.
 */
export function holdsCompressed(path: string): boolean {
  const last = path.slice(path.lastIndexOf('/') + 1);
  if (last.length < SHORTEST || !/^[A-Za-z0-9_-]+$/.test(last) || /^\d+$/.test(last)) return false;
  const digits = hexOf(last.slice(0, 4));
  return aiAt(digits, 0)?.qualifiers !== undefined;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Four characters of base 64 as six hexadecimal digits. */
function hexOf(quad: string): string {
  let bits = 0;
  for (const character of quad) bits = bits * ALPHABET.length + ALPHABET.indexOf(character);
  return bits.toString(16).padStart(6, '0');
}
