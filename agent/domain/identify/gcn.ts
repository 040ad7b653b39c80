import { hasMod10CheckDigit } from './check-digit.ts';
import { cutBracketed, cutDigitalLink, cutElementString, type Gs1Element } from './gs1-8018.ts';

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
/** AIM identifiers of GS1 data, which some programs hand on with the text. */
const AIM = /^\](?:C1|e0|d2|Q3|J1)/;

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
  const value = numberIn(text);
  return value !== undefined && /^\d{13,25}$/.test(value) ? `${AI}${value}` : undefined;
}

function numberIn(text: string): string | undefined {
  const aim = AIM.exec(text)?.[0];
  if (aim !== undefined) return first(cutElementString(text.slice(aim.length)));
  if (text.startsWith('(')) return first(cutBracketed(text));
  return /^https?:\/\//i.test(text) ? first(cutDigitalLink(text)) : undefined;
}

function first(
  cut: { readonly ok: true; readonly value: readonly Gs1Element[] } | { readonly ok: false },
): string | undefined {
  return cut.ok ? cut.value.find(({ ai }) => ai === AI)?.value : undefined;
}

/** One name for one coupon, however its number was written. */
export function gcnCode({ gcn, serial }: Pick<Gcn, 'gcn' | 'serial'>): string {
  return `${AI}${gcn}${serial}`;
}
