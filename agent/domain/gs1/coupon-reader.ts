import type { PartError } from './gs1-error.ts';

/** Reads the fields of a coupon's digits one after the other; once one is wrong the rest are empty. */
export interface CouponReader {
  /** `length` digits. */
  digits(part: string, length: number): string;
  /** One digit, of these alone. */
  oneOf(part: string, allowed: string): string;
  /** A digit that tells a length, of these alone, and that many digits more than `base`; of `none` no digits follow. */
  counted(part: string, allowed: string, base: number, none?: string): string;
  /** Whether the next digit is this one; it is then passed over. */
  field(digit: string): boolean;
  readonly at: number;
  /** Nothing may be left; what was wrong first. */
  end(): PartError | null;
  fail(part: string, at: number): void;
}

/** @param value digits only */
export function createCouponReader(value: string): CouponReader {
  let at = 0;
  let wrong: PartError | null = null;

  function fail(part: string, where: number): void {
    wrong ??= { code: 'wrong-coupon', part, at: where };
  }

  function digits(part: string, length: number): string {
    if (wrong !== null) return '';
    if (value.length - at < length) {
      fail(part, at);
      return '';
    }
    at += length;
    return value.slice(at - length, at);
  }

  function oneOf(part: string, allowed: string): string {
    const digit = digits(part, 1);
    if (wrong !== null || allowed.includes(digit)) return digit;
    fail(part, at - 1);
    return '';
  }

  return {
    digits,
    oneOf,
    fail,
    counted(part, allowed, base, none) {
      const length = oneOf(part, allowed);
      if (wrong !== null || length === none) return '';
      return digits(part, Number(length) + base);
    },
    field(digit) {
      if (wrong !== null || value[at] !== digit) return false;
      at += 1;
      return true;
    },
    get at() {
      return at;
    },
    end() {
      if (wrong === null && at < value.length) fail('excess', at);
      return wrong;
    },
  };
}
