import type { SaleId } from '../contract/index.ts';
import type { LedgerRow, Store } from '../store/store.ts';
import { REPLAY_STATES, type Replay, type ReplayState, type SaleReplay } from './replay.ts';

/** Entries read at a time. */
const PAGE_ENTRIES = 500;
/** Sales that a report names one by one; all are counted. */
export const REPLAY_FINDINGS_MAX = 1_000;

/** Which sales to replay: one by its id or by the seq of its entry, or all of some business days, both inclusive. */
export type ReplaySelection =
  | { readonly saleId: string }
  | { readonly seq: number }
  /** `YYYY-MM-DD`; absent = from the first, to the last. */
  | { readonly fromDay?: string | undefined; readonly toDay?: string | undefined };

/** What became of the sales that were replayed. */
export interface ReplayReport {
  readonly sales: number;
  readonly states: Readonly<Record<ReplayState, number>>;
  /** The sales that were not equal, oldest first, the first {@link REPLAY_FINDINGS_MAX}. */
  readonly findings: readonly SaleReplay[];
}

/** The states that are nobody's fault. */
const IN_ORDER: readonly ReplayState[] = ['equal', 'erased', 'input-cleared'];

/** Whether nothing in a report needs looking at. */
export function isInOrder({ states }: Pick<ReplayReport, 'states'>): boolean {
  return REPLAY_STATES.every((state) => IN_ORDER.includes(state) || states[state] === 0);
}

/** The sales that a selection chooses, in their order. */
export function* salesOf(
  ledger: Store['ledger'],
  selection: ReplaySelection,
): Generator<LedgerRow, void, void> {
  for (const row of rowsOf(ledger, selection)) if (row.header.kind === 'sale') yield row;
}

function* rowsOf(
  ledger: Store['ledger'],
  selection: ReplaySelection,
): Generator<LedgerRow, void, void> {
  if ('saleId' in selection) return yield* ledger.bySale(selection.saleId as SaleId);
  if ('seq' in selection) {
    const row = ledger.bySeq(selection.seq);
    if (row !== undefined) yield row;
    return;
  }
  const { fromDay = '', toDay = '9999-12-31' } = selection;
  for (let after = ledger.base().seq; ; ) {
    const page = ledger.after(after, PAGE_ENTRIES);
    for (const row of page)
      if (row.header.businessDay >= fromDay && row.header.businessDay <= toDay) yield row;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.header.seq;
  }
}

/** Replays sales one after the other and counts what was found. */
export function replayAll(rows: Iterable<LedgerRow>, replay: Replay): ReplayReport {
  const states = Object.fromEntries(REPLAY_STATES.map((state) => [state, 0])) as Record<
    ReplayState,
    number
  >;
  const findings: SaleReplay[] = [];
  let sales = 0;
  for (const row of rows) {
    const { basis: _whole, evaluation: _explained, ...found } = replay(row);
    sales += 1;
    states[found.state] += 1;
    if (found.state !== 'equal' && findings.length < REPLAY_FINDINGS_MAX) findings.push(found);
  }
  return { sales, states, findings };
}
