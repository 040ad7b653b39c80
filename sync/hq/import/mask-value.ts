import { maskName } from '../../../agent/domain/privacy/mask-name.ts';
import { IMPORT_VALUE_MAX_CHARS } from './limits.ts';

const DIGITS_SHOWN = 3;

/** Fields whose values name a person or open something. */
const PERSONAL = new Set(['phone', 'cards', 'gsrn', 'birthday']);
const PLAIN = new Set([
  'memberId',
  'mergedInto',
  'homeStoreId',
  'tier',
  'status',
  'completedOrders',
  'yearSpend',
  'yearSpendMinor',
  'points',
  'validUntil',
  'updatedAt',
  'pointsExpiresOn',
  'sku',
  'gtin',
  'category',
  'price',
  'priceMinor',
  'minUnitPrice',
  'minUnitPriceMinor',
  'staffId',
  'role',
  'active',
  'stores',
  'storeId',
  'storeTier',
  'timeZone',
  'currency',
  'dayEndsAt',
  'tag',
]);

/**
 * A refused value as a report may show it: shortened; names masked; of numbers that find a person only the shape and the
 * last three digits; of PINs and of fields that nobody knows nothing.
 */
export function maskValue(field: string, value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  if (text === '') return '';
  if (field === 'name') return shorten(maskName(text));
  if (PERSONAL.has(field)) return shorten(maskDigits(text));
  return PLAIN.has(field) ? shorten(text) : '***';
}

function maskDigits(text: string): string {
  const digits = text.replace(/\D/g, '').length;
  let seen = 0;
  return text.replace(/[\p{L}\p{N}]/gu, (character) => {
    if (!/\d/.test(character)) return '*';
    seen += 1;
    return digits - seen < DIGITS_SHOWN && digits > DIGITS_SHOWN ? character : '*';
  });
}

function shorten(text: string): string {
  const characters = [...text];
  if (characters.length <= IMPORT_VALUE_MAX_CHARS) return text;
  return `${characters.slice(0, IMPORT_VALUE_MAX_CHARS - 1).join('')}…`;
}
