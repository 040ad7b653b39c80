import type { EvaluationInput } from '../../contract/evaluation-input.ts';
import type { RuleSet } from '../../contract/rules.ts';
import { VOUCHER_PREFIX, type VoucherFacts, voucherCode } from '../../contract/voucher.ts';
import { businessDate } from '../../domain/benefits/local-time.ts';
import { plainGcn } from '../../domain/identify/gcn.ts';
import { northAmericanName } from '../../domain/identify/north-american-coupon.ts';
import { judgeVoucher } from '../../domain/vouchers/judge-voucher.ts';
import { parseVoucher } from '../../domain/vouchers/voucher-text.ts';
import { createVoucherCrypto } from '../../store/voucher-crypto.ts';
import type { BenefitCase } from './benefit-case-schema.ts';

/** The codes of a case as a decision sees them: vouchers verified and named, GS1 coupons in one form. */
export function withCodes(
  input: EvaluationInput,
  { partners = [], rules }: Pick<RuleSet, 'partners' | 'rules'>,
  benefitCase: BenefitCase,
): EvaluationInput {
  const crypto = createVoucherCrypto();
  const asked = new Set(rules.flatMap(({ coupon }) => coupon?.code ?? []));
  const vouchers: Record<string, VoucherFacts> = {};
  const codes = benefitCase.codes.map((code, index) => {
    if (!code.startsWith(VOUCHER_PREFIX))
      return plainGcn(code) ?? northAmericanName(code, (one) => asked.has(one)) ?? code;
    const read = parseVoucher(code);
    const doubtful = `voucher?${index}`;
    if (read === undefined) {
      vouchers[doubtful] = { state: 'unreadable' };
      return doubtful;
    }
    const { partner, campaign, faceMinor } = read.claims;
    const today = businessDate(input.now).date;
    const memberId = input.member?.memberId ?? null;
    const verdict = judgeVoucher(read, { partners, crypto, today, memberId });
    const believed = verdict !== 'foreign' && verdict !== 'altered';
    const name = believed ? voucherCode(read.claims) : doubtful;
    const offline = partners.find(({ id }) => id === partner)?.offline;
    const state = verdict === 'available' ? stateOf(name, offline === 'accept') : verdict;
    vouchers[name] = {
      state,
      partner,
      campaign,
      ...(faceMinor === undefined ? {} : { faceMinor }),
    };
    return name;
  });
  return Object.keys(vouchers).length === 0
    ? { ...input, codes }
    : { ...input, codes, allowances: { ...input.allowances, vouchers } };

  function stateOf(name: string, trusted: boolean): VoucherFacts['state'] {
    if (benefitCase.usedVouchers?.includes(name) === true) return 'used';
    return benefitCase.vouchersReachable === false && !trusted ? 'unreachable' : 'available';
  }
}
