import type { AllowanceRefusal, AllowanceRequest } from '../../sync/client/ports.ts';
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
import type { Denied } from './engine-input.ts';
import { type Evaluate, itemCount } from './evaluate.ts';
import type { EvaluationRecord, Evaluations } from './evaluations.ts';
import type { HoldsIndex } from './holds-index.ts';
import type { Identifications } from './identifications.ts';
import type { StaffSessions } from './staff-session.ts';
import type { Caller } from './till.ts';

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

/** What a hold's row keeps as JSON until its sale is settled. */
export interface HoldBody {
  readonly record: EvaluationRecord;
  readonly staffId: StaffId;
}

export interface Hold {
  hold(caller: Caller, request: HoldRequest): Promise<Result<HoldReply, Failure>>;
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
          : ok(replyOf(row));
      default:
        return err(failure('evaluation-expired', 'id'));
    }
  }

  function replyOf(row: HoldRow): HoldReply {
    const { record } = JSON.parse(row.body) as HoldBody;
    return {
      evaluationId: row.evaluationId,
      state: row.state,
      payableMinor: record.evaluation.payableMinor,
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
    const older = holds.ofBasket(record.basketId);
    if (older !== undefined) {
      const ended = end(older, 'VOIDED');
      if (!ended.ok) return ended;
    }
    const deadlineMs = context.nowMs() + context.deps.config.holdDeadlineMs;
    const wanted = reservations(record, deadlineMs);
    const answers = await Promise.all(wanted.map((one) => allowance.reserve(one)));
    const giveBack = (): void => {
      for (const answer of answers) if (answer.ok) allowance.release(answer.value.allowanceId);
    };
    const denied = deniedBy(wanted, answers);
    if (denied !== null) {
      giveBack();
      const fresh = evaluate.again(record, denied);
      return fresh.ok
        ? err(failure('allowance-refused', 'id', { evaluation: fresh.value }))
        : fresh;
    }
    // Others may have acted while the holder was asked.
    const still = holdable(record.evaluationId, record.basketHash);
    if (!still.ok) {
      giveBack();
      return still;
    }
    const row: HoldRow = {
      evaluationId: record.evaluationId,
      basketId: record.basketId,
      basketHash: record.basketHash,
      memberId: record.memberId,
      state: 'HELD',
      deadlineMs,
      pointsReserved: record.evaluation.points.spent,
      couponsReserved: singleUseCoupons(record),
      allowanceIds: wanted.map((one) => one.allowanceId),
      saleId: null,
      body: JSON.stringify({ record, staffId } satisfies HoldBody),
    };
    const done = work((emit) => {
      store.holds.put(row);
      for (const code of row.couponsReserved) store.coupons.reserve(code, row.evaluationId);
      store.baskets.put({
        ...openBasketRow(context, row.basketId),
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
    holds.note(row.basketId, row.evaluationId);
    return ok(replyOf(row));
  }

  function end(row: HoldRow, state: 'VOIDED' | 'EXPIRED'): Result<void, Failure> {
    const done = work((emit) => {
      store.holds.setState(row.evaluationId, state, null);
      for (const code of row.couponsReserved) store.coupons.release(code, row.evaluationId);
      const basket = store.baskets.get(row.basketId);
      // A basket that was evaluated again since shows its newer state.
      if (basket?.evaluationId === row.evaluationId) store.baskets.put({ ...basket, state });
      emit({ kind: 'basket', basketId: row.basketId, evaluationId: row.evaluationId, state });
    });
    if (!done.ok) return done;
    for (const id of row.allowanceIds) allowance.release(id);
    holds.forget(row.basketId, row.evaluationId);
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
      const who = staff.forEntry(staffId);
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
    expire() {
      for (const row of store.holds.overdue(context.nowMs(), EXPIRE_BATCH))
        if (!end(row, 'EXPIRED').ok) return;
    },
  };
}

/** What the evaluation spends that others could spend too: points, and coupons that work once. */
function reservations(record: EvaluationRecord, holdUntilMs: number): AllowanceRequest[] {
  const { evaluationId, memberId, evaluation } = record;
  const coupons = singleUseCoupons(record).map((code) => ({ kind: 'coupon' as const, code }));
  const points =
    evaluation.points.spent > 0
      ? [{ kind: 'points' as const, points: evaluation.points.spent }]
      : [];
  return [...points, ...coupons].map((what, index) => ({
    allowanceId: `${evaluationId}.${index}`,
    memberId,
    evaluationId,
    what,
    holdUntilMs,
  }));
}

/** Codes that work once are those whose holder was asked; leaflet codes need no reservation. */
function singleUseCoupons({ evaluation, input }: EvaluationRecord): string[] {
  return evaluation.couponsUsed.filter((code) => Object.hasOwn(input.allowances.coupons, code));
}

/** What the refusals mean for another evaluation; null where everything was granted. */
function deniedBy(
  wanted: readonly AllowanceRequest[],
  answers: readonly Result<unknown, AllowanceRefusal>[],
): Denied | null {
  let points: Denied['points'];
  const coupons: Record<string, 'unreachable' | 'used'> = {};
  let refused = false;
  for (const [index, answer] of answers.entries()) {
    const what = wanted[index]?.what;
    if (answer.ok || what === undefined) continue;
    refused = true;
    const unreachable = answer.error.code === 'allowance-unreachable';
    if (what.kind === 'coupon') coupons[what.code] = unreachable ? 'unreachable' : 'used';
    else
      points = unreachable
        ? { reachable: false }
        : {
            reachable: true,
            available: 'available' in answer.error ? (answer.error.available ?? 0) : 0,
          };
  }
  return refused ? { ...(points === undefined ? {} : { points }), coupons } : null;
}
