import type { StaffId } from '../contract/index.ts';
import type { HoldRow } from '../store/store.ts';
import type { ClaimedCoupon } from './coupon-claims.ts';
import type { EvaluationRecord } from './evaluations.ts';

/**
 * What a hold keeps of an evaluation for its commit: the basket stands in the input already, and of the rules only those
 * that apply are kept, because the others touch neither entry nor receipt and would be most of what is written.
 */
export type HeldRecord = Omit<EvaluationRecord, 'request' | 'coupons'> & {
  /** Uses over the chain of the codes reserved that are good for several; absent where there is none. */
  readonly couponTimes?: Readonly<Record<string, number>>;
};

/** What a hold's row keeps as JSON until its sale is settled. */
export interface HoldBody {
  readonly record: HeldRecord;
  /** Absent where an evaluation was voided that nobody held. */
  readonly staffId?: StaffId;
}

/** The JSON of a hold's row. */
export function writeHoldBody(
  {
    request: _inInput,
    coupons = [],
    ...record
  }: HeldRecord & { readonly request?: unknown; readonly coupons?: readonly ClaimedCoupon[] },
  staffId?: StaffId,
): string {
  const outcomes = record.evaluation.outcomes.filter(({ status }) => status === 'applied');
  const counted = coupons.flatMap(({ code, times }) => (times > 1 ? [[code, times] as const] : []));
  const held: HeldRecord = {
    ...record,
    evaluation: { ...record.evaluation, outcomes },
    ...(counted.length === 0 ? {} : { couponTimes: Object.fromEntries(counted) }),
  };
  const body: HoldBody = { record: held, ...(staffId === undefined ? {} : { staffId }) };
  return JSON.stringify(body);
}

/**
 * The body of a hold that is over without a sale, as it is kept for a late commit: figures, lines and whose it is, without
 * what was known and decided about the member. It lies outside the member's own key, so it must not outlive the sale.
 */
export function endedHoldBody(row: HoldRow): string {
  const { record, ...rest } = readHoldBody(row);
  const bare: HeldRecord = {
    ...record,
    input: { ...record.input, member: null },
    decisions: [],
  };
  return JSON.stringify({ ...rest, record: bare } satisfies HoldBody);
}

/** The body of a hold that was not committed. */
export function readHoldBody(row: HoldRow): HoldBody {
  return JSON.parse(row.body) as HoldBody;
}
