import type { ReasonCode } from '../../contract/evaluation.ts';
import type { CouponState, EvaluationInput } from '../../contract/evaluation-input.ts';
import type { Rule } from '../../contract/rules.ts';
import type { VoucherFacts, VoucherState } from '../../contract/voucher.ts';
import { gcnCode, readGcn } from '../identify/gcn.ts';
import { offerOf } from '../identify/north-american-coupon.ts';
import { askedCode, gcnAsked, voucherAsked } from './asked-code.ts';
import type { Failure } from './condition/explain-term.ts';
import { ownValue } from './own-value.ts';

type Presented = Pick<EvaluationInput, 'codes' | 'allowances'>;

/** The codes presented, and what rules ask for that these codes are: a coupon's GCN or offer, the campaign of a voucher. */
export function presentedCodes(input: Presented): readonly string[] {
  const { codes, allowances } = input;
  if (codes.length === 0) return codes;
  const asked = codes.flatMap((code) => askedOf(code, allowances.vouchers) ?? []);
  return asked.length === 0 ? codes : [...codes, ...asked];
}

/** What a rule would have to ask for to take a code; nothing for a code that names only itself. */
export function askedOf(
  code: string,
  vouchers: EvaluationInput['allowances']['vouchers'],
): string | undefined {
  const voucher = vouchers === undefined ? undefined : ownValue(vouchers, code);
  if (voucher !== undefined) return campaignOf(voucher);
  const gcn = readGcn(code);
  return gcn?.isRight === true ? gcnAsked(gcn.gcn) : offerOf(code);
}

function campaignOf({ partner, campaign }: VoucherFacts): string | undefined {
  return partner === undefined || campaign === undefined
    ? undefined
    : voucherAsked({ partner, campaign });
}

/** The one code that a rule takes, by the name under which it is counted, or why none can be taken. */
export type TakenCode =
  | { readonly code: string; readonly failure?: never }
  | { readonly failure: Failure; readonly code?: never };

const NONE: TakenCode = { failure: { code: 'code-missing' } };

/**
 * Which of the codes presented a coupon or voucher rule takes: the first that its holder lets this till use. It follows
 * from the input alone, so that all rules which ask for the same take the same: a code is used once for the whole basket,
 * and every rule that names it takes effect. null where the rule asks for none.
 */
export function takenCode(rule: Rule, input: Presented): TakenCode | null {
  const asked = askedCode(rule);
  if (asked === undefined) return null;
  if (rule.voucher !== undefined) return takenVoucher(rule, asked, input);
  if (rule.coupon?.gcn !== undefined) return takenSerial(rule.coupon, asked, input);
  return takenOffer(asked, rule.coupon?.uses === 'unlimited', input);
}

/** The code itself, or a North American coupon of that offer, which its serial tells from others. */
function takenOffer(asked: string, isUnlimited: boolean, input: Presented): TakenCode {
  const ofOffer = input.codes.filter((code) => offerOf(code) === asked);
  if (ofOffer.length === 0) return takenCoupon(asked, isUnlimited, input);
  const told = input.codes.includes(asked) ? [asked, ...ofOffer] : ofOffer;
  return firstUsable(told.map((code) => takenCoupon(code, isUnlimited, input)));
}

function takenCoupon(code: string, isUnlimited: boolean, { allowances }: Presented): TakenCode {
  if (isUnlimited) return { code };
  const state = ownValue(allowances.coupons, code) ?? 'unreachable';
  return state === 'available' ? { code } : { failure: { code: REFUSALS[state], needed: code } };
}

const REFUSALS: Readonly<Record<Exclude<CouponState, 'available'>, ReasonCode>> = {
  unreachable: 'allowance-unreachable',
  used: 'coupon-used',
  expired: 'coupon-expired',
  unknown: 'coupon-unknown',
};

/** Coupons that work once are told apart by their serial alone. */
function takenSerial(
  coupon: NonNullable<Rule['coupon']>,
  asked: string,
  input: Presented,
): TakenCode {
  const ofGcn = input.codes.flatMap((code) => {
    const gcn = readGcn(code);
    return gcn !== undefined && gcnAsked(gcn.gcn) === asked ? [gcn] : [];
  });
  const told = coupon.uses === 'single' ? ofGcn.filter(({ serial }) => serial !== '') : ofGcn;
  if (told.length === 0) return ofGcn.length === 0 ? NONE : { failure: { code: 'coupon-serial' } };
  return firstUsable(
    told.map((gcn) => takenCoupon(gcnCode(gcn), coupon.uses === 'unlimited', input)),
  );
}

const VOUCHER_REFUSALS: Readonly<Record<Exclude<VoucherState, 'available'>, ReasonCode>> = {
  // A text that cannot be read names no campaign, so no rule is about it: a notice tells of it.
  unreadable: 'code-missing',
  foreign: 'voucher-foreign',
  altered: 'voucher-altered',
  revoked: 'voucher-revoked',
  'not-yet': 'voucher-not-yet',
  expired: 'voucher-expired',
  'other-member': 'voucher-other-member',
  used: 'voucher-used',
  unreachable: 'allowance-unreachable',
};

function takenVoucher(
  { effect }: Rule,
  asked: string,
  { codes, allowances: { vouchers = {} } }: Presented,
): TakenCode {
  return firstUsable(
    codes.flatMap((code): TakenCode[] => {
      const voucher = ownValue(vouchers, code);
      if (voucher === undefined || campaignOf(voucher) !== asked) return [];
      if (voucher.state !== 'available')
        return [{ failure: { code: VOUCHER_REFUSALS[voucher.state], needed: code } }];
      return effect.kind === 'voucher-value' && voucher.faceMinor === undefined
        ? [{ failure: { code: 'voucher-no-value', needed: code } }]
        : [{ code }];
    }),
  );
}

function firstUsable(found: readonly TakenCode[]): TakenCode {
  return found.find(({ code }) => code !== undefined) ?? found[0] ?? NONE;
}
