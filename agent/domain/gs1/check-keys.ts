import { hasMod10CheckDigit } from '../identify/check-digit.ts';
import { SET_82 } from './character-sets.ts';
import { COUNTRY_LETTERS } from './code-lists.ts';
import type { PartError } from './gs1-error.ts';

/** A GS1 company prefix has at least four digits. */
const COMPANY_PREFIX_MIN = 4;
const PAIR_LENGTH = 2;
/** Prime weights of the check character pair, from the right (GS1 General Specifications, section 7.9.5). */
const PRIMES = primes(97);
const PAIR_MODULUS = 1021;
const PAIR_CHARACTERS = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
const IBAN_MIN_LENGTH = 11;
const IBAN_MAX_LENGTH = 34;
const IBAN_MODULUS = 97;

/** A number whose last digit is its check digit. */
export function checkDigit(value: string): PartError | null {
  return hasMod10CheckDigit(value) ? null : { code: 'wrong-check-digit', at: value.length - 1 };
}

/** A key that begins with a company prefix: only its digits are looked at, the prefix is looked up nowhere. */
export function checkCompanyPrefix(value: string): PartError | null {
  for (let at = 0; at < COMPANY_PREFIX_MIN; at += 1) {
    const digit = value.charCodeAt(at) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return { code: 'wrong-company-prefix', at };
  }
  return null;
}

/** A key whose company prefix follows one digit. */
export function checkSecondCompanyPrefix(value: string): PartError | null {
  const wrong = checkCompanyPrefix(value.slice(1));
  return wrong === null ? null : { ...wrong, at: wrong.at + 1 };
}

/** A key that ends in a check character pair: values in set 82, weighted by primes from the right, modulo 1021. */
export function checkCharacterPair(value: string): PartError | null {
  const end = value.length - PAIR_LENGTH;
  if (end < 0 || end > PRIMES.length) return { code: 'wrong-check-pair', at: 0 };
  let sum = 0;
  for (let at = 0; at < end; at += 1) {
    const weight = SET_82.indexOf(value[at] ?? '');
    if (weight === -1) return { code: 'wrong-character', at };
    sum += weight * (PRIMES[end - 1 - at] ?? 0);
  }
  const pair = sum % PAIR_MODULUS;
  const base = PAIR_CHARACTERS.length;
  const expected = `${PAIR_CHARACTERS[Math.floor(pair / base)]}${PAIR_CHARACTERS[pair % base]}`;
  return value.slice(end) === expected ? null : { code: 'wrong-check-pair', at: end };
}

/** An international bank account number: country, two check digits, account (ISO 13616; modulo 97 of ISO/IEC 7064). */
export function checkIban(value: string): PartError | null {
  if (!COUNTRY_LETTERS.has(value.slice(0, 2))) return { code: 'wrong-iban', at: 0 };
  if (value.length < IBAN_MIN_LENGTH || value.length > IBAN_MAX_LENGTH)
    return { code: 'wrong-iban', at: 0 };
  const outside = value.search(/[^0-9A-Z]/);
  if (outside !== -1) return { code: 'wrong-iban', at: outside };
  let rest = 0;
  for (const character of value.slice(4) + value.slice(0, 4)) {
    const weight = Number.parseInt(character, 36);
    rest = (rest * (weight < 10 ? 10 : 100) + weight) % IBAN_MODULUS;
  }
  return rest === 1 ? null : { code: 'wrong-iban', at: 2 };
}

function primes(count: number): readonly number[] {
  const found: number[] = [];
  for (let number = 2; found.length < count; number += 1) {
    if (found.every((prime) => number % prime !== 0)) found.push(number);
  }
  return found;
}
