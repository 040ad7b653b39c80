import {
  assert,
  type BasketId,
  type EntryException,
  type EntryReply,
  type EvaluationId,
  err,
  type Failure,
  failure,
  ok,
  type Result,
  type SaleId,
  type StaffId,
  unreachable,
} from '../contract/index.ts';
import type { HoldRow } from '../store/store.ts';
import { appendEntry } from './append-entry.ts';
import { openBasketRow } from './basket-rows.ts';
import type { TillContext } from './context.ts';
import { itemCount } from './evaluate.ts';
import type { EvaluationRecord, Evaluations } from './evaluations.ts';
import type { HoldBody } from './hold.ts';
import type { HoldsIndex } from './holds-index.ts';
import { type Idempotency, type Keyed, keyOwner } from './idempotency.ts';
import { cleared, type Identifications } from './identifications.ts';
import { saleReceipt } from './receipt.ts';
import { moveSalePoints } from './sale-points.ts';
import type { SoldRecord } from './sold-record.ts';
import type { StaffSessions } from './staff-session.ts';
import type { Caller, Till } from './till.ts';

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
  readonly onCommitted: (basketId: BasketId, record: EvaluationRecord, reply: EntryReply) => void;
}

export type Commit = (caller: Caller, request: CommitRequest) => Result<EntryReply, Failure>;

type Lateness = Exclude<EntryException, 'clock-set-back'> | null;

/**
 * Books the paid sale in one transaction: entry, points, coupons, outbox, answer and event are on the disk together or
 * not at all. Inside the hold's deadline no business reason refuses it; after it, proof of payment makes it an
 * exception that a person looks at.
 */
export function createCommit(parts: CommitParts): Commit {
  const { context, idempotency, evaluations, holds, identifications, staff } = parts;
  const { store, work } = context;
  const { allowance } = context.deps.headquarters;

  function book(
    row: HoldRow,
    { record, staffId: heldBy }: HoldBody,
    body: CommitBody,
    keyed: Keyed,
    exception: Lateness,
  ): Result<EntryReply, Failure> {
    const staffId = staffOf(body.staffId, heldBy);
    if (!staffId.ok) return staffId;
    // A late commit leaves alone a basket that was held again since.
    const newer = holds.ofBasket(row.basketId)?.evaluationId;
    const owns = newer === undefined || newer === row.evaluationId;
    const known = owns ? identifications.ofBasket(row.basketId) : undefined;
    const served =
      known !== undefined && known.identificationId === record.identificationId
        ? cleared(known, 'done')
        : undefined;
    const done = work((emit) => {
      const reply = write(row, record, body, staffId.value, exception);
      idempotency.keep(keyed, reply);
      if (owns)
        store.baskets.put({
          ...openBasketRow(context, row.basketId),
          ...settled(row, record),
          updatedAtMs: context.nowMs(),
        });
      if (served !== undefined)
        emit({ kind: 'identification', identification: identifications.view(served) });
      emit({
        kind: 'basket',
        basketId: row.basketId,
        evaluationId: row.evaluationId,
        state: 'COMMITTED',
        saleId: reply.saleId,
      });
      return reply;
    });
    if (!done.ok) return done;
    if (served !== undefined) identifications.put(served);
    holds.forget(row.basketId, row.evaluationId);
    if (owns) evaluations.drop(row.basketId);
    for (const id of row.allowanceIds) allowance.settle(id);
    parts.onCommitted(row.basketId, record, done.value);
    return done;
  }

  /** Whoever held the sale may finish it, whatever became of their account in between. */
  function staffOf(requested: string | undefined, heldBy: StaffId): Result<StaffId, Failure> {
    if (requested === heldBy) return ok(heldBy);
    const who = staff.forEntry(requested, 'body.staffId');
    return !who.ok && requested === undefined ? ok(heldBy) : who;
  }

  function write(
    row: HoldRow,
    record: EvaluationRecord,
    body: CommitBody,
    staffId: StaffId,
    exception: Lateness,
  ): EntryReply {
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
    });
    const { seq } = entry.header;
    const points = { seq, saleId, points: evaluation.points, channel: record.request.channel };
    const lotValidDays = parts.lotValidDays(evaluation.ruleSetVersion);
    const pointsBalance =
      memberId === null
        ? undefined
        : moveSalePoints(context, { ...points, memberId, lotValidDays });
    for (const code of row.couponsReserved) store.coupons.use(code, row.evaluationId);
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
      receipt: saleReceipt(context, { evaluation, referenceId: body.referenceId, pointsBalance }),
    };
  }

  return (caller, { id, key, body }) => {
    const keyed: Keyed = { clientId: keyOwner(caller), key, operation: 'commit', target: id, body };
    const earlier = idempotency.earlier(keyed);
    if (!earlier.ok) return earlier;
    if (earlier.value !== undefined) return ok(earlier.value);
    const row = store.holds.get(id as EvaluationId);
    if (row === undefined)
      return err(
        failure(evaluations.get(id) === undefined ? 'evaluation-unknown' : 'not-held', 'id'),
      );
    if (row.state === 'COMMITTED') return err(failure('evaluation-committed', 'id'));
    if (row.basketHash !== body.basketHash)
      return err(failure('basket-changed', 'body.basketHash'));
    const held = JSON.parse(row.body) as HoldBody;
    const { payableMinor } = held.record.evaluation;
    if (body.payment !== undefined && body.payment.paidMinor !== payableMinor) {
      return err(failure('payment-differs', 'body.payment.paidMinor', { payableMinor }));
    }
    const late = latenessOf(row, context.nowMs());
    if (late !== null && body.payment === undefined) {
      return err(
        failure(late === 'late-commit' ? 'evaluation-expired' : 'evaluation-voided', 'id'),
      );
    }
    return book(row, held, body, keyed, late);
  };
}

/** One evaluation is at most one sale, so they share their id and the sale's record is found by it. */
export function saleIdOf(evaluationId: EvaluationId): SaleId {
  return evaluationId as string as SaleId;
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

/**
 * What a sale rests on, for replay: input and decisions whole; of the rules only those that did something, without
 * their sentences, because the rule set of the sale and the input give the others again.
 */
function sealedBody(record: EvaluationRecord, { referenceId, payment }: CommitBody) {
  const { outcomes, ...figures } = record.evaluation;
  const applied = outcomes
    .filter((outcome) => outcome.status === 'applied')
    .map(({ ruleId, discountMinor, points }) => ({ ruleId, discountMinor, points }));
  const { basketId, evaluationId, basketHash, input, decisions, memberId } = record;
  return {
    v: 1,
    basketId,
    evaluationId,
    basketHash,
    input,
    evaluation: { ...figures, applied },
    decisions,
    memberId,
    referenceId,
    payment: payment ?? null,
  };
}

/** A settled basket keeps nothing of its member. */
function settled({ evaluationId }: HoldRow, { request, evaluation }: EvaluationRecord) {
  const { payableMinor } = evaluation;
  return {
    evaluationId,
    state: 'COMMITTED',
    memberId: null,
    identification: null,
    payableMinor,
    itemCount: itemCount(request),
  } as const;
}

function soldRecord(
  { evaluation, policyVersion }: EvaluationRecord,
  { referenceId }: CommitBody,
  seq: number,
): SoldRecord {
  const { currency, ruleSetVersion, lines } = evaluation;
  return {
    v: 1,
    seq,
    currency,
    ruleSetVersion,
    policyVersion,
    referenceId,
    lines,
    returned: {},
    clawedBack: 0,
    givenBack: 0,
  };
}
