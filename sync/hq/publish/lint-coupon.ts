import type { Rule } from '../../../agent/contract/rules.ts';
import { text } from '../../../agent/contract/text.ts';
import { VOUCHER_CODE_PREFIX } from '../../../agent/contract/voucher.ts';
import { GCN_CODE_PREFIX } from '../../../agent/domain/benefits/asked-code.ts';
import { hasMod10CheckDigit } from '../../../agent/domain/identify/check-digit.ts';
import { readGcn } from '../../../agent/domain/identify/gcn.ts';
import type { Finding } from './rule-problem.ts';

/** 13 digits alone may be any code; with the AI in front they are a coupon number. */
const GCN_LENGTH = 13;

/** What can be said of the coupon or voucher that one rule asks for, beside its form. */
export function lintCoupon({ coupon, voucher, effect }: Rule): Finding[] {
  const findings: Finding[] = [];
  const code = coupon?.code;
  if (coupon !== undefined && voucher !== undefined) {
    const message = text(
      '一条规则只能要求优惠券或合作券之一',
      'a rule asks for a coupon or for a voucher, not for both',
    );
    findings.push({ code: 'coupon-form', field: ['voucher'], message });
  }
  if (coupon?.gcn !== undefined && !hasMod10CheckDigit(coupon.gcn)) {
    const message = text(
      `GCN ${coupon.gcn} 的校验位不对`,
      `the check digit of the GCN ${coupon.gcn} is wrong`,
    );
    findings.push({ code: 'coupon-form', field: ['coupon', 'gcn'], message });
  }
  if (code?.startsWith(GCN_CODE_PREFIX) || code?.startsWith(VOUCHER_CODE_PREFIX)) {
    const message = text(
      `券码不能以 ${GCN_CODE_PREFIX} 或 ${VOUCHER_CODE_PREFIX} 开头`,
      `a code cannot begin with ${GCN_CODE_PREFIX} or ${VOUCHER_CODE_PREFIX}: those stand for GS1 coupons and vouchers`,
    );
    findings.push({ code: 'coupon-form', field: ['coupon', 'code'], message });
  }
  if (code !== undefined && code.length > GCN_LENGTH && readGcn(code)?.isRight === true) {
    const message = text(
      `券码 ${code} 是 GS1 券号，请写 gcn`,
      `the code ${code} is a GS1 coupon number: write it as \`gcn\``,
    );
    findings.push({ code: 'coupon-form', field: ['coupon', 'code'], message });
  }
  if (effect.kind === 'voucher-value' && voucher === undefined) {
    const message = text(
      'voucher-value 需要 voucher',
      'voucher-value takes the face value of a voucher, and the rule asks for none',
    );
    findings.push({ code: 'effect-values', field: ['effect', 'kind'], message });
  }
  return findings;
}
