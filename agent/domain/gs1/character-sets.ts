import type { CharacterSet } from './dictionary-entry.ts';
import type { PartError } from './gs1-error.ts';

const DIGITS = '0123456789';
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LOWER = UPPER.toLowerCase();

/** Set 82 in the order of its values (GS1 General Specifications, figure 7.11-1, which is ISO/IEC 646's order). */
export const SET_82 = `!"%&'()*+,-./${DIGITS}:;<=>?${UPPER}_${LOWER}`;

const members: Readonly<Record<CharacterSet, readonly boolean[]>> = {
  N: flags(DIGITS),
  X: flags(SET_82),
  Y: flags(`#-/${DIGITS}${UPPER}`),
  Z: flags(`-_${DIGITS}${UPPER}${LOWER}`),
};

const MAX_PADS = 2;
const PADDED_MULTIPLE = 3;

/**
 * The first character outside a set. Set Z may end in up to two `=`; the dictionary's procedure then asks for a whole
 * length that three divides, and so do we, to agree with every other reader.
 */
export function outsideSet(value: string, set: CharacterSet): PartError | null {
  const end = set === 'Z' ? value.length - padsOf(value) : value.length;
  const pads = value.length - end;
  if (pads > MAX_PADS || (pads > 0 && value.length % PADDED_MULTIPLE !== 0))
    return { code: 'wrong-padding', at: end };
  const allowed = members[set];
  for (let at = 0; at < end; at += 1) {
    if (allowed[value.charCodeAt(at)] !== true) return { code: 'wrong-character', at };
  }
  return null;
}

/** The first character that is no digit. */
export function outsideDigits(value: string): PartError | null {
  return outsideSet(value, 'N');
}

function padsOf(value: string): number {
  let pads = 0;
  while (pads < value.length && value[value.length - pads - 1] === '=') pads += 1;
  return pads;
}

function flags(characters: string): readonly boolean[] {
  const all = new Array<boolean>(128).fill(false);
  for (const character of characters) all[character.charCodeAt(0)] = true;
  return all;
}
