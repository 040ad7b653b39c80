import {
  type EvaluationId,
  err,
  type Failure,
  failure,
  type HoldReply,
  ok,
  type Result,
  type StaffId,
  toInstant,
} from '../contract/index.ts';
import type { HoldRow } from '../store/store.ts';
import { openBasketRow } from './basket-rows.ts';
import type { TillContext } from './context.ts';
import { couponsGone } from './coupon-claims.ts';
import { type Denied, NOTHING_DENIED } from './engine-input.ts';
import { type Evaluate, itemCount } from './evaluate.ts';
import type { EvaluationRecord, Evaluations } from './evaluations.ts';
import { endedHoldBody, readHoldBody, writeHoldBody } from './held-record.ts';
import { deniedBy, reservations } from './hold-reservations.ts';
import type { HoldsIndex } from './holds-index.ts';
import type { Identifications } from './identifications.ts';
import { releaseAllowances } from './release-allowances.ts';
import { pointsToReserve } from './reserved-points.ts';
import { takeUses, usesLeft } from './rule-uses.ts';
import type { StaffSessions } from './staff-session.ts';
import type { Caller } from './till.ts';
import type { Emit } from './work.ts';

/** Overdue holds settled in one go; the rest waits for the next. */
export const EXPIRE_BATCH = 100;

export interface HoldParts {
  readonly context: TillContext;
  readonly evaluations: Evaluations;
  readonly evaluate: Evaluate;
  readonly holds: HoldsIndex;
  readonly identifications: Identifications;
  readonly staff: StaffSessions;
}

export interface HoldRequest {
  readonly id: string;
  readonly basketHash: string;
  readonly staffId?: string | undefined;
}

export interface Hold {
  hold(caller: Caller, request: HoldRequest): Promise<Result<HoldReply, Failure>>;
  /** Whether a hold waits for its allowance at this moment. */
  isUnderWay(): boolean;
  /** Ends holds whose deadline has passed and gives back what they reserved. */
  expire(): void;
}

/** Reserves what a sale will spend, durably and until a deadline, before payment is taken. */
export function createHold({
  context,
  evaluations,
  evaluate,
  holds,
  identifications,
  staff,
}: HoldParts): Hold {
  const { store, work } = context;
  const { allowance } = context.deps.headquarters;
  const underWay = new Map<string, Promise<Result<HoldReply, Failure>>>();

  /** The same evaluation, held before: the same answer, unless it is over. */
  function repeated(row: HoldRow, basketHash: string): Result<HoldReply, Failure> {
    if (row.basketHash !== basketHash) return err(failure('basket-changed', 'basketHash'));
    switch (row.state) {
      case 'COMMITTED':
        return err(failure('evaluation-committed', 'id'));
      case 'VOIDED':
        return err(failure('evaluation-voided', 'id'));
      case 'HELD':
        return context.nowMs() > row.deadlineMs
          ? err(failure('evaluation-expired', 'id'))
          : ok(replyOf(row, readHoldBody(row).record.evaluation.payableMinor));
      default:
        return err(failure('evaluation-expired', 'id'));
    }
  }

  function replyOf(row: HoldRow, payableMinor: number): HoldReply {
    return {
      evaluationId: row.evaluationId,
      state: row.state,
      payableMinor,
      pointsReserved: row.pointsReserved,
      couponsReserved: [...row.couponsReserved],
      deadline: toInstant(row.deadlineMs),
    };
  }

  /** An evaluation may be held while it is the last word on its basket and its member is still there. */
  function holdable(id: string, basketHash: string): Result<EvaluationRecord, Failure> {
    const record = evaluations.get(id);
    if (record === undefined) return err(failure('evaluation-unknown', 'id'));
    if (context.nowMs() >= record.expiresAtMs) return err(failure('evaluation-expired', 'id'));
    const superseded = evaluations.latest(record.basketId)?.basketHash !== record.basketHash;
    if (record.basketHash !== basketHash || superseded)
      return err(failure('basket-changed', 'basketHash'));
    const bound = identifications.ofBasket(record.basketId);
    const sameMember =
      record.memberId === null ||
      (bound?.outcome === 'identified' && bound.memberId === record.memberId);
    return sameMember ? ok(record) : err(failure('basket-changed', 'identificationId'));
  }

  async function reserve(
    record: EvaluationRecord,
    staffId: StaffId,
  ): Promise<Result<HoldReply, Failure>> {
    const deadlineMs = context.nowMs() + context.deps.config.holdDeadlineMs;
    const wanted = reservations(record, deadlineMs, holds.ofBasket(record.basketId)?.evaluationId);
    const answers = await Promise.all(wanted.map((one) => allowance.reserve(one)));
    const granted = answers.flatMap((answer) => (answer.ok ? answer.value.allowanceId : []));
    const giveBack = (): void => releaseAllowances(context, granted);
    const denied = deniedBy(record, wanted, answers);
    if (denied !== null) {
      giveBack();
      return refused(record, denied);
    }
    // Others may have acted while the holder was asked.
    const still = holdable(record.evaluationId, record.basketHash);
    if (!still.ok) {
      giveBack();
      return still;
    }
    const older = holds.ofBasket(record.basketId);
    // Nothing runs between this look and the transaction below, so no two holds take the same last use.
    if (!usesLeft(context, record, older?.evaluationId)) {
      giveBack();
      return refused(record, NOTHING_DENIED);
    }
    const gone = couponsGone(context, record.coupons, older?.evaluationId);
    if (gone.length > 0) {
      giveBack();
      return refused(record, { coupons: Object.fromEntries(gone.map((code) => [code, 'used'])) });
    }
    const row: HoldRow = {
      evaluationId: record.evaluationId,
      basketId: record.basketId,
      basketHash: record.basketHash,
      memberId: record.memberId,
      state: 'HELD',
      deadlineMs,
      ...pointsToReserve(record.evaluation.points),
      couponsReserved: record.coupons.map(({ code }) => code),
      allowanceIds: granted,
      saleId: null,
      body: writeHoldBody(record, staffId),
    };
    const done = work((emit) => {
      const basket = openBasketRow(context, row.basketId);
      // The older hold stands until this one does: refused, the shopper still has what was promised.
      if (older !== undefined) writeEnd(emit, older, 'VOIDED');
      store.holds.put(row);
      for (const { code, times } of record.coupons)
        store.coupons.reserve(code, row.evaluationId, times);
      takeUses(context, record);
      store.baskets.put({
        ...basket,
        evaluationId: row.evaluationId,
        state: 'HELD',
        memberId: row.memberId,
        itemCount: itemCount(record.request),
        payableMinor: record.evaluation.payableMinor,
        updatedAtMs: context.nowMs(),
      });
      emit({
        kind: 'basket',
        basketId: row.basketId,
        evaluationId: row.evaluationId,
        state: 'HELD',
      });
    });
    if (!done.ok) {
      giveBack();
      return done;
    }
    if (older !== undefined) forget(older);
    holds.note(row.basketId, row.evaluationId);
    spendOverrides(record);
    return ok(replyOf(row, record.evaluation.payableMinor));
  }

  /** What somebody else was quicker to take is not there any more: what the basket costs without it. */
  function refused(record: EvaluationRecord, denied: Denied): Result<never, Failure> {
    const fresh = evaluate.again(record, denied);
    if (!fresh.ok) return fresh;
    // Failures carry no member, not even at a glance; evaluate shows them to whoever asks.
    const { member: _shown, ...evaluation } = fresh.value;
    return err(failure('allowance-refused', 'id', { evaluation }));
  }

  /** A manager's word was for once: what this hold rests on is not there for the next one. */
  function spendOverrides({ basketId, identificationId, decisions }: EvaluationRecord): void {
    const known = identifications.ofBasket(basketId);
    const spent = decisions
      .filter(({ reasons }) => reasons.some(({ code }) => code === 'overridden'))
      .map(({ action }) => action);
    if (known === undefined || known.identificationId !== identificationId || spent.length === 0)
      return;
    const overrides = known.overrides.filter(({ action }) => !spent.includes(action));
    identifications.put({ ...known, overrides });
  }

  function writeEnd(emit: Emit, row: HoldRow, state: 'VOIDED' | 'EXPIRED'): void {
    store.holds.put({ ...row, state, body: endedHoldBody(row) });
    for (const code of row.couponsReserved) store.coupons.release(code, row.evaluationId);
    store.ruleUses.giveBack(row.evaluationId);
    const basket = store.baskets.get(row.basketId);
    // A basket that was evaluated again since shows its newer state.
    if (basket?.evaluationId === row.evaluationId) store.baskets.put({ ...basket, state });
    emit({ kind: 'basket', basketId: row.basketId, evaluationId: row.evaluationId, state });
  }

  function forget(row: HoldRow): void {
    releaseAllowances(context, row.allowanceIds);
    holds.forget(row.basketId, row.evaluationId);
  }

  function expireOne(row: HoldRow): Result<void, Failure> {
    const done = work((emit) => writeEnd(emit, row, 'EXPIRED'));
    if (done.ok) forget(row);
    return done;
  }

  return {
    hold(caller, { id, basketHash, staffId }) {
      const allowed = staff.allows(caller);
      if (!allowed.ok) return Promise.resolve(allowed);
      const row = store.holds.get(id as EvaluationId);
      if (row !== undefined) return Promise.resolve(repeated(row, basketHash));
      const record = holdable(id, basketHash);
      if (!record.ok) return Promise.resolve(record);
      const who = staff.forEntry(caller, staffId);
      if (!who.ok) return Promise.resolve(who);
      const same = underWay.get(record.value.basketId);
      // One hold of a basket at a time: a second one looks again when the first is through.
      const next = (same ?? Promise.resolve()).then(() => {
        const now = store.holds.get(id as EvaluationId);
        if (now !== undefined) return repeated(now, basketHash);
        const still = holdable(id, basketHash);
        return still.ok ? reserve(still.value, who.value) : still;
      });
      underWay.set(record.value.basketId, next);
      return next.finally(() => {
        if (underWay.get(record.value.basketId) === next) underWay.delete(record.value.basketId);
      });
    },
    isUnderWay: () => underWay.size > 0,
    expire() {
      for (const row of store.holds.overdue(context.nowMs(), EXPIRE_BATCH))
        if (!expireOne(row).ok) return;
    },
  };
}
