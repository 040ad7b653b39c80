import {
  assert,
  type BasketId,
  type EntryReply,
  type EvaluationId,
  err,
  type Failure,
  failure,
  ok,
  type Result,
  type StaffId,
  unreachable,
} from '../contract/index.ts';
import type { HoldRow } from '../store/store.ts';
import { noteIdentification, openBasketRow } from './basket-rows.ts';
import type { Booking } from './booking.ts';
import type { TillContext } from './context.ts';
import { itemCount } from './evaluate.ts';
import type { Evaluations } from './evaluations.ts';
import { type HeldRecord, type HoldBody, readHoldBody } from './held-record.ts';
import type { HoldsIndex } from './holds-index.ts';
import { type Idempotency, type Keyed, keyOwner } from './idempotency.ts';
import { cleared, type Identifications, type Known } from './identifications.ts';
import { withoutPaymentCodes } from './payment-codes.ts';
import type { StaffSessions } from './staff-session.ts';
import type { Caller, Till } from './till.ts';
import type { Emit } from './work.ts';
import { type SaleException, writeSale } from './write-sale.ts';

export type CommitRequest = Parameters<Till['commit']>[1];
export type CommitBody = CommitRequest['body'];

export interface CommitParts {
  readonly context: TillContext;
  readonly idempotency: Idempotency;
  readonly evaluations: Evaluations;
  readonly holds: HoldsIndex;
  readonly identifications: Identifications;
  readonly staff: StaffSessions;
  /** Days for which earned points are good, by the rule set of that version. */
  readonly lotValidDays: (ruleSetVersion: number) => number | undefined;
  /** Called with the answer of a sale, for screens that show the basket. */
  readonly onCommitted: (basketId: BasketId, record: HeldRecord, reply: EntryReply) => void;
}

export type Commit = (caller: Caller, request: CommitRequest) => Result<EntryReply, Failure>;

/** A commit that becomes part of another transaction. */
export interface CommitToPrepare {
  readonly id: string;
  readonly body: CommitBody;
  /** Under which its answer is kept. */
  readonly keyed: Keyed;
  /** What the shopper has to their credit: so much less they pay, in minor units. */
  readonly creditMinor: number;
}

export type PrepareCommit = (caller: Caller, request: CommitToPrepare) => Result<Booking, Failure>;

type Lateness = Exclude<SaleException, 'payment-differs'>;

/**
 * Books the paid sale in one transaction: entry, points, coupons, outbox, answer and event are on the disk together or
 * not at all. Inside the hold's deadline no business reason refuses it; after it, proof of payment makes it an
 * exception that a person looks at.
 */
export function createCommit(parts: CommitParts): {
  readonly commit: Commit;
  readonly prepare: PrepareCommit;
} {
  const { context, idempotency, evaluations, holds, identifications, staff } = parts;
  const { store, work } = context;
  const { allowance } = context.deps.headquarters;

  function bookingOf(
    row: HoldRow,
    { record, staffId: heldBy }: HoldBody,
    body: CommitBody,
    keyed: Keyed,
    exception: SaleException,
    caller: Caller,
  ): Result<Booking, Failure> {
    const staffId = staffOf(caller, body.staffId, heldBy);
    if (!staffId.ok) return staffId;
    const standing = holds.ofBasket(row.basketId)?.evaluationId;
    let owns = standing === row.evaluationId;
    let ended: readonly Known[] = [];
    const writeAll = (emit: Emit): EntryReply => {
      const reply = writeSale(context, parts.lotValidDays, {
        row,
        record,
        body,
        staffId: staffId.value,
        exception,
      });
      idempotency.keep(keyed, reply);
      if (body.staffId !== undefined && body.staffId !== staffId.value)
        noteStranger(row.evaluationId, body.staffId, staffId.value);
      // A late commit leaves alone a basket that was evaluated or held again since.
      owns ||=
        standing === undefined &&
        store.baskets.get(row.basketId)?.evaluationId === row.evaluationId;
      if (owns || standing === undefined) ended = endedBy(record, owns);
      if (owns)
        store.baskets.put({
          ...openBasketRow(context, row.basketId),
          ...settled(row, record),
          updatedAtMs: context.nowMs(),
          businessDay: context.businessDay(),
        });
      else if (ended.length > 0) noteIdentification(context, row.basketId, null, null);
      for (const one of ended)
        emit({ kind: 'identification', identification: identifications.view(one) });
      emit({
        kind: 'basket',
        basketId: row.basketId,
        evaluationId: row.evaluationId,
        state: 'COMMITTED',
        saleId: reply.saleId,
      });
      return reply;
    };
    return ok({
      write: writeAll,
      after(reply) {
        for (const one of ended) identifications.put(one);
        holds.forget(row.basketId, row.evaluationId);
        // A screen that shows the sale keeps every reason where they are still known.
        const shown = evaluations.get(row.evaluationId) ?? record;
        if (owns) evaluations.drop(row.basketId);
        for (const id of row.allowanceIds) allowance.settle(id);
        parts.onCommitted(row.basketId, shown, reply);
      },
    });
  }

  /** Nobody of a settled basket is left for its next shopper; of a basket that went on, only the member who was served. */
  function endedBy(record: HeldRecord, owns: boolean): Known[] {
    const wasServed = (known: Known) => known.identificationId === record.identificationId;
    return identifications
      .allOfBasket(record.basketId)
      .filter((known) => owns || wasServed(known))
      .map((known) => cleared(known, wasServed(known) ? 'done' : 'released'));
  }

  /**
   * Whoever held the sale answers for it, whatever became of their account in between, and where the request names
   * nobody who is known: money was taken, so a wrong staff id is looked at afterwards and refuses nothing.
   */
  function staffOf(
    caller: Caller,
    requested: string | undefined,
    heldBy: StaffId | undefined,
  ): Result<StaffId, Failure> {
    const isProgram = caller.kind === 'client';
    if (isProgram && heldBy !== undefined && requested === heldBy) return ok(heldBy);
    const who = staff.forEntry(caller, requested);
    return who.ok || heldBy === undefined || !isProgram ? who : ok(heldBy);
  }

  function noteStranger(evaluationId: EvaluationId, requested: string, bookedBy: StaffId): void {
    store.audit.append({
      atMs: context.nowMs(),
      staffId: bookedBy,
      action: 'commit-staff-unknown',
      detail: { evaluationId, requested },
    });
  }

  function prepare(
    caller: Caller,
    { id, body, keyed, creditMinor }: CommitToPrepare,
  ): Result<Booking, Failure> {
    const row = store.holds.get(id as EvaluationId);
    if (row === undefined)
      return err(
        failure(evaluations.get(id) === undefined ? 'evaluation-unknown' : 'not-held', 'id'),
      );
    if (row.state === 'COMMITTED') return err(failure('evaluation-committed', 'id'));
    if (row.basketHash !== body.basketHash) return err(failure('basket-changed', 'basketHash'));
    const held = readHoldBody(row);
    const late = latenessOf(row, context.nowMs());
    if (late !== null && body.payment === undefined) {
      return err(
        failure(late === 'late-commit' ? 'evaluation-expired' : 'evaluation-voided', 'id'),
      );
    }
    const kept = bodyKept(context, body);
    const exception = late ?? differenceOf(held.record, body, creditMinor);
    return bookingOf(row, held, kept, keyed, exception, caller);
  }

  function commit(caller: Caller, { id, key, body }: CommitRequest): Result<EntryReply, Failure> {
    const allowed = staff.allows(caller);
    if (!allowed.ok) return allowed;
    const keyed: Keyed = { clientId: keyOwner(caller), key, operation: 'commit', target: id, body };
    const earlier = idempotency.earlier(keyed);
    if (!earlier.ok) return earlier;
    if (earlier.value !== undefined) return ok(earlier.value);
    const booking = prepare(caller, { id, body, keyed, creditMinor: 0 });
    if (!booking.ok) return booking;
    const done = work(booking.value.write);
    if (done.ok) booking.value.after(done.value);
    return done;
  }

  return { commit, prepare };
}

/** The references as they are kept and printed: never with the digits of a payment code. */
function bodyKept(context: TillContext, { payment, ...body }: CommitBody): CommitBody {
  const referenceId = withoutPaymentCodes(context, body.referenceId);
  if (payment?.reference === undefined) return { ...body, payment, referenceId };
  const reference = withoutPaymentCodes(context, payment.reference);
  return { ...body, payment: { ...payment, reference }, referenceId };
}

function latenessOf(row: HoldRow, nowMs: number): Lateness {
  switch (row.state) {
    case 'HELD':
      return nowMs > row.deadlineMs ? 'late-commit' : null;
    case 'EXPIRED':
      return 'late-commit';
    case 'VOIDED':
      return 'commit-after-void';
    case 'EVALUATED':
    case 'COMMITTED':
      assert(false, `a hold to commit is not ${row.state}`);
      return null;
    default:
      return unreachable(row.state);
  }
}

/** Cash is rounded at the drawer: another amount than the one due is booked and looked at, never refused. */
function differenceOf(
  { evaluation }: HeldRecord,
  { payment }: CommitBody,
  creditMinor: number,
): SaleException {
  const dueMinor = Math.max(0, evaluation.payableMinor - creditMinor);
  return payment === undefined || payment.paidMinor === dueMinor ? null : 'payment-differs';
}

/** A settled basket keeps nothing of its member. */
function settled({ evaluationId }: HoldRow, { input, evaluation }: HeldRecord) {
  const { payableMinor } = evaluation;
  return {
    evaluationId,
    state: 'COMMITTED',
    memberId: null,
    identification: null,
    payableMinor,
    itemCount: itemCount(input),
  } as const;
}
