import type { Rule } from '../../contract/rules.ts';
import { gcnCode, readGcn } from '../identify/gcn.ts';
import { offerOf } from '../identify/north-american-coupon.ts';

/**
 * The codes presented that rules count, by the name under which they are counted, each with the uses that it is good for
 * over the chain. Where several rules name a code, the fewest hold.
 */
export function countedCodes(
  rules: readonly Pick<Rule, 'coupon'>[],
  codes: readonly string[],
): Map<string, number> {
  const counted = new Map<string, number>();
  if (codes.length === 0) return counted;
  const presented = new Set(codes);
  const coupons = codes.flatMap((code) => readGcn(code) ?? []);
  const offers = codes.flatMap((code) => {
    const offer = offerOf(code);
    return offer === undefined ? [] : { offer, code };
  });
  const count = (code: string, uses: number): void =>
    void counted.set(code, Math.min(uses, counted.get(code) ?? uses));
  for (const { coupon } of rules) {
    if (coupon === undefined || coupon.uses === 'unlimited') continue;
    const uses = coupon.uses === 'single' ? 1 : coupon.uses.times;
    if (coupon.code !== undefined && presented.has(coupon.code)) count(coupon.code, uses);
    for (const { offer, code } of offers) if (offer === coupon.code) count(code, uses);
    for (const gcn of coupons) if (gcn.gcn === coupon.gcn) count(gcnCode(gcn), uses);
  }
  return counted;
}
