import { toAscii } from './to-ascii.ts';

/** Digits of the shortest whole phone number; fewer are the end of one, which names people all over the country. */
export const PHONE_DIGITS_MIN = 8;
const PHONE_DIGITS_MAX = 15;
/** China's country code, before an 11-digit mobile number. */
export const COUNTRY_CODE = '86';
const MOBILE = /^1\d{10}$/;

/**
 * The one form of a phone number, at the till and at headquarters: digits alone, without China's country code before a
 * mobile number. Undefined where the text is no whole number. Spaces, hyphens and full-width digits are read, and 00 for the
 * plus sign where a number with a country code follows.
 */
export function plainPhone(text: string): string | undefined {
  const digits = toAscii(text.trim())
    .replace(/[\s\-()]/g, '')
    .replace(/^(?:\+|00(?=\d{10}))+/, '');
  if (!/^\d+$/.test(digits)) return undefined;
  if (digits.length < PHONE_DIGITS_MIN || digits.length > PHONE_DIGITS_MAX) return undefined;
  const national = digits.startsWith(COUNTRY_CODE) ? digits.slice(COUNTRY_CODE.length) : digits;
  return isMobile(national) ? national : digits;
}

/** Whether digits are a mainland mobile number without its country code. */
export function isMobile(digits: string): boolean {
  return MOBILE.test(digits);
}
