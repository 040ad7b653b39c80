import { err, ok, type Result } from '../../contract/result.ts';
import { outsideDigits } from './character-sets.ts';
import { checkDay } from './check-dates.ts';
import { type CouponReader, createCouponReader } from './coupon-reader.ts';
import type { PartError } from './gs1-error.ts';

/** What has to be bought: an amount whose meaning the code tells (units, cash total ...), of a family of articles. */
export interface CouponPurchase {
  readonly requirement: string;
  readonly requirementCode: string;
  readonly familyCode: string;
  /** Whose articles; absent of the first purchase, and where it is the coupon's own company. */
  readonly companyPrefix?: string;
}

/** AI 8110, a North American coupon: digits and days as they stand in it. */
export interface Coupon8110 {
  readonly companyPrefix: string;
  readonly offerCode: string;
  /** In the unit that `saveValueCode` tells; hundredths of the currency where that is absent. */
  readonly saveValue: string;
  /** The first, second and third purchase that it asks for. */
  readonly purchases: readonly CouponPurchase[];
  /** How the purchases go together. */
  readonly additionalRules?: string;
  /** `YYMMDD`. */
  readonly expires?: string;
  /** `YYMMDD`. */
  readonly starts?: string;
  readonly serial?: string;
  readonly retailer?: string;
  readonly misc?: {
    readonly saveValueCode: string;
    readonly appliesToItem: string;
    readonly storeCoupon: string;
    readonly dontMultiply: string;
  };
}

const PREFIX_BASE = 6;
const PREFIX_LENGTHS = '0123456';
const OWN_COMPANY = '9';
const VALUE_LENGTHS = '12345';
const REQUIREMENT_CODES = '012349';
const FAMILY_LENGTH = 3;
const OFFER_LENGTH = 6;
const DAY_LENGTH = 6;

/**
 * Reads the inside of AI 8110 (North American Coupon Application Guideline Using GS1 DataBar Expanded Symbols). Fields
 * behind the first purchase may be left out; those that stand keep their order. The first wrong part is told.
 */
export function readCoupon8110(value: string): Result<Coupon8110, PartError> {
  const outside = outsideDigits(value);
  if (outside !== null) return err(outside);
  const reader = createCouponReader(value);
  const companyPrefix = reader.counted('company-prefix', PREFIX_LENGTHS, PREFIX_BASE);
  const offerCode = reader.digits('offer-code', OFFER_LENGTH);
  const saveValue = reader.counted('save-value', VALUE_LENGTHS, 0);
  const purchases = [purchase(reader, 'first-purchase')];
  const optional: { -readonly [Key in keyof Coupon8110]?: Coupon8110[Key] } = {};
  if (reader.field('1')) {
    optional.additionalRules = reader.oneOf('additional-rules', '0123');
    purchases.push(furtherPurchase(reader, 'second-purchase'));
  }
  if (reader.field('2')) purchases.push(furtherPurchase(reader, 'third-purchase'));
  if (reader.field('3')) optional.expires = day(reader, 'expiry');
  if (reader.field('4')) {
    optional.starts = day(reader, 'start');
    // Two-digit years are compared as they stand, as every other reader does.
    if (optional.expires !== undefined && optional.starts > optional.expires)
      reader.fail('start', reader.at - DAY_LENGTH);
  }
  if (reader.field('5')) optional.serial = reader.counted('serial', '0123456789', PREFIX_BASE);
  if (reader.field('6')) optional.retailer = reader.counted('retailer', '1234567', PREFIX_BASE);
  if (reader.field('9')) {
    optional.misc = {
      saveValueCode: reader.oneOf('save-value-code', '01256'),
      appliesToItem: reader.oneOf('applies-to-item', '012'),
      storeCoupon: reader.digits('store-coupon', 1),
      dontMultiply: reader.oneOf('dont-multiply', '01'),
    };
  }
  const wrong = reader.end();
  return wrong === null
    ? ok({ companyPrefix, offerCode, saveValue, purchases, ...optional })
    : err(wrong);
}

function purchase(reader: CouponReader, part: string): CouponPurchase {
  return {
    requirement: reader.counted(part, VALUE_LENGTHS, 0),
    requirementCode: reader.oneOf(part, REQUIREMENT_CODES),
    familyCode: reader.digits(part, FAMILY_LENGTH),
  };
}

function furtherPurchase(reader: CouponReader, part: string): CouponPurchase {
  const read = purchase(reader, part);
  const companyPrefix = reader.counted(
    part,
    `${PREFIX_LENGTHS}${OWN_COMPANY}`,
    PREFIX_BASE,
    OWN_COMPANY,
  );
  return companyPrefix === '' ? read : { ...read, companyPrefix };
}

function day(reader: CouponReader, part: string): string {
  const from = reader.at;
  const digits = reader.digits(part, DAY_LENGTH);
  if (digits !== '' && checkDay(digits) !== null) reader.fail(part, from);
  return digits;
}
