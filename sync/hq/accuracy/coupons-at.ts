import type { CouponState, EvaluationInput } from '../../../agent/contract/evaluation-input.ts';
import type { Rule } from '../../../agent/contract/rules.ts';
import type { CompiledRuleSet } from '../../../agent/domain/benefits/compile-rule-set.ts';
import { gcnCode, readGcn } from '../../../agent/domain/identify/gcn.ts';
import { offerOf } from '../../../agent/domain/identify/north-american-coupon.ts';
import type { HqSession } from '../database/database.ts';
import { beforeValues, isBefore, type Moment } from './member-at.ts';

/** Codes whose uses the holder counts, by the name under which they are counted, with how many are granted. */
export type CountedCodes = ReadonlyMap<string, number>;

type Vouchers = NonNullable<EvaluationInput['allowances']['vouchers']>;

/** The codes of an input that one of the rule sets grants only so often, and its vouchers, which are good once. */
export function countedCodes(
  { codes, allowances }: Pick<EvaluationInput, 'codes' | 'allowances'>,
  ruleSets: readonly CompiledRuleSet[],
): CountedCodes {
  const counted = new Map(Object.keys(allowances.vouchers ?? {}).map((code) => [code, 1]));
  if (codes.length === 0) return counted;
  for (const { coupon } of ruleSets.flatMap(({ ruleSet }) => ruleSet.rules)) {
    if (coupon === undefined || coupon.uses === 'unlimited') continue;
    const times = coupon.uses === 'single' ? 1 : coupon.uses.times;
    for (const code of presentedFor(coupon, codes))
      counted.set(code, Math.min(times, counted.get(code) ?? times));
  }
  return counted;
}

function presentedFor({ code, gcn }: NonNullable<Rule['coupon']>, codes: readonly string[]) {
  if (gcn === undefined) return codes.filter((one) => one === code || offerOf(one) === code);
  return codes.flatMap((one) => {
    const read = readGcn(one);
    return read?.isRight === true && read.gcn === gcn ? gcnCode(read) : [];
  });
}

/** What the chain knew of codes at a moment: one is used up by the sales before it. */
export async function couponsAt(
  session: HqSession,
  counted: CountedCodes,
  moment: Moment,
): Promise<Record<string, Extract<CouponState, 'available' | 'used'>>> {
  if (counted.size === 0) return {};
  const rows = await session.query<{ code: string; uses: number }>(
    `SELECT code, count(*)::bigint AS uses FROM accuracy_coupons c
     WHERE ${isBefore('c', 1)} AND code = ANY($5) GROUP BY code`,
    [...beforeValues(moment), [...counted.keys()]],
  );
  const used = new Map(rows.map(({ code, uses }) => [code, uses]));
  return Object.fromEntries(
    [...counted].map(([code, times]) => [
      code,
      (used.get(code) ?? 0) < times ? 'available' : 'used',
    ]),
  );
}

/** Vouchers with what the chain knew of them; what their text and the day say of them stays. */
export function vouchersAt(
  vouchers: Vouchers | undefined,
  states: Awaited<ReturnType<typeof couponsAt>>,
): Vouchers | undefined {
  if (vouchers === undefined) return undefined;
  const isAsked = (state: string): boolean => ['available', 'used', 'unreachable'].includes(state);
  return Object.fromEntries(
    Object.entries(vouchers).map(([code, voucher]) => {
      const state = states[code];
      return [
        code,
        state !== undefined && isAsked(voucher.state) ? { ...voucher, state } : voucher,
      ];
    }),
  );
}
