import { readCoupon8110 } from '../gs1/coupon-8110.ts';
import { readCoupon8112 } from '../gs1/coupon-8112.ts';
import { elementsIn } from './gcn.ts';

const PLAIN = /^(8110|8112)(\d+)$/;

/**
 * The names under which a rule may ask for a North American coupon, the nearest first: its whole plain text (`8110...`),
 * and of an 8110 without serial its company and offer. One with a serial is good once, and nothing here counts serials but
 * those of a coupon number (255): it goes by its whole text alone. No names where `text` is no such coupon or a wrong one.
 */
export function northAmericanNames(text: string): readonly string[] {
  const [, ai, value] = PLAIN.exec(text) ?? [];
  const found =
    ai === undefined
      ? elementsIn(text).find((element) => element.ai === '8110' || element.ai === '8112')
      : { ai, value: value ?? '' };
  if (found === undefined) return [];
  const whole = `${found.ai}${found.value}`;
  if (found.ai === '8112') return readCoupon8112(found.value).ok ? [whole] : [];
  const read = readCoupon8110(found.value);
  if (!read.ok) return [];
  const { companyPrefix, offerCode, serial } = read.value;
  return serial === undefined ? [whole, `8110${companyPrefix}${offerCode}`] : [whole];
}
