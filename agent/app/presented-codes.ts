import {
  COUPON_CODE_MAX,
  type CouponState,
  type Member,
  type MemberId,
  VOUCHER_PREFIX,
  type VoucherFacts,
  voucherCode,
} from '../contract/index.ts';
import type { CompiledRuleSet } from '../domain/benefits/compile-rule-set.ts';
import { countedCodes } from '../domain/benefits/counted-codes.ts';
import { businessDate } from '../domain/benefits/local-time.ts';
import { ownValue } from '../domain/benefits/own-value.ts';
import { followMerge } from '../domain/identify/follow-merge.ts';
import { plainGcn } from '../domain/identify/gcn.ts';
import { northAmericanName } from '../domain/identify/north-american-coupon.ts';
import { toAscii } from '../domain/identify/to-ascii.ts';
import { judgeVoucher } from '../domain/vouchers/judge-voucher.ts';
import { parseVoucher } from '../domain/vouchers/voucher-text.ts';
import type { TillContext } from './context.ts';
import type { Denied, OwnReservation } from './engine-input.ts';

export interface CodesParts {
  /** As the POS sent them. */
  readonly codes: readonly string[];
  readonly member: Member | undefined;
  readonly rules: CompiledRuleSet;
  readonly own: OwnReservation;
  readonly denied: Denied;
}

/** The codes of a basket as a decision sees them, in their places. */
export interface PresentedCodes {
  /** A voucher by its name, a GS1 coupon in its one form (`255...`, `8110...`, `8112...`), any other code as it came. */
  readonly codes: string[];
  readonly coupons: Record<string, CouponState>;
  /** Absent = no voucher among the codes. */
  readonly vouchers?: Record<string, VoucherFacts>;
}

/** Hexadecimal digits that name a voucher which is not to be believed. */
const DOUBTFUL_DIGITS = 16;

/**
 * Reads the codes of a basket: verifies vouchers, brings GS1 coupons into one form and adds what their holder is known to
 * say, without waiting for anybody. A voucher's text goes no further than this.
 */
export function presentCodes(
  context: TillContext,
  { codes, member, rules, own, denied }: CodesParts,
): PresentedCodes {
  const { allowance } = context.deps.headquarters;
  const reachable = allowance.reachable();
  const { partners = [] } = rules.ruleSet;
  const vouchers: Record<string, VoucherFacts> = {};
  const named = codes.map(nameOf);
  const counted = reachable ? [...countedCodes(rules.ruleSet.rules, named)] : [];
  const said = Object.entries(denied.coupons).filter(([code]) => !Object.hasOwn(vouchers, code));
  const states = counted.map(([code, times]) => [code, couponState(code, times)] as const);
  return {
    codes: named,
    coupons: Object.fromEntries([...states, ...said]),
    ...(Object.keys(vouchers).length === 0 ? {} : { vouchers }),
  };

  function nameOf(code: string): string {
    const text = toAscii(code).trim();
    if (text.startsWith(VOUCHER_PREFIX)) {
      const { name, facts } = readVoucher(text);
      const known = vouchers[name];
      // An old text of a voucher spoils nothing for the one that was issued in its place.
      if (known === undefined || (known.state !== 'available' && facts.state === 'available'))
        vouchers[name] = facts;
      return name;
    }
    const isAsked = (one: string): boolean => rules.knownCodes.has(one);
    const plain = plainGcn(text) ?? northAmericanName(text, isAsked) ?? code;
    // No rule can name what is longer, so what is cut off tells nothing.
    return plain.length > COUPON_CODE_MAX ? `${plain.slice(0, COUPON_CODE_MAX - 1)}…` : plain;
  }

  function readVoucher(text: string): { readonly name: string; readonly facts: VoucherFacts } {
    const doubtful = `voucher?${context.hash(text).slice(0, DOUBTFUL_DIGITS)}`;
    const read = parseVoucher(text);
    if (read === undefined) return { name: doubtful, facts: { state: 'unreadable' } };
    const { partner, campaign, faceMinor } = read.claims;
    const said = { partner, campaign, ...(faceMinor === undefined ? {} : { faceMinor }) };
    const state = judgeVoucher(read, {
      partners,
      crypto: context.vouchers,
      today: businessDate(context.local()).date,
      memberId: member?.memberId ?? null,
      isSameMember,
    });
    if (state === 'foreign' || state === 'altered')
      return { name: doubtful, facts: { state, ...said } };
    const name = voucherCode(read.claims);
    return {
      name,
      facts: { state: state === 'available' ? stateOfUse(name, partner) : state, ...said },
    };
  }

  function isSameMember(bound: MemberId, present: MemberId): boolean {
    const account = context.store.members.byId(bound);
    if (account === undefined) return false;
    return followMerge(account, context.store.members.byId).member?.memberId === present;
  }

  /** What was said a moment ago goes before the basket's own hold, and used here is used, whoever can be asked. */
  function stateOfUse(name: string, partner: string): VoucherFacts['state'] {
    const said = ownValue(denied.coupons, name);
    if (said !== undefined) return said === 'unreachable' ? 'unreachable' : 'used';
    if (own.coupons.includes(name)) return 'available';
    const here = context.store.coupons.state(name).state;
    if (here !== 'free') return 'used';
    if (!reachable)
      return partners.find(({ id }) => id === partner)?.offline === 'accept'
        ? 'available'
        : 'unreachable';
    const held = allowance.couponState(name);
    return held === 'reserved' || held === 'used' ? 'used' : 'available';
  }

  function couponState(code: string, times: number): CouponState {
    if (own.coupons.includes(code)) return 'available';
    const state = allowance.couponState(code, times);
    return state === 'free' ? 'available' : state === 'unknown' ? 'unknown' : 'used';
  }
}
