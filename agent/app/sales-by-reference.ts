import { type FoundSale, SALES_FOUND_MAX } from '../contract/index.ts';
import { maskName } from '../domain/privacy/mask-name.ts';
import type { HoldRow } from '../store/store.ts';
import { openEntry } from './append-entry.ts';
import type { TillContext } from './context.ts';
import { withoutPaymentCodes } from './payment-codes.ts';
import { readSoldRecord } from './sold-record.ts';

/**
 * Sales of this till whose receipt has this number, newest first, at most {@link SALES_FOUND_MAX}. Payment codes in the
 * number are masked as they were when it was kept.
 */
export function salesByReference(context: TillContext, referenceId: string): FoundSale[] {
  const wanted = withoutPaymentCodes(context, referenceId);
  return context.store.holds.sold(wanted, SALES_FOUND_MAX).flatMap((row) => found(context, row));
}

function found(context: TillContext, row: HoldRow): FoundSale[] {
  const { seq, referenceId, currency, lines } = readSoldRecord(row);
  const entry = context.store.ledger.bySeq(seq);
  // What was pruned from the ledger can be brought back no more.
  if (entry === undefined) return [];
  const opened = openEntry(context, entry);
  const { memberId = null } = opened.ok ? (opened.value as { memberId?: string | null }) : {};
  const member = memberId === null ? undefined : context.store.members.byId(memberId as never);
  return [
    {
      saleId: entry.header.saleId,
      at: entry.header.at,
      referenceId,
      currency,
      ...(member === undefined ? {} : { maskedName: maskName(member.name) }),
      payableMinor: lines.reduce((sum, line) => sum + line.payableMinor, 0),
    },
  ];
}
