import { toAscii } from '../../../agent/domain/identify/to-ascii.ts';

/** Digits of the shortest phone number that is looked for: less would name people all over the country. */
export const PHONE_DIGITS_MIN = 7;
const PHONE_DIGITS_MAX = 15;
/** China's country code, before an 11-digit mobile number. */
const COUNTRY_CODE = '86';
const MOBILE = /^1\d{10}$/;

/**
 * A phone number as digits alone, without China's country code before a mobile number; undefined where the text is no
 * whole number. Spaces, hyphens and full-width digits are read.
 */
export function plainPhone(text: string): string | undefined {
  const digits = toAscii(text.trim())
    .replace(/[\s\-()]/g, '')
    .replace(/^(\+|00)/, '');
  if (!/^\d+$/.test(digits)) return undefined;
  if (digits.length < PHONE_DIGITS_MIN || digits.length > PHONE_DIGITS_MAX) return undefined;
  const national = digits.startsWith(COUNTRY_CODE) ? digits.slice(COUNTRY_CODE.length) : digits;
  return MOBILE.test(national) ? national : digits;
}

/** Every form in which a plain number may stand in HQ's records. */
export function phoneForms(plain: string): string[] {
  const forms = [plain, `+${plain}`];
  if (MOBILE.test(plain)) forms.push(`${COUNTRY_CODE}${plain}`, `+${COUNTRY_CODE}${plain}`);
  return forms;
}
