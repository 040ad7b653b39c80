import {
  type EvaluatedLine,
  type Failure,
  ok,
  type Result,
  type ReturnQuote,
  type ReturnQuoteRequest,
  type SaleId,
  type SoldSale,
  text,
} from '../contract/index.ts';
import { ownValue } from '../domain/benefits/own-value.ts';
import { maskName } from '../domain/privacy/mask-name.ts';
import type { TillContext } from './context.ts';
import type { Sold } from './sold-sale.ts';
import type { SoldSales } from './sold-sales.ts';
import type { StaffSessions } from './staff-session.ts';
import type { Caller } from './till.ts';
import { unitsOf, workOutReturn } from './work-out-return.ts';

export interface ReturnQuoteParts {
  readonly context: TillContext;
  readonly sales: SoldSales;
  readonly staff: StaffSessions;
}

export interface ReturnQuotes {
  /** What a return would pay and take. Books and claims nothing. */
  quote(caller: Caller, request: ReturnQuoteRequest): Promise<Result<ReturnQuote, Failure>>;
  /** The sale, with what can still come back. */
  sale(id: SaleId): Promise<Result<SoldSale, Failure>>;
}

/** What is asked before goods come back. */
export function createReturnQuotes({ context, sales, staff }: ReturnQuoteParts): ReturnQuotes {
  return {
    async quote(caller, request) {
      const allowed = staff.allows(caller);
      if (!allowed.ok) return allowed;
      const units = unitsOf(request);
      const sold = await sales.forReturn({ saleId: request.saleId, units });
      if (!sold.ok) return sold;
      const worked = workOutReturn(context, sold.value, request);
      return worked.ok ? ok(worked.value.quote) : worked;
    },
    async sale(id) {
      const sold = await sales.find(id);
      return sold.ok ? ok(shown(context, sold.value)) : sold;
    },
  };
}

function shown({ store }: TillContext, sold: Sold): SoldSale {
  const { saleId, origin, at, storeId, tillId, memberId, record, names, undone } = sold;
  const member = memberId === undefined ? undefined : store.members.byId(memberId);
  const benefitsOf = ({ discounts }: EvaluatedLine) =>
    [...new Set(discounts.map(({ ruleId }) => ruleId as string))].map(
      (ruleId) => names.get(ruleId) ?? text(ruleId, ruleId),
    );
  return {
    saleId,
    origin,
    at,
    storeId: storeId as SoldSale['storeId'],
    tillId: tillId as SoldSale['tillId'],
    referenceId: record.referenceId,
    currency: record.currency,
    ...(member === undefined ? {} : { maskedName: maskName(member.name) }),
    payableMinor: record.lines.reduce((sum, line) => sum + line.payableMinor, 0),
    ...(sold.returnUntil === undefined ? {} : { returnUntil: sold.returnUntil }),
    lines: record.lines.map((line) => ({
      lineId: line.lineId,
      sku: line.sku as SoldSale['lines'][number]['sku'],
      qty: line.qty,
      unitsLeft: Math.max(0, line.qty - (ownValue(undone.units, line.lineId) ?? 0)),
      listMinor: line.listMinor,
      payableMinor: line.payableMinor,
      benefits: benefitsOf(line),
    })),
    gifts: (record.gifts ?? []).map(({ ruleId, sku, qty }) => ({ ruleId, sku, qty })),
  };
}
