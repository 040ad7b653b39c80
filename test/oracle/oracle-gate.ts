import type { ReasonCode } from '../../agent/contract/evaluation.ts';
import type { EvaluationInput } from '../../agent/contract/evaluation-input.ts';
import type { DrawnRule } from './drawn-rule.ts';
import { shownFor } from './oracle-codes.ts';
import { holds, type Seen, type Wish } from './wish.ts';

export type Refusal = {
  readonly status: 'refused' | 'not-applicable';
  /** Given only where the specification names it. */
  readonly code?: ReasonCode;
};

/**
 * Why a rule may not even try, or null. The first of these that fails decides: the codes it asks for, the window, the
 * limits, the rest of the condition, the proof that a right asks for, the coupon and the allotment, the member. Who presented the codes
 * that a rule asks for is refused, whatever it was that failed; everybody else is not concerned. A use that was counted
 * out is a refusal for everybody. Rules about points are not for guests, whatever they present.
 */
export function refusalOf(rule: DrawnRule, seen: Seen): Refusal | null {
  const { input } = seen;
  const shown = shownFor(rule, input);
  const presented = codesIn(rule).every((code) => input.codes.includes(code));
  if (!presented || shown?.length === 0) return { status: 'not-applicable', code: 'code-missing' };
  const failed = statusWithout(rule);
  const closed = windowClosed(rule, input);
  if (closed !== null) return { status: failed, code: closed };
  for (const { scope, max } of rule.limits) {
    const byMember = scope.startsWith('member');
    if (byMember && input.member === null) return { status: failed, code: 'member-unknown' };
    if ((input.counters[rule.id]?.[scope] ?? 0) >= max)
      return { status: 'refused', code: byMember ? 'member-usage-limit' : 'usage-limit' };
  }
  if (rule.wish !== null && !holds(rule.wish, seen)) return { status: failed };
  const proof = withheld(rule, input);
  if (proof !== null) return proof;
  const guest = { status: failed, code: 'member-unknown' } as const;
  if (rule.effect.kind === 'points-redeem' && input.member === null) return guest;
  if (shown?.every(({ usable }) => !usable) === true) return { status: 'refused' };
  const refusal = allotmentRefusal(rule, input, 0n);
  return refusal ?? (isAboutPoints(rule) && input.member === null ? guest : null);
}

/** Whoever presented what a rule asks for is refused; everybody else is not concerned. */
export function statusWithout(rule: DrawnRule): Refusal['status'] {
  const asks = rule.coupon !== undefined || rule.voucher !== undefined || codesIn(rule).length > 0;
  return asks ? 'refused' : 'not-applicable';
}

/** Codes that the condition of a rule asks for. */
function codesIn(rule: DrawnRule): string[] {
  return termsOf(rule.wish).flatMap((term) =>
    term.is === 'listed' && term.list === 'codes' ? [term.word] : [],
  );
}

/** The terms that must all hold, brackets within brackets opened. */
function termsOf(wish: Wish | null): Wish[] {
  if (wish === null) return [];
  return wish.is === 'and' ? wish.wishes.flatMap(termsOf) : [wish];
}

/** Points presuppose an account; a member tier does too, but only once its group is free (`grant`). */
function isAboutPoints({ effect }: DrawnRule): boolean {
  return ['points-earn', 'points-multiplier', 'points-redeem'].includes(effect.kind);
}

/**
 * `from` and `to` inclusive to the second, a day alone is all of it; `daily` from inclusive to exclusive. A day alone
 * and weekdays go by the business day, times by the wall clock (decision 0015).
 */
function windowClosed({ window }: DrawnRule, { now }: EvaluationInput): ReasonCode | null {
  if (window === undefined) return null;
  const { from, to, weekdays, daily } = window;
  const day = now.businessDay ?? now;
  // Of a day alone any moment will do.
  const at = (bound: string): bigint =>
    bound.includes('T') ? moment(now.date, now.secondOfDay) : moment(day.date, 1);
  if (from !== undefined && at(from) < momentOf(from, 0)) return 'not-started';
  if (to !== undefined && at(to) > momentOf(to, 86_399)) return 'expired';
  if (weekdays !== undefined && !weekdays.includes(day.weekday)) return 'wrong-weekday';
  if (daily === undefined) return null;
  // Walks the span minute by minute, over midnight where it ends before it begins.
  const end = minuteOf(daily.to);
  for (let minute = minuteOf(daily.from); minute !== end; minute = (minute + 1) % 1_440) {
    if (minute === Math.floor(now.secondOfDay / 60)) return null;
    if (end === 1_440 && minute === 1_439) break;
  }
  return 'wrong-time';
}

function moment(date: number, second: number): bigint {
  return BigInt(date) * 100_000n + BigInt(second);
}

function momentOf(text: string, dayAlone: number): bigint {
  const [day = '', clock] = text.split('T');
  const [hours = 0, minutes = 0, seconds = 0] = (clock ?? '').split(':').map(Number);
  const second = clock === undefined ? dayAlone : hours * 3_600 + minutes * 60 + seconds;
  return moment(Number(day.replaceAll('-', '')), second);
}

function minuteOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number);
  return hours * 60 + minutes;
}

/** Spending points and using a coupon keep their right in whatever lane the rule stands (decision 0003). */
function withheld(rule: DrawnRule, input: EvaluationInput): Refusal | null {
  const rights = [
    rule.effect.kind === 'points-redeem'
      ? 'points-spend'
      : rule.coupon === undefined && rule.voucher === undefined
        ? rule.lane
        : 'coupon',
  ] as const;
  return rights.some((right) => input.withheld?.[right] !== undefined)
    ? { status: 'refused', code: 'proof-needed' }
    : null;
}

/** Why the store's allotment gives no use, those that this basket has already `taken` counted. */
export function allotmentRefusal(
  { allotment }: DrawnRule,
  input: EvaluationInput,
  taken: bigint,
): Refusal | null {
  if (allotment === undefined) return null;
  const held = input.allowances.allotments[allotment.id];
  if (held?.reachable !== true) return { status: 'refused', code: 'allowance-unreachable' };
  return BigInt(held.available) <= taken
    ? { status: 'refused', code: 'allotment-exhausted' }
    : null;
}
