import {
  type EntryReply,
  type ExchangeReply,
  type ExchangeRequest,
  err,
  type Failure,
  failure,
  ok,
  type Result,
} from '../contract/index.ts';
import type { Booking } from './booking.ts';
import type { PrepareCommit } from './commit.ts';
import type { TillContext } from './context.ts';
import { type Idempotency, type Keyed, keyOwner } from './idempotency.ts';
import type { ReturnBooking, ReturnGoods } from './return-goods.ts';
import type { StaffSessions } from './staff-session.ts';
import type { Caller } from './till.ts';

export interface ExchangeParts {
  readonly context: TillContext;
  readonly idempotency: Idempotency;
  readonly staff: StaffSessions;
  readonly returns: ReturnGoods;
  readonly prepareCommit: PrepareCommit;
}

export interface KeyedExchange {
  readonly key: string;
  readonly body: ExchangeRequest;
}

export type Exchange = (
  caller: Caller,
  request: KeyedExchange,
) => Promise<Result<ExchangeReply, Failure>>;

/**
 * Books a return and a held sale in one transaction: the shopper pays or gets the difference, and neither stands without
 * the other. The same key twice changes nothing. Failures name their part by the field, `return.…` or `sale.…`.
 */
export function createExchange(parts: ExchangeParts): Exchange {
  const { context, idempotency, staff, returns, prepareCommit } = parts;

  /** The answer given before under the key of the sale and the id of the return. */
  function earlier(
    keyed: Keyed,
    body: ExchangeRequest,
  ): Result<ExchangeReply | undefined, Failure> {
    const sale = idempotency.earlier(keyed);
    if (!sale.ok) return sale;
    if (sale.value === undefined) return ok(undefined);
    const back = returns.earlier(body.return);
    if (!back.ok) return back;
    return back.value === undefined
      ? err(failure('key-reused', 'idempotency-key'))
      : ok(replyOf(back.value, sale.value));
  }

  function book(back: ReturnBooking, bought: Booking): Result<ExchangeReply, Failure> {
    const done = context.work((emit) => replyOf(back.write(emit), bought.write(emit)));
    if (!done.ok) return done;
    back.after(done.value.return);
    bought.after(done.value.sale);
    return done;
  }

  return async (caller, { key, body }) => {
    const allowed = staff.allows(caller);
    if (!allowed.ok) return allowed;
    const { return: request, evaluationId, sale } = body;
    const keyed: Keyed = {
      clientId: keyOwner(caller),
      key,
      operation: 'commit',
      target: evaluationId,
      body,
    };
    return returns.inTurn(request.saleId, async () => {
      const known = earlier(keyed, body);
      if (!known.ok) return known;
      if (known.value !== undefined) return ok(known.value);
      const booked = returns.earlier(request);
      if (!booked.ok) return inPart('return', booked.error);
      if (booked.value !== undefined) return err(failure('return-differs', 'return.returnId'));
      let ofSale = false;
      const done = await returns.prepared(caller, request, (back) => {
        ofSale = true;
        const bought = prepareCommit(caller, {
          id: evaluationId,
          body: sale,
          keyed,
          creditMinor: back.refundMinor,
        });
        if (!bought.ok) return bought;
        ofSale = false;
        return book(back, bought.value);
      });
      return done.ok ? done : inPart(ofSale ? 'sale' : 'return', done.error);
    });
  };
}

function replyOf(back: EntryReply, sale: EntryReply): ExchangeReply {
  return { return: back, sale, netMinor: sale.payableMinor + back.payableMinor };
}

/** The failure with its field as it stands in the exchange; the id of the sale's part is the evaluation's. */
function inPart(part: 'return' | 'sale', error: Failure): Result<never, Failure> {
  if (error.field === undefined) return err(error);
  const field = part === 'sale' && error.field === 'id' ? 'evaluationId' : `${part}.${error.field}`;
  return err({ ...error, field });
}
