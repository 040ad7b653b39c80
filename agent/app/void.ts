import {
  type EntryReply,
  type EvaluationId,
  err,
  type Failure,
  failure,
  ok,
  type Result,
  type StaffId,
} from '../contract/index.ts';
import type { HoldRow } from '../store/store.ts';
import { appendEntry, NO_FIGURES } from './append-entry.ts';
import { openBasketRow } from './basket-rows.ts';
import type { TillContext } from './context.ts';
import { noFacts } from './entry-facts.ts';
import type { Evaluations } from './evaluations.ts';
import { endedHoldBody, type HeldRecord, readHoldBody, writeHoldBody } from './held-record.ts';
import type { HoldsIndex } from './holds-index.ts';
import { type Idempotency, type Keyed, keyOwner } from './idempotency.ts';
import { cleared, type Identifications } from './identifications.ts';
import { withoutPaymentCodes } from './payment-codes.ts';
import { voidReceipt } from './receipt.ts';
import { releaseAllowances } from './release-allowances.ts';
import type { StaffSessions } from './staff-session.ts';
import type { Caller, Till } from './till.ts';
import { saleIdOf } from './write-sale.ts';

export type VoidRequest = Parameters<Till['voidEvaluation']>[1];

export interface VoidParts {
  readonly context: TillContext;
  readonly idempotency: Idempotency;
  readonly evaluations: Evaluations;
  readonly holds: HoldsIndex;
  readonly identifications: Identifications;
  readonly staff: StaffSessions;
}

export type VoidEvaluation = (caller: Caller, request: VoidRequest) => Result<EntryReply, Failure>;

/** What is voided: a hold, or an evaluation that nobody held. */
interface Target {
  readonly record: HeldRecord;
  readonly row: HoldRow | undefined;
}

/** Ends a sale that was not paid: reservations go back, the basket is closed, the member is cleared, an entry says why. */
export function createVoid({
  context,
  idempotency,
  evaluations,
  holds,
  identifications,
  staff,
}: VoidParts): VoidEvaluation {
  const { store, work } = context;

  function targetOf(id: string): Result<Target, Failure> {
    const row = store.holds.get(id as EvaluationId);
    if (row?.state === 'COMMITTED') return err(failure('evaluation-committed', 'id'));
    if (row?.state === 'VOIDED') return err(failure('evaluation-voided', 'id'));
    const record = row === undefined ? evaluations.get(id) : readHoldBody(row).record;
    return record === undefined ? err(failure('evaluation-unknown', 'id')) : ok({ record, row });
  }

  function book(
    { record, row }: Target,
    keyed: Keyed,
    reason: string,
    staffId: StaffId,
  ): Result<EntryReply, Failure> {
    const { basketId, evaluationId } = record;
    context.settle();
    // Where the basket was evaluated or held again since, only the old evaluation ends.
    const basket = openBasketRow(context, basketId);
    const owns = basket.evaluationId === evaluationId;
    const released = owns
      ? identifications.allOfBasket(basketId).map((known) => cleared(known, 'released'))
      : [];
    const done = work((emit) => {
      const reply = write(record, reason, staffId);
      const ended = row ?? neverHeld(record);
      store.holds.put({ ...ended, state: 'VOIDED', body: endedHoldBody(ended) });
      for (const code of row?.couponsReserved ?? []) store.coupons.release(code, evaluationId);
      if (row !== undefined) store.ruleUses.giveBack(evaluationId);
      if (owns)
        store.baskets.put({
          ...basket,
          state: 'VOIDED',
          memberId: null,
          identification: null,
          updatedAtMs: context.nowMs(),
        });
      idempotency.keep(keyed, reply);
      for (const one of released)
        emit({ kind: 'identification', identification: identifications.view(one) });
      emit({ kind: 'basket', basketId, evaluationId, state: 'VOIDED' });
      return reply;
    });
    if (!done.ok) return done;
    for (const one of released) identifications.put(one);
    releaseAllowances(context, row?.allowanceIds ?? []);
    holds.forget(basketId, evaluationId);
    if (owns) evaluations.drop(basketId);
    return done;
  }

  function neverHeld(record: HeldRecord): HoldRow {
    const { evaluationId, basketId, basketHash, memberId } = record;
    return {
      evaluationId,
      basketId,
      basketHash,
      memberId,
      state: 'VOIDED',
      deadlineMs: context.nowMs(),
      pointsReserved: 0,
      couponsReserved: [],
      allowanceIds: [],
      saleId: null,
      body: writeHoldBody(record),
    };
  }

  function write(record: HeldRecord, reason: string, staffId: StaffId): EntryReply {
    const { evaluationId, basketId, memberId, evaluation } = record;
    const saleId = saleIdOf(evaluationId);
    const { header, hash } = appendEntry(context, {
      ...NO_FIGURES,
      kind: 'void',
      staffId,
      saleId,
      returnId: null,
      ruleSetVersion: evaluation.ruleSetVersion,
      policyVersion: record.policyVersion,
      exception: null,
      subject: memberId ?? 'guest',
      body: {
        v: 1,
        basketId,
        evaluationId,
        memberId,
        reason,
        payableMinor: evaluation.payableMinor,
      },
      facts: noFacts(memberId),
    });
    return {
      kind: 'void',
      state: 'VOIDED',
      evaluationId,
      saleId,
      entryId: header.entryId,
      seq: header.seq,
      hash,
      at: header.at,
      payableMinor: 0,
      pointsEarned: 0,
      pointsSpent: 0,
      exception: header.exception,
      receipt: voidReceipt(),
    };
  }

  return (caller, { id, key, body }) => {
    const allowed = staff.allows(caller);
    if (!allowed.ok) return allowed;
    const keyed: Keyed = { clientId: keyOwner(caller), key, operation: 'void', target: id, body };
    const earlier = idempotency.earlier(keyed);
    if (!earlier.ok) return earlier;
    if (earlier.value !== undefined) return ok(earlier.value);
    const target = targetOf(id);
    if (!target.ok) return target;
    const staffId = staff.forEntry(caller, body.staffId);
    if (!staffId.ok) return staffId;
    const reason = withoutPaymentCodes(context, body.reason);
    return book(target.value, keyed, reason, staffId.value);
  };
}
