import {
  type CouponState,
  err,
  type Failure,
  failure,
  type Member,
  type MemberId,
  ok,
  type Result,
  WALLET_MAX_COUPONS,
  WALLET_MAX_LOTS,
  type Wallet,
} from '../contract/index.ts';
import type { CompiledRuleSet } from '../domain/benefits/compile-rule-set.ts';
import { type CodedRule, couponsFor } from '../domain/benefits/coupons-for.ts';
import { addDays } from '../domain/calendar/day.ts';
import { EXPIRING_SOON_DAYS, memberGlance } from '../domain/identify/member-glance.ts';
import { memberStanding } from '../domain/identify/member-standing.ts';
import { walletBuckets, walletLots } from '../domain/points/wallet-buckets.ts';
import type { TillContext } from './context.ts';
import { engineInput, NOTHING_DENIED } from './engine-input.ts';
import { memberNow } from './member-now.ts';
import type { RulesSource } from './rules-source.ts';

type WalletCoupon = Wallet['coupons'][number];
type CouponUses = NonNullable<CodedRule['rule']['coupon']>['uses'] | undefined;

export type ShowWallet = (id: string) => Result<Wallet, Failure>;

/** What a member has to use at this moment, as far as this till knows. Reserves nothing. */
export function createWallet(
  context: TillContext,
  rules: Pick<RulesSource, 'current'>,
): ShowWallet {
  const { store } = context;
  const { allowance } = context.deps.headquarters;

  function coupons(member: Member): WalletCoupon[] {
    const compiled = rules.current();
    // Whom the membership itself turns away is served as a guest, to whom no wallet belongs.
    if (compiled === undefined || memberStanding(member, context.today()) !== 'identified')
      return [];
    return couponsFor(compiled, inputOf(compiled, member))
      .flatMap((found) => couponOf(found, member.memberId))
      .sort(endsFirst)
      .slice(0, WALLET_MAX_COUPONS);
  }

  /** The member with an empty basket. */
  function inputOf(compiled: CompiledRuleSet, member: Member) {
    const { currency } = compiled.ruleSet;
    return engineInput(context, {
      request: { currency, lines: [], codes: [], channel: 'store' },
      member,
      rules: compiled,
      own: { coupons: [] },
      denied: NOTHING_DENIED,
    });
  }

  /** None where it is used, or the member has no use left. */
  function couponOf({ rule, code }: CodedRule, memberId: MemberId): WalletCoupon[] {
    const state = stateOf(code, rule.coupon?.uses);
    const usesLeft = rule.limits.map(
      ({ scope, max }) =>
        max - store.ruleUses.used(rule.id, scope, { memberId, day: context.businessDay() }),
    );
    const least = Math.min(...usesLeft);
    if ((state !== 'available' && state !== 'unreachable') || least <= 0) return [];
    const until = rule.window?.to?.slice(0, 'YYYY-MM-DD'.length);
    return [
      {
        ruleId: rule.id,
        code,
        name: rule.name,
        state,
        ...(usesLeft.length === 0 ? {} : { usesLeft: least }),
        ...(until === undefined ? {} : { until }),
      },
    ];
  }

  function stateOf(code: string, uses: CouponUses): CouponState {
    if (uses === 'unlimited') return 'available';
    if (!allowance.reachable()) return 'unreachable';
    const times = typeof uses === 'object' ? uses.times : undefined;
    const state = allowance.couponState(code, times);
    return state === 'free' ? 'available' : state === 'unknown' ? 'unknown' : 'used';
  }

  return (id) => {
    const member = store.members.byId(id as MemberId);
    if (member === undefined) return err(failure('member-unknown', 'id'));
    const lots = store.points.lots(member.memberId);
    const today = context.today();
    const glance = memberGlance(memberNow(context, member), lots, context.local());
    return ok({
      memberId: member.memberId,
      maskedName: glance.maskedName,
      tier: glance.tier,
      buckets: walletBuckets(lots, {
        today,
        until: addDays(today, EXPIRING_SOON_DAYS),
        reserved: store.holds.heldPoints(member.memberId),
      }),
      lots: walletLots(lots, today, WALLET_MAX_LOTS).map(({ memberId: _whose, ...lot }) => lot),
      coupons: coupons(member),
      entitlements: glance.entitlements,
    });
  };
}

/** Those that end first before the others, so that a full list leaves out what can wait. */
function endsFirst(a: WalletCoupon, b: WalletCoupon): number {
  const [first, second] = [a.until ?? '9999-12-31', b.until ?? '9999-12-31'];
  if (first !== second) return first < second ? -1 : 1;
  return a.ruleId < b.ruleId ? -1 : 1;
}
