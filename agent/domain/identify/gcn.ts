import { cutBracketed } from '../gs1/bracketed.ts';
import { cutDigitalLink } from '../gs1/digital-link.ts';
import type { Cut } from '../gs1/element.ts';
import { cutElementString } from '../gs1/element-string.ts';
import { aimOf, carrierOf } from '../gs1/symbology.ts';
import { hasMod10CheckDigit } from './check-digit.ts';

/** A GS1 coupon number, AI 255: 13 digits with their check digit, then up to 12 of a serial. */
export interface Gcn {
  readonly gcn: string;
  /** Empty where the coupon has none. */
  readonly serial: string;
  /** The last of the 13 is the check digit of those before it. */
  readonly isRight: boolean;
}

const AI = '255';
const LENGTH = 13;
const PLAIN = /^(?:255(\d{13}\d{0,12})|(\d{13}))$/;

/** The coupon number of a code in the form `255...`, or of its 13 digits alone. */
export function readGcn(code: string): Gcn | undefined {
  const [, whole, alone] = PLAIN.exec(code) ?? [];
  const digits = whole ?? alone;
  if (digits === undefined) return undefined;
  const gcn = digits.slice(0, LENGTH);
  return { gcn, serial: digits.slice(LENGTH), isRight: hasMod10CheckDigit(gcn) };
}

/**
 * A GS1 coupon as the element string of a reader, in brackets as people write it, or as a Digital Link, in the form
 * `255...`; nothing where the text is none of the three. The check digit is not looked at.
 */
export function plainGcn(text: string): string | undefined {
  const value = elementsIn(text).find(({ ai }) => ai === AI)?.value;
  return value !== undefined && /^\d{13,25}$/.test(value) ? `${AI}${value}` : undefined;
}

/** The GS1 elements of a text that is one of the three. Some programs hand on the AIM identifier with it. */
export function elementsIn(text: string): Cut['elements'] {
  const aim = aimOf(text);
  if (aim !== undefined && carrierOf(aim).kind === 'elements')
    return cutElementString(text, aim.length).elements;
  if (text.startsWith('(')) return cutBracketed(text).elements;
  return /^https?:\/\//i.test(text) ? cutDigitalLink(text, 0, false).elements : [];
}

/** One name for one coupon, however its number was written. */
export function gcnCode({ gcn, serial }: Pick<Gcn, 'gcn' | 'serial'>): string {
  return `${AI}${gcn}${serial}`;
}
