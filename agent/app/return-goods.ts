import {
  type EntryReply,
  type EvaluationId,
  err,
  type Failure,
  failure,
  ok,
  type Result,
  type ReturnRequest,
  type StaffId,
  type Undone,
} from '../contract/index.ts';
import { appendEntry } from './append-entry.ts';
import type { Booking } from './booking.ts';
import type { TillContext } from './context.ts';
import { returnFacts } from './entry-facts.ts';
import type { Idempotency, Keyed } from './idempotency.ts';
import { withoutPaymentCodes } from './payment-codes.ts';
import { returnReceipt } from './receipt.ts';
import { returnUses } from './rule-uses.ts';
import { balanceOf } from './sale-points.ts';
import { withReturn } from './sold-record.ts';
import type { Sold } from './sold-sale.ts';
import type { SoldSales } from './sold-sales.ts';
import type { StaffSessions } from './staff-session.ts';
import type { Caller } from './till.ts';
import { bookUndo } from './undo-points.ts';
import { isCarried, unitsOf, type WorkedOutReturn, workOutReturn } from './work-out-return.ts';

/** A return's id is its key, whoever sends it. */
const RETURN_KEYS = 'returns';

export interface ReturnParts {
  readonly context: TillContext;
  readonly idempotency: Idempotency;
  readonly sales: SoldSales;
  readonly staff: StaffSessions;
}

/** A return that is ready to be booked. */
export interface ReturnBooking extends Booking {
  readonly refundMinor: number;
}

export interface ReturnGoods {
  /** Books a return; the same return id twice changes nothing. */
  returnGoods(caller: Caller, request: ReturnRequest): Promise<Result<EntryReply, Failure>>;
  /** The answer of a return that was booked before; nothing where the id is fresh. */
  earlier(request: ReturnRequest): Result<EntryReply | undefined, Failure>;
  /** Goods of one sale come back one after the other, so that each return goes on from the one before. */
  inTurn<T>(saleId: string, run: () => Promise<T>): Promise<T>;
  /** Runs `book` with the return claimed and worked out, in its sale's turn; what it does not book is given up. */
  prepared<T>(
    caller: Caller,
    request: ReturnRequest,
    book: (booking: ReturnBooking) => Result<T, Failure>,
  ): Promise<Result<T, Failure>>;
}

/**
 * Takes goods of a sale back, of whichever till: each unit gives back what was paid for it, or what the kept goods leave;
 * earned points go by cumulative floor, spent points back to their lots; gifts come back or are paid for.
 */
export function createReturnGoods({
  context,
  idempotency,
  sales,
  staff,
}: ReturnParts): ReturnGoods {
  const { store, work } = context;
  const underWay = new Map<string, Promise<unknown>>();

  function write(
    sold: Sold,
    worked: WorkedOutReturn,
    request: ReturnRequest,
    staffId: StaffId,
  ): EntryReply {
    const { record, memberId } = sold;
    const { figures, plan } = worked;
    const { listMinor, refundMinor } = figures;
    const pointsEarned = negated(plan?.clawedBack ?? 0);
    const pointsSpent = negated(plan?.givenBack ?? 0);
    const undone: Undone = {
      ...figures.undone,
      ...(plan === undefined || plan.moves.length === 0 ? {} : { moves: [...plan.moves] }),
    };
    const next = withReturn(record, sold.undone, undone);
    const ruleUses = returnUses(context, sold, worked.kept);
    const businessDay = context.businessDay();
    const { lines } = record;
    const entry = appendEntry(context, {
      kind: 'return',
      staffId,
      saleId: request.saleId,
      returnId: request.returnId,
      ruleSetVersion: record.ruleSetVersion,
      policyVersion: record.policyVersion,
      listMinor: negated(listMinor),
      discountMinor: negated(listMinor - refundMinor),
      payableMinor: negated(refundMinor),
      pointsEarned,
      pointsSpent,
      exception: null,
      subject: memberId ?? 'guest',
      body: { v: 2, request, figures, memberId: memberId ?? null },
      facts: {
        ...returnFacts({
          memberId,
          refundMinor,
          lines,
          returned: next.returned,
          ruleUses,
          saleDay: sold.businessDay,
          businessDay,
        }),
        undone,
        bought: boughtOf(sold, undone),
        before: { ...sold.undone.units },
      },
    });
    const { seq } = entry.header;
    if (memberId !== undefined && plan !== undefined) bookUndo(context, plan, memberId, seq);
    keep(sold, next);
    const pointsBalance = isCarried(context, memberId) ? balanceOf(context, memberId) : undefined;
    return {
      kind: 'return',
      state: 'COMMITTED',
      saleId: request.saleId,
      returnId: request.returnId,
      entryId: entry.header.entryId,
      seq,
      hash: entry.hash,
      at: entry.header.at,
      payableMinor: negated(refundMinor),
      pointsEarned,
      pointsSpent,
      ...(pointsBalance === undefined ? {} : { pointsBalance }),
      exception: entry.header.exception,
      receipt: returnReceipt({
        currency: record.currency,
        referenceId: request.referenceId,
        refundMinor,
        // Where the kept goods were computed again, the stored shares of the lines tell nothing of a donation.
        donatedMinor: figures.mode === 'keep' ? figures.donatedMinor : 0,
        clawedBack: -pointsEarned,
        givenBack: -pointsSpent,
        pointsBalance,
      }),
    };
  }

  /** Beside the hold's row; of a sale of another till a row is made, so that its next return here goes on from this one. */
  function keep(sold: Sold, next: Sold['record']): void {
    const body = JSON.stringify(next);
    const { row, saleId } = sold;
    store.holds.put(
      row === undefined
        ? {
            evaluationId: saleId as string as EvaluationId,
            basketId: saleId as string as never,
            basketHash: '',
            memberId: null,
            state: 'COMMITTED',
            deadlineMs: context.nowMs(),
            pointsReserved: 0,
            couponsReserved: [],
            allowanceIds: [],
            saleId,
            body,
          }
        : { ...row, body },
    );
  }

  function keyedOf(request: ReturnRequest): Keyed {
    return {
      clientId: RETURN_KEYS,
      key: request.returnId,
      operation: 'commit',
      target: request.saleId,
      body: request,
    };
  }

  function earlier(request: ReturnRequest): Result<EntryReply | undefined, Failure> {
    const known = idempotency.earlier(keyedOf(request));
    if (!known.ok) return err(failure('return-differs', 'returnId'));
    if (known.value !== undefined) return known;
    // A return booked longer ago than answers are kept is not answered again, but neither is it booked twice.
    return store.ledger.byReturn(request.returnId) === undefined
      ? ok(undefined)
      : err(failure('return-differs', 'returnId'));
  }

  function bookingOf(
    sold: Sold,
    request: ReturnRequest,
    staffId: StaffId,
  ): Result<ReturnBooking, Failure> {
    const worked = workOutReturn(context, sold, request);
    if (!worked.ok) return worked;
    const { quote, figures } = worked.value;
    if (request.quoteHash !== undefined && request.quoteHash !== quote.quoteHash)
      return err(failure('return-quote-differs', 'quoteHash', { quote }));
    const kept = {
      ...request,
      referenceId: withoutPaymentCodes(context, request.referenceId),
      reason: withoutPaymentCodes(context, request.reason),
    };
    return ok({
      refundMinor: figures.refundMinor,
      write(emit) {
        const reply = write(sold, worked.value, kept, staffId);
        idempotency.keep(keyedOf(request), reply);
        emit({ kind: 'return', returnId: request.returnId, saleId: request.saleId });
        return reply;
      },
      after: () => {},
    });
  }

  async function inTurn<T>(saleId: string, run: () => Promise<T>): Promise<T> {
    const before = underWay.get(saleId) ?? Promise.resolve();
    const mine = before.then(run, run);
    underWay.set(saleId, mine);
    try {
      return await mine;
    } finally {
      if (underWay.get(saleId) === mine) underWay.delete(saleId);
    }
  }

  async function prepared<T>(
    caller: Caller,
    request: ReturnRequest,
    book: (booking: ReturnBooking) => Result<T, Failure>,
  ): Promise<Result<T, Failure>> {
    const staffId = staff.forEntry(caller, request.staffId);
    if (!staffId.ok) return staffId;
    const { saleId, returnId } = request;
    const sold = await sales.forReturn({ saleId, returnId, units: unitsOf(request) });
    if (!sold.ok) return sold;
    // Returns of two sales do not wait for each other, and one id is one return.
    if (store.ledger.byReturn(returnId) !== undefined)
      return err(failure('return-differs', 'returnId'));
    let isBooked = false;
    try {
      const booking = bookingOf(sold.value, request, staffId.value);
      const done = booking.ok ? book(booking.value) : booking;
      isBooked = done.ok;
      return done;
    } finally {
      if (!isBooked) sales.release(returnId);
    }
  }

  return {
    earlier,
    inTurn,
    prepared,
    async returnGoods(caller, request) {
      const allowed = staff.allows(caller);
      if (!allowed.ok) return allowed;
      return inTurn(request.saleId, async () => {
        const known = earlier(request);
        if (!known.ok) return known;
        if (known.value !== undefined) return ok(known.value);
        return prepared(caller, request, ({ write: booked }) => work(booked));
      });
    },
  };
}

function boughtOf({ record }: Sold, { units }: Undone): Record<string, number> {
  return Object.fromEntries(
    record.lines.flatMap(({ lineId, qty }) =>
      Object.hasOwn(units, lineId) ? [[lineId, qty]] : [],
    ),
  );
}

/** Minus zero is no figure. */
function negated(value: number): number {
  return value === 0 ? 0 : -value;
}
