import type { Rule } from '../../contract/rules.ts';
import { VOUCHER_CODE_PREFIX } from '../../contract/voucher.ts';

/** Codes that begin so stand for coupons of a GS1 coupon number; authors cannot take them for codes of their own. */
export const GCN_CODE_PREFIX = 'gcn:';

/** What the condition of a coupon or voucher rule asks for among `codes`; nothing of the kind where it needs neither. */
export function askedCode({
  coupon,
  voucher,
}: Pick<Rule, 'coupon' | 'voucher'>): string | undefined {
  if (voucher !== undefined) return voucherAsked(voucher);
  return coupon?.gcn === undefined ? coupon?.code : gcnAsked(coupon.gcn);
}

/** What rules for a GCN ask for, whatever the serial. */
export function gcnAsked(gcn: string): string {
  return `${GCN_CODE_PREFIX}${gcn}`;
}

/** What rules for a partner's campaign ask for, whichever voucher of it. */
export function voucherAsked({
  partner,
  campaign,
}: {
  readonly partner: string;
  readonly campaign: string;
}): string {
  return `${VOUCHER_CODE_PREFIX}${partner}/${campaign}`;
}
