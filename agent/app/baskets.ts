import {
  type BasketId,
  type EntryReply,
  type EvaluateReply,
  err,
  type Failure,
  failure,
  OPEN_BASKETS_MAX,
  type OpenBasket,
  ok,
  type Result,
  toInstant,
} from '../contract/index.ts';
import { maskName } from '../domain/privacy/mask-name.ts';
import type { BasketRow } from '../store/store.ts';
import { openEntry } from './append-entry.ts';
import type { TillContext } from './context.ts';
import type { Evaluate } from './evaluate.ts';
import type { Evaluations } from './evaluations.ts';
import { type HeldRecord, readHoldBody } from './held-record.ts';
import { readSoldRecord } from './sold-record.ts';

/** Sales whose receipt a screen that opens late can still show. */
export const RECEIPTS_MAX = 200;
/** Ledger rows looked through for the list of recent sales: voids and overrides lie between. */
const RECENT_ROWS_FACTOR = 5;

export interface RecentSale {
  readonly saleId: string;
  readonly at: string;
  readonly payableMinor: number;
  readonly kind: string;
  readonly referenceId: string;
  readonly maskedName?: string | undefined;
}

export interface Baskets {
  /** Sales begun and not finished; the last one touched is the current one, the others are parked. */
  open(): readonly OpenBasket[];
  show(basketId: string): Result<EvaluateReply & { receipt?: EntryReply | undefined }, Failure>;
  recentSales(limit: number): readonly RecentSale[];
  noteCommitted(basketId: BasketId, record: HeldRecord, reply: EntryReply): void;
}

/** What screens ask about sales; changes nothing. */
export function createBaskets(
  context: TillContext,
  evaluations: Evaluations,
  evaluate: Evaluate,
): Baskets {
  const { store } = context;
  const committed = new Map<
    string,
    { readonly record: HeldRecord; readonly receipt: EntryReply }
  >();

  function maskedNameOf(memberId: string | null): { maskedName?: string } {
    const member =
      memberId === null
        ? undefined
        : store.members.byId(memberId as NonNullable<BasketRow['memberId']>);
    return member === undefined ? {} : { maskedName: maskName(member.name) };
  }

  /** The last evaluation: in memory, else in the hold that survived a restart. */
  function recordOf(basketId: string): HeldRecord | undefined {
    const remembered = evaluations.latest(basketId);
    if (remembered !== undefined) return remembered;
    const row = store.baskets.get(basketId as BasketId);
    const hold = row?.evaluationId == null ? undefined : store.holds.get(row.evaluationId);
    if (hold === undefined || hold.state === 'COMMITTED') return undefined;
    return readHoldBody(hold).record;
  }

  return {
    open() {
      context.settle();
      return store.baskets
        .open(OPEN_BASKETS_MAX)
        .flatMap(
          (
            { basketId, evaluationId, state, memberId, itemCount, payableMinor, updatedAtMs },
            index,
          ) =>
            evaluationId === null
              ? []
              : [
                  {
                    basketId,
                    evaluationId,
                    state,
                    current: index === 0,
                    ...maskedNameOf(memberId),
                    itemCount,
                    payableMinor,
                    updatedAt: toInstant(updatedAtMs),
                  },
                ],
        );
    },
    show(basketId) {
      const done = committed.get(basketId);
      const record = recordOf(basketId);
      if (record !== undefined) return ok(evaluate.reply(record));
      if (done === undefined) return err(failure('evaluation-unknown', 'basketId'));
      return ok({ ...evaluate.reply(done.record), receipt: done.receipt });
    },
    recentSales(limit) {
      const rows = store.ledger
        .recent(limit * RECENT_ROWS_FACTOR)
        .filter(({ header }) => header.kind === 'sale' || header.kind === 'return');
      return rows.slice(0, limit).map((row) => {
        const { saleId, at, payableMinor, kind } = row.header;
        const sale = store.holds.get(saleId as string as HeldRecord['evaluationId']);
        const opened = openEntry(context, row);
        const memberId = opened.ok ? (opened.value as { memberId: string | null }).memberId : null;
        const referenceId = sale?.state === 'COMMITTED' ? readSoldRecord(sale).referenceId : '';
        return { saleId, at, payableMinor, kind, referenceId, ...maskedNameOf(memberId) };
      });
    },
    noteCommitted(basketId, record, receipt) {
      committed.delete(basketId);
      committed.set(basketId, { record, receipt });
      const [oldest] = committed.keys();
      if (committed.size > RECEIPTS_MAX && oldest !== undefined) committed.delete(oldest);
    },
  };
}
