import { outsideDigits, outsideSet } from './character-sets.ts';
import type { PartError } from './gs1-error.ts';

const LATITUDE_MAX = 1_800_000_000;
const LONGITUDE_MAX = 3_600_000_000;
const COORDINATE_LENGTH = 10;

/** A check that a value be one of a list. */
export function oneOf(
  has: (value: string) => boolean,
  code: PartError['code'] = 'wrong-value',
): (value: string) => PartError | null {
  return (value) => (has(value) ? null : { code, at: 0 });
}

/** Digits of which one at least is not zero. */
export function checkNonZero(value: string): PartError | null {
  return outsideDigits(value) ?? (/[1-9]/.test(value) ? null : { code: 'wrong-value', at: 0 });
}

/** Digits that do not begin with zero. */
export function checkNoZeroPrefix(value: string): PartError | null {
  return value.startsWith('0') ? { code: 'wrong-value', at: 0 } : outsideDigits(value);
}

/** Zeros only. */
export function checkZero(value: string): PartError | null {
  return /^0+$/.test(value) ? null : { code: 'wrong-value', at: 0 };
}

/** Hyphens only. */
export function checkHyphen(value: string): PartError | null {
  return /^-+$/.test(value) ? null : { code: 'wrong-value', at: 0 };
}

/** Not digits alone, so that it cannot be taken for a number. */
export function checkHasNonDigit(value: string): PartError | null {
  return outsideDigits(value) === null ? { code: 'wrong-value', at: 0 } : null;
}

/** One character of the URI-safe base 64 set. */
export function checkImporterIndex(value: string): PartError | null {
  if (value.length !== 1 || value === '=') return { code: 'wrong-value', at: 0 };
  return outsideSet(value, 'Z') === null ? null : { code: 'wrong-value', at: 0 };
}

/** Each `%` begins an escape of two hexadecimal digits. */
export function checkEscapes(value: string): PartError | null {
  const at = value.search(/%(?![0-9A-Fa-f]{2})/);
  return at === -1 ? null : { code: 'wrong-escape', at };
}

/** A piece and the pieces in all, half of the digits each: `0102`. Neither is zero, and no piece comes after the last. */
export function checkPieceOfTotal(value: string): PartError | null {
  const outside = outsideDigits(value);
  if (outside !== null) return outside;
  const half = value.length / 2;
  if (!Number.isInteger(half) || half === 0) return { code: 'wrong-piece', at: 0 };
  const piece = value.slice(0, half);
  const total = value.slice(half);
  if (/^0+$/.test(piece)) return { code: 'wrong-piece', at: 0 };
  if (/^0+$/.test(total)) return { code: 'wrong-piece', at: half };
  return piece > total ? { code: 'wrong-piece', at: 0 } : null;
}

/** A place in a sequence, `1/3`: no leading zeros, and no place after the last. */
export function checkPlaceInSequence(value: string): PartError | null {
  const [, place, last] = /^(\d+)\/(\d+)$/.exec(value) ?? [];
  if (place === undefined || last === undefined) return { code: 'wrong-piece', at: 0 };
  if (place.startsWith('0')) return { code: 'wrong-piece', at: 0 };
  if (last.startsWith('0')) return { code: 'wrong-piece', at: place.length + 1 };
  const isAfter = place.length === last.length ? place > last : place.length > last.length;
  return isAfter ? { code: 'wrong-piece', at: 0 } : null;
}

/** Degrees from the South Pole, times ten million. */
export function checkLatitude(value: string): PartError | null {
  return checkCoordinate(value, LATITUDE_MAX);
}

/** Degrees east of Greenwich, times ten million. */
export function checkLongitude(value: string): PartError | null {
  return checkCoordinate(value, LONGITUDE_MAX);
}

function checkCoordinate(value: string, max: number): PartError | null {
  if (value.length !== COORDINATE_LENGTH) return { code: 'wrong-coordinate', at: 0 };
  return outsideDigits(value) ?? (Number(value) > max ? { code: 'wrong-coordinate', at: 0 } : null);
}
