import type {
  EntryException,
  EntryReply,
  EvaluationId,
  SaleId,
  StaffId,
} from '../contract/index.ts';
import { keptEvaluation } from '../domain/benefits/replay-sale.ts';
import type { HoldRow } from '../store/store.ts';
import { appendEntry } from './append-entry.ts';
import type { TillContext } from './context.ts';
import { saleFacts } from './entry-facts.ts';
import type { HeldRecord } from './held-record.ts';
import { saleReceipt } from './receipt.ts';
import { takeUses } from './rule-uses.ts';
import { moveSalePoints } from './sale-points.ts';
import type { SoldRecord } from './sold-record.ts';
import type { Till } from './till.ts';

/** What a person has to look at of a sale, as far as its commit tells; null = nothing. */
export type SaleException = Exclude<EntryException, 'clock-set-back'> | null;

type CommitBody = Parameters<Till['commit']>[1]['body'];

export interface SaleToWrite {
  /** The hold that is committed, in whatever state it came to. */
  readonly row: HoldRow;
  readonly record: HeldRecord;
  /** Its references without the digits of payment codes. */
  readonly body: CommitBody;
  readonly staffId: StaffId;
  readonly exception: SaleException;
}

/**
 * Writes a paid sale: its entry, points, coupons, uses, what stays of it for returns, and the visit. Call inside the
 * transaction of its commit.
 * @param lotValidDays days for which earned points are good, by the rule set of that version
 */
export function writeSale(
  context: TillContext,
  lotValidDays: (ruleSetVersion: number) => number | undefined,
  { row, record, body, staffId, exception }: SaleToWrite,
): EntryReply {
  const { store } = context;
  const { evaluation, memberId } = record;
  const saleId = saleIdOf(row.evaluationId);
  const entry = appendEntry(context, {
    kind: 'sale',
    staffId,
    saleId,
    returnId: null,
    ruleSetVersion: evaluation.ruleSetVersion,
    policyVersion: record.policyVersion,
    listMinor: evaluation.listMinor,
    discountMinor: evaluation.discountMinor,
    payableMinor: evaluation.payableMinor,
    pointsEarned: evaluation.points.earned,
    pointsSpent: evaluation.points.spent,
    exception,
    subject: memberId ?? 'guest',
    body: sealedBody(record, body),
    facts: saleFacts(row, record, context.businessDay()),
  });
  const { seq } = entry.header;
  const points = { seq, saleId, points: evaluation.points, channel: record.input.channel };
  const moved =
    memberId === null
      ? undefined
      : moveSalePoints(context, {
          ...points,
          memberId,
          lotValidDays: lotValidDays(evaluation.ruleSetVersion),
        });
  const pointsBalance = moved?.balance;
  for (const code of row.couponsReserved) store.coupons.use(code, row.evaluationId);
  // A hold that is over gave its uses back; the sale took place all the same, so they are booked beyond any limit.
  if (row.state !== 'HELD') takeUses(context, record);
  store.holds.put({
    ...row,
    state: 'COMMITTED',
    saleId,
    memberId: null,
    body: JSON.stringify(soldRecord(record, body, seq)),
  });
  if (memberId !== null) store.visits.served(memberId, entry.header.businessDay, entry.atMs);
  return {
    kind: 'sale',
    state: 'COMMITTED',
    evaluationId: row.evaluationId,
    saleId,
    entryId: entry.header.entryId,
    seq,
    hash: entry.hash,
    at: entry.header.at,
    payableMinor: evaluation.payableMinor,
    pointsEarned: evaluation.points.earned,
    pointsSpent: evaluation.points.spent,
    ...(pointsBalance === undefined ? {} : { pointsBalance }),
    exception: entry.header.exception,
    receipt: saleReceipt(context, {
      evaluation,
      referenceId: body.referenceId,
      saleId,
      points: moved,
    }),
  };
}

/** One evaluation is at most one sale, so they share their id and the sale's record is found by it. */
export function saleIdOf(evaluationId: EvaluationId): SaleId {
  return evaluationId as string as SaleId;
}

/** What a sale rests on, for replay: input and decisions whole; of the rules only those that did something. */
function sealedBody(record: HeldRecord, { referenceId, payment }: CommitBody) {
  const { basketId, evaluationId, basketHash, input, evaluation, decisions, memberId } = record;
  return {
    v: 1,
    basketId,
    evaluationId,
    basketHash,
    input,
    evaluation: keptEvaluation(evaluation),
    decisions,
    memberId,
    referenceId,
    payment: payment ?? null,
  };
}

function soldRecord(
  { evaluation, policyVersion, uses }: HeldRecord,
  { referenceId }: CommitBody,
  seq: number,
): SoldRecord {
  const { currency, ruleSetVersion, lines, gifts } = evaluation;
  return {
    v: 1,
    seq,
    currency,
    ruleSetVersion,
    policyVersion,
    referenceId,
    lines,
    ...(gifts.length === 0 ? {} : { gifts }),
    ...(uses.length === 0 ? {} : { uses: uses.map(countedUse) }),
    returned: {},
    clawedBack: 0,
    givenBack: 0,
  };
}

function countedUse({ ruleId, counted, budgetId, amountMinor }: HeldRecord['uses'][number]) {
  return { ruleId, counted, budgetId, amountMinor };
}
