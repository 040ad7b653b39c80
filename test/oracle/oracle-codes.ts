import type { EvaluationInput } from '../../agent/contract/evaluation-input.ts';
import type { DrawnRule } from './drawn-rule.ts';

/** A coupon or voucher that was presented and that a rule asks for. */
export interface Shown {
  /** The name under which its use is counted. */
  readonly name: string;
  /** Whether its holder lets this till take it. */
  readonly usable: boolean;
  readonly faceMinor?: number;
}

/** Everything presented that a rule asks for, in the order presented; null where it asks for nothing of the kind. */
export function shownFor(
  { coupon, voucher, effect }: DrawnRule,
  input: EvaluationInput,
): Shown[] | null {
  const { codes, allowances } = input;
  if (voucher !== undefined) {
    return codes.flatMap((name) => {
      const facts = allowances.vouchers?.[name];
      if (facts?.partner !== voucher.partner || facts.campaign !== voucher.campaign) return [];
      const { state, faceMinor } = facts;
      const worthless = effect.kind === 'voucher-value' && faceMinor === undefined;
      const usable = state === 'available' && !worthless;
      return [{ name, usable, ...(faceMinor === undefined ? {} : { faceMinor }) }];
    });
  }
  if (coupon === undefined) return null;
  const { code, gcn, uses } = coupon;
  const isFree = (name: string): boolean =>
    uses === 'unlimited' || allowances.coupons[name] === 'available';
  if (code !== undefined) return codes.includes(code) ? [{ name: code, usable: isFree(code) }] : [];
  return codes.flatMap((text) => {
    const digits = digitsOf(text);
    if (digits === undefined || digits.slice(0, 13) !== gcn) return [];
    const name = `255${digits}`;
    // What works once is told apart by its serial.
    const told = uses !== 'single' || digits.length > 13;
    return [{ name, usable: told && isFree(name) }];
  });
}

/** The one that the rule takes: of several the first that is usable. */
export function takenBy(rule: DrawnRule, input: EvaluationInput): Shown | undefined {
  return shownFor(rule, input)?.find(({ usable }) => usable);
}

/** GCN and serial of a GS1 coupon, written with its application identifier 255 or as 13 digits alone. */
function digitsOf(text: string): string | undefined {
  const digits = /^\d{13}$/.test(text) ? text : /^255(\d{13,25})$/.exec(text)?.[1];
  if (digits === undefined) return undefined;
  // GS1 check digit: weights 1 and 3 in turn from the left over 13 digits, the sum a multiple of ten.
  const sum = [...digits.slice(0, 13)].reduce(
    (all, digit, at) => all + Number(digit) * (at % 2 === 0 ? 1 : 3),
    0,
  );
  return sum % 10 === 0 ? digits : undefined;
}
