import { text } from '../../../../agent/contract/text.ts';
import { type Advice, type AdvisedSet, advise } from './advised-set.ts';

const LOOK_ALIKES: Readonly<Record<string, string>> = {
  O: '0',
  Q: '0',
  I: '1',
  L: '1',
  Z: '2',
  S: '5',
  B: '8',
};

/** Coupon codes that two rules ask for, or that people and scanners take for each other. */
export function adviseCouponCodes({ rules }: AdvisedSet): Advice[] {
  const seen = new Map<string, { id: string; code: string }>();
  return rules.flatMap((one) => {
    const { id, coupon } = one.rule;
    if (coupon === undefined) return [];
    const before = seen.get(looksOf(coupon.code));
    if (before === undefined) {
      seen.set(looksOf(coupon.code), { id, code: coupon.code });
      return [];
    }
    const message =
      before.code === coupon.code
        ? text(
            `券码 ${coupon.code} 已由规则 ${before.id} 使用`,
            `the code ${coupon.code} is already the coupon of ${before.id}`,
          )
        : text(
            `券码 ${coupon.code} 与规则 ${before.id} 的 ${before.code} 极易混淆`,
            `the code ${coupon.code} is easily taken for ${before.code} of ${before.id}`,
          );
    return [advise(one, 'coupon-code-shared', ['coupon', 'code'], message)];
  });
}

function looksOf(code: string): string {
  return [...code.normalize('NFKC').toUpperCase()]
    .map((sign) => LOOK_ALIKES[sign] ?? sign)
    .join('');
}
