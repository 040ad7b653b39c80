import {
  type EntryFactsWritten,
  type EvaluatedLine,
  type Evaluation,
  MEMBER_MAX_ENTITLEMENTS,
  type MemberId,
} from '../contract/index.ts';
import { ownValue } from '../domain/benefits/own-value.ts';
import type { UnitsByLine } from '../domain/benefits/return-share.ts';
import type { HoldRow } from '../store/store.ts';
import type { HeldRecord } from './held-record.ts';
import type { RuleUseFacts } from './rule-uses.ts';

/** Facts of an entry that moves nothing in the chain's books. */
export function noFacts(memberId: MemberId | null): EntryFactsWritten {
  return {
    memberId,
    couponsUsed: [],
    allowanceIds: [],
    spendMinor: 0,
    orders: 0,
    ruleUses: [],
  };
}

/**
 * What a sale means for the chain's books: everything that its hold reserved is spent.
 * @param businessDay of the entry, under which the uses of its rules count
 */
export function saleFacts(
  row: HoldRow,
  {
    memberId,
    evaluation,
    uses,
    couponTimes,
    decisions,
    input: { channel },
  }: Pick<HeldRecord, 'memberId' | 'evaluation' | 'uses' | 'input' | 'couponTimes' | 'decisions'>,
  businessDay: string,
): EntryFactsWritten {
  return {
    ...noFacts(memberId),
    couponsUsed: [...row.couponsReserved],
    ...(couponTimes === undefined ? {} : { couponTimes }),
    allowanceIds: [...row.allowanceIds],
    spendMinor: memberId === null ? 0 : evaluation.payableMinor,
    orders: 1,
    ...(channel === 'store' ? {} : { channel }),
    ...credentialOf(decisions),
    ...(memberId === null ? {} : gainsOf(evaluation)),
    ruleUses: uses.map(({ ruleId, counted, budgetId, amountMinor }) => ({
      ruleId,
      day: businessDay,
      uses: counted ? 1 : 0,
      budgetId,
      amountMinor,
    })),
  };
}

/** The code by which the member was known; the pass's where a wallet card was shown too. */
function credentialOf(decisions: HeldRecord['decisions']): Pick<EntryFactsWritten, 'credential'> {
  const evidence = decisions.flatMap((decision) => decision.evidence);
  const shown =
    evidence.find(({ means, credential }) => means === 'pass' && credential !== undefined) ??
    evidence.find(({ credential }) => credential !== undefined);
  return shown?.credential === undefined ? {} : { credential: shown.credential };
}

/** What a sale gives a member that is not money or points; as much of it as a member can have. */
function gainsOf({
  entitlements,
  tierAfter,
}: Evaluation): Pick<EntryFactsWritten, 'entitlements' | 'tierAfter'> {
  return {
    ...(entitlements.length === 0
      ? {}
      : { entitlements: entitlements.slice(0, MEMBER_MAX_ENTITLEMENTS) }),
    ...(tierAfter === undefined ? {} : { tierAfter }),
  };
}

export interface ReturnedGoods {
  /** Absent for guests, and once the member was erased. */
  readonly memberId: MemberId | undefined;
  readonly refundMinor: number;
  /** Lines of the sale, and the units of each that came back over all returns, this one included. */
  readonly lines: readonly EvaluatedLine[];
  readonly returned: UnitsByLine;
  readonly ruleUses: readonly RuleUseFacts[];
  /** Business day of the sale, for which what comes back counts, and of the return. */
  readonly saleDay: string;
  readonly businessDay: string;
}

/** What a return takes back in the chain's books. Coupons that work once stay used. */
export function returnFacts(goods: ReturnedGoods): EntryFactsWritten {
  const { memberId, refundMinor } = goods;
  const isWhole = goods.lines.every(
    ({ lineId, qty }) => (ownValue(goods.returned, lineId) ?? 0) === qty,
  );
  return {
    ...noFacts(memberId ?? null),
    spendMinor: memberId === undefined || refundMinor === 0 ? 0 : -refundMinor,
    orders: isWhole ? -1 : 0,
    ...(goods.saleDay === goods.businessDay ? {} : { saleDay: goods.saleDay }),
    ruleUses: [...goods.ruleUses],
  };
}
