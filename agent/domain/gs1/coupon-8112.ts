import { err, ok, type Result } from '../../contract/result.ts';
import { outsideDigits } from './character-sets.ts';
import { createCouponReader } from './coupon-reader.ts';
import type { PartError } from './gs1-error.ts';

/** AI 8112, a North American coupon of the positive offer file: one serial, one use; its terms are in the file. */
export interface Coupon8112 {
  readonly format: string;
  readonly funder: string;
  readonly offerCode: string;
  readonly serial: string;
}

const LENGTH_BASE = 6;
const OFFER_LENGTH = 6;

/** Reads the inside of AI 8112: format, funder by length, offer of six digits, serial by length. */
export function readCoupon8112(value: string): Result<Coupon8112, PartError> {
  const outside = outsideDigits(value);
  if (outside !== null) return err(outside);
  const reader = createCouponReader(value);
  const coupon = {
    format: reader.oneOf('format', '01'),
    funder: reader.counted('funder', '0123456', LENGTH_BASE),
    offerCode: reader.digits('offer-code', OFFER_LENGTH),
    serial: reader.counted('serial', '0123456789', LENGTH_BASE),
  };
  const wrong = reader.end();
  return wrong === null ? ok(coupon) : err(wrong);
}
