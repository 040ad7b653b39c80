import {
  assert,
  type EntryReply,
  type EvaluationId,
  err,
  type Failure,
  failure,
  type MemberId,
  ok,
  type Result,
  type ReturnRequest,
  type StaffId,
  unreachable,
} from '../contract/index.ts';
import {
  type ReturnError,
  type ReturnShare,
  returnShare,
  type UnitsByLine,
} from '../domain/benefits/return-share.ts';
import { undoMoves } from '../domain/points/lots.ts';
import type { HoldRow } from '../store/store.ts';
import { appendEntry, openEntry } from './append-entry.ts';
import type { TillContext } from './context.ts';
import { returnFacts } from './entry-facts.ts';
import type { Idempotency, Keyed } from './idempotency.ts';
import { withoutPaymentCodes } from './payment-codes.ts';
import { returnReceipt } from './receipt.ts';
import { returnUses } from './rule-uses.ts';
import { balanceOf } from './sale-points.ts';
import { readSoldRecord, type SoldRecord } from './sold-record.ts';
import type { StaffSessions } from './staff-session.ts';
import type { Caller } from './till.ts';

/** A return's id is its key, whoever sends it. */
const RETURN_KEYS = 'returns';

export interface ReturnParts {
  readonly context: TillContext;
  readonly idempotency: Idempotency;
  readonly staff: StaffSessions;
}

export type ReturnGoods = (caller: Caller, request: ReturnRequest) => Result<EntryReply, Failure>;

/** A sale that goods may come back to, and whose points there are to undo. */
interface Sold {
  readonly row: HoldRow;
  readonly record: SoldRecord;
  /** Under which the sale counts in the limits of its rules. */
  readonly businessDay: string;
  /** Absent for guests, and once the member was erased: then only money goes back. */
  readonly memberId: MemberId | undefined;
}

/**
 * Takes goods of a sale of this till back: each unit gives back what was paid for it, earned points go by cumulative
 * floor, spent points go back to their lots. The same return id twice changes nothing.
 */
export function createReturnGoods({ context, idempotency, staff }: ReturnParts): ReturnGoods {
  const { store, work } = context;

  function soldOf(saleId: string): Result<Sold, Failure> {
    const row = store.holds.get(saleId as EvaluationId);
    if (row === undefined || row.state !== 'COMMITTED')
      return err(failure('sale-unknown', 'saleId'));
    const record = readSoldRecord(row);
    const entry = store.ledger.bySeq(record.seq);
    assert(entry !== undefined, 'a committed sale has its entry');
    const opened = openEntry(context, entry);
    if (!opened.ok && opened.error.code === 'broken')
      return err(failure('storage-failed', 'saleId'));
    const memberId = opened.ok ? (opened.value as { memberId: MemberId | null }).memberId : null;
    const { businessDay } = entry.header;
    return ok({ row, record, businessDay, memberId: memberId ?? undefined });
  }

  function book(
    sold: Sold,
    share: ReturnShare,
    request: ReturnRequest,
    staffId: StaffId,
    keyed: Keyed,
  ): Result<EntryReply, Failure> {
    return work((emit) => {
      const reply = write(sold, share, request, staffId);
      idempotency.keep(keyed, reply);
      emit({ kind: 'return', returnId: request.returnId, saleId: request.saleId });
      return reply;
    });
  }

  function write(
    { row, record, businessDay, memberId }: Sold,
    share: ReturnShare,
    request: ReturnRequest,
    staffId: StaffId,
  ): EntryReply {
    const listMinor = listOf(record, share);
    const moves = memberId !== undefined;
    const pointsEarned = moves ? negated(share.pointsToClawBack) : 0;
    const pointsSpent = moves ? negated(share.pointsToGiveBack) : 0;
    const returned = addUnits(record.returned, unitsOf(request));
    const { evaluationId } = row;
    const { lines } = record;
    const sale = { evaluationId, lines, day: businessDay };
    const ruleUses = returnUses(context, sale, record.returned, returned);
    const entry = appendEntry(context, {
      kind: 'return',
      staffId,
      saleId: request.saleId,
      returnId: request.returnId,
      ruleSetVersion: record.ruleSetVersion,
      policyVersion: record.policyVersion,
      listMinor: negated(listMinor),
      discountMinor: negated(listMinor - share.refundMinor),
      payableMinor: negated(share.refundMinor),
      pointsEarned,
      pointsSpent,
      exception: null,
      subject: memberId ?? 'guest',
      body: { v: 1, request, share, memberId: memberId ?? null },
      facts: returnFacts({ memberId, refundMinor: share.refundMinor, lines, returned, ruleUses }),
    });
    const { seq } = entry.header;
    if (memberId !== undefined) undoPoints(record, share, memberId, seq);
    const next: SoldRecord = {
      ...record,
      returned,
      clawedBack: record.clawedBack + share.pointsToClawBack,
      givenBack: record.givenBack + share.pointsToGiveBack,
    };
    store.holds.put({ ...row, body: JSON.stringify(next) });
    const pointsBalance = memberId === undefined ? undefined : balanceOf(context, memberId);
    return {
      kind: 'return',
      state: 'COMMITTED',
      saleId: request.saleId,
      returnId: request.returnId,
      entryId: entry.header.entryId,
      seq,
      hash: entry.hash,
      at: entry.header.at,
      payableMinor: negated(share.refundMinor),
      pointsEarned,
      pointsSpent,
      ...(pointsBalance === undefined ? {} : { pointsBalance }),
      exception: entry.header.exception,
      receipt: returnReceipt({
        currency: record.currency,
        referenceId: request.referenceId,
        refundMinor: share.refundMinor,
        clawedBack: -pointsEarned,
        givenBack: -pointsSpent,
        pointsBalance,
      }),
    };
  }

  /** The movements of the sale, undone in their order and each point once over all returns. */
  function undoPoints(
    record: SoldRecord,
    share: ReturnShare,
    memberId: MemberId,
    seq: number,
  ): void {
    const ofSale = store.points.movementsOf(record.seq);
    const earned = ofSale.filter((move) => move.delta > 0);
    const spent = ofSale.filter((move) => move.delta < 0);
    const undone = [
      ...undoMoves(earned, record.clawedBack, share.pointsToClawBack),
      ...undoMoves(spent, record.givenBack, share.pointsToGiveBack),
    ];
    store.points.move(undone.map((move) => ({ ...move, seq, memberId })));
  }

  /** A return booked longer ago than answers are kept is not answered again, but neither is it booked twice. */
  function bookedBefore(request: ReturnRequest): Result<void, Failure> {
    return store.ledger.byReturn(request.returnId) === undefined
      ? ok(undefined)
      : err(failure('return-differs', 'returnId'));
  }

  return (caller, request) => {
    const allowed = staff.allows(caller);
    if (!allowed.ok) return allowed;
    const keyed: Keyed = {
      clientId: RETURN_KEYS,
      key: request.returnId,
      operation: 'commit',
      target: request.saleId,
      body: request,
    };
    const earlier = idempotency.earlier(keyed);
    if (!earlier.ok) return err(failure('return-differs', 'returnId'));
    if (earlier.value !== undefined) return ok(earlier.value);
    const fresh = bookedBefore(request);
    if (!fresh.ok) return fresh;
    const sold = soldOf(request.saleId);
    if (!sold.ok) return sold;
    const share = returnShare(
      { lines: [...sold.value.record.lines] },
      addUnits(sold.value.record.returned),
      unitsOf(request),
    );
    if (!share.ok) return err(shareFailure(share.error, request));
    const staffId = staff.forEntry(caller, request.staffId);
    if (!staffId.ok) return staffId;
    const kept = {
      ...request,
      referenceId: withoutPaymentCodes(context, request.referenceId),
      reason: withoutPaymentCodes(context, request.reason),
    };
    return book(sold.value, share.value, kept, staffId.value, keyed);
  };
}

function unitsOf({ lines }: ReturnRequest): UnitsByLine {
  return addUnits({}, ...lines.map(({ lineId, qty }) => ({ [lineId]: qty })));
}

/** Without a prototype: a line may be called `constructor`. */
function addUnits(...parts: readonly UnitsByLine[]): UnitsByLine {
  const sum = Object.create(null) as Record<string, number>;
  for (const [lineId, units] of parts.flatMap((part) => Object.entries(part)))
    sum[lineId] = (sum[lineId] ?? 0) + units;
  return sum;
}

/** List price of the units returned: every unit of a line has the same. */
function listOf(record: SoldRecord, share: ReturnShare): number {
  return share.lines.reduce((sum, returned) => {
    const line = record.lines.find((one) => one.lineId === returned.lineId);
    return sum + (line === undefined ? 0 : (line.listMinor / line.qty) * returned.units);
  }, 0);
}

/** Minus zero is no figure. */
function negated(value: number): number {
  return value === 0 ? 0 : -value;
}

function shareFailure(error: ReturnError, request: ReturnRequest): Failure {
  const index = request.lines.findIndex((line) => line.lineId === error.lineId);
  const field = index < 0 ? 'lines' : `lines.${index}`;
  switch (error.code) {
    case 'line-unknown':
      return failure('invalid-input', `${field}.lineId`);
    case 'return-too-much':
      return failure('return-too-much', `${field}.qty`, { unitsLeft: error.unitsLeft ?? 0 });
    case 'nothing-returned':
      return failure('invalid-input', `${field}.qty`);
    default:
      return unreachable(error.code);
  }
}
