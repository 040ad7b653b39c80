import {
  checkDay,
  checkDayOrMonth,
  checkHour,
  checkHourAndMinute,
  checkLongDay,
  checkMinute,
  checkSecond,
} from './check-dates.ts';
import {
  checkCharacterPair,
  checkCompanyPrefix,
  checkDigit,
  checkIban,
  checkSecondCompanyPrefix,
} from './check-keys.ts';
import {
  checkEscapes,
  checkHasNonDigit,
  checkHyphen,
  checkImporterIndex,
  checkLatitude,
  checkLongitude,
  checkNonZero,
  checkNoZeroPrefix,
  checkPieceOfTotal,
  checkPlaceInSequence,
  checkZero,
  oneOf,
} from './check-values.ts';
import {
  COUNTRY_LETTERS,
  COUNTRY_NUMBERS,
  CURRENCY_NUMBERS,
  isMediaType,
  PACKAGE_TYPES,
} from './code-lists.ts';
import { readCoupon8110 } from './coupon-8110.ts';
import { readCoupon8112 } from './coupon-8112.ts';
import type { CheckName } from './dictionary-entry.ts';
import type { PartError } from './gs1-error.ts';

/** Several countries, where no one can be named (AI 7030). */
const SEVERAL_COUNTRIES = '999';

/** What each procedure that the dictionary names looks at; characters and lengths have been looked at before. */
export const componentChecks: Readonly<Record<CheckName, (value: string) => PartError | null>> = {
  couponcode: (value) => errorOf(readCoupon8110(value)),
  couponposoffer: (value) => errorOf(readCoupon8112(value)),
  csum: checkDigit,
  csumalpha: checkCharacterPair,
  gcppos1: checkCompanyPrefix,
  gcppos2: checkSecondCompanyPrefix,
  hasnondigit: checkHasNonDigit,
  hh: checkHour,
  hhmi: checkHourAndMinute,
  hyphen: checkHyphen,
  iban: checkIban,
  importeridx: checkImporterIndex,
  iso3166: oneOf((value) => COUNTRY_NUMBERS.has(value), 'wrong-country'),
  iso3166999: oneOf(
    (value) => value === SEVERAL_COUNTRIES || COUNTRY_NUMBERS.has(value),
    'wrong-country',
  ),
  iso3166alpha2: oneOf((value) => COUNTRY_LETTERS.has(value), 'wrong-country'),
  iso4217: oneOf((value) => CURRENCY_NUMBERS.has(value), 'wrong-currency'),
  iso5218: oneOf((value) => /^[0129]$/.test(value)),
  latitude: checkLatitude,
  longitude: checkLongitude,
  mediatype: oneOf(isMediaType),
  mi: checkMinute,
  nonzero: checkNonZero,
  nozeroprefix: checkNoZeroPrefix,
  packagetype: oneOf((value) => PACKAGE_TYPES.has(value)),
  pcenc: checkEscapes,
  pieceoftotal: checkPieceOfTotal,
  posinseqslash: checkPlaceInSequence,
  ss: checkSecond,
  winding: oneOf((value) => /^[019]$/.test(value)),
  yesno: oneOf((value) => /^[01]$/.test(value)),
  yymmdd: checkDay,
  yymmd0: checkDayOrMonth,
  yyyymmdd: checkLongDay,
  zero: checkZero,
};

function errorOf(
  read: { readonly ok: true } | { readonly ok: false; readonly error: PartError },
): PartError | null {
  return read.ok ? null : read.error;
}
