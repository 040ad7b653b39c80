import { text } from '../../../../agent/contract/text.ts';
import { askedCode } from '../../../../agent/domain/benefits/asked-code.ts';
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

/** Coupons and vouchers that two rules ask for, or codes that people and scanners take for each other. */
export function adviseCouponCodes({ rules }: AdvisedSet): Advice[] {
  const seen = new Map<string, { id: string; code: string }>();
  return rules.flatMap((one) => {
    const { id, coupon, voucher } = one.rule;
    const code = askedCode(one.rule);
    if (code === undefined) return [];
    // Campaigns and GCN are read by machines alone.
    const looks = coupon?.code === undefined ? code : looksOf(code);
    const before = seen.get(looks);
    if (before === undefined) {
      seen.set(looks, { id, code });
      return [];
    }
    const message =
      before.code === code
        ? text(
            `券码 ${code} 已由规则 ${before.id} 使用：一张券会同时触发两条规则`,
            `the code ${code} is already the coupon of ${before.id}: one coupon brings both benefits`,
          )
        : text(
            `券码 ${code} 与规则 ${before.id} 的 ${before.code} 极易混淆`,
            `the code ${code} is easily taken for ${before.code} of ${before.id}`,
          );
    const field = voucher === undefined ? ['coupon', 'code'] : ['voucher'];
    return [advise(one, 'coupon-code-shared', field, message)];
  });
}

function looksOf(code: string): string {
  return [...code.normalize('NFKC').toUpperCase()]
    .map((sign) => LOOK_ALIKES[sign] ?? sign)
    .join('');
}
