import { maskName } from '../../../agent/domain/privacy/mask-name.ts';
import { IMPORT_VALUE_MAX_CHARS } from './limits.ts';

const DIGITS_SHOWN = 3;
/** What a report says of a value that it does not show. */
const HIDDEN = '***';

/** Fields whose values name a person or open something. */
const PERSONAL = new Set(['phone', 'cards', 'gsrn', 'birthday']);

const CODE = /^[A-Za-z0-9_.:-]+$/;
/** Several codes, also as a JSON list. */
const CODES = /^[A-Za-z0-9_.:;,|"[\] -]+$/;
const NUMBER = /^[\d.,+\-eE¥￥$元%\s]+$/;
/** A day in any order, with a time or not; the day numbers of spreadsheets. */
const TIME =
  /^(\d{1,6}|\d{1,4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,4}\s*日?([T\s]+\d{1,2}:[\d:.]{1,12}(Z|[+-]\d{2}:\d{2})?)?)$/;

/** What the values of a field are made of: columns slip, and what looks like something else may be somebody's name. */
const PLAIN: Readonly<Record<string, RegExp>> = {
  memberId: CODE,
  mergedInto: CODE,
  homeStoreId: CODE,
  tier: CODE,
  status: CODE,
  completedOrders: NUMBER,
  yearSpend: NUMBER,
  yearSpendMinor: NUMBER,
  points: NUMBER,
  validUntil: TIME,
  updatedAt: TIME,
  pointsExpiresOn: TIME,
  sku: CODE,
  gtin: NUMBER,
  category: CODE,
  price: NUMBER,
  priceMinor: NUMBER,
  minUnitPrice: NUMBER,
  minUnitPriceMinor: NUMBER,
  staffId: CODE,
  role: CODE,
  active: CODE,
  stores: CODES,
  storeId: CODE,
  storeTier: CODE,
  timeZone: /^[A-Za-z0-9_+/-]+$/,
  currency: CODE,
  dayEndsAt: /^[\d:.]{1,8}$/,
  tag: CODE,
};

/**
 * A refused value as a report may show it: shortened; names masked; of long numbers, and of all that find a person, only
 * the shape and the last three digits; nothing of PINs, of fields that nobody knows and of values that are not made of
 * what their field is made of.
 */
export function maskValue(field: string, value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  if (text === '') return '';
  if (PERSONAL.has(field)) return shorten(maskDigits(text));
  if (field === 'name') return shorten(maskName(maskLongNumbers(text)));
  const form = PLAIN[field];
  if (form === undefined || !form.test(text)) return HIDDEN;
  return shorten(form === TIME ? text : maskLongNumbers(text));
}

/** Numbers of seven digits and more find people; blanks, dots, dashes and brackets between the digits do not hide them. */
export function maskLongNumbers(text: string): string {
  return text.replace(/\p{Nd}(?:[\s().-]{0,2}\p{Nd}){6,}/gu, maskDigits);
}

function maskDigits(text: string): string {
  const digits = text.replace(/\P{Nd}/gu, '').length;
  let seen = 0;
  return text.replace(/[\p{L}\p{N}]/gu, (character) => {
    if (!/\p{Nd}/u.test(character)) return '*';
    seen += 1;
    return digits - seen < DIGITS_SHOWN && digits > DIGITS_SHOWN ? character : '*';
  });
}

function shorten(text: string): string {
  const characters = [...text];
  if (characters.length <= IMPORT_VALUE_MAX_CHARS) return text;
  return `${characters.slice(0, IMPORT_VALUE_MAX_CHARS - 1).join('')}…`;
}
