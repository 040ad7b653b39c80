import type { MemberId } from '../../agent/contract/index.ts';
import { noteGaps } from '../../agent/store/incarnations.ts';
import type { CopiedTable } from '../../agent/store/salvage/copy-table.ts';
import {
  type JournalOf,
  type SettledLedger,
  settleSalvaged,
} from '../../agent/store/salvage/settle-salvaged.ts';
import { withoutTriggers } from '../../agent/store/salvage/without-triggers.ts';
import { createConnection } from '../../agent/store/sqlite/connection.ts';
import { commitSale } from './ledger.ts';
import { openTestStore, type TestStore } from './store.ts';

export interface LosingOptions {
  readonly journal?: JournalOf;
  /** Tables of which every row came over; absent = none. */
  readonly whole?: readonly string[];
}

/** Loses rows of a till as damaged pages do, and puts in order what is left and what the journal has. */
export function losing(
  till: TestStore,
  sql: string,
  { journal, whole = [] }: LosingOptions = {},
): SettledLedger {
  const copied = new Map<string, CopiedTable>(
    ['ledger', 'outbox', 'ledger_pruned'].map((table) => [
      table,
      { table, rows: 1, state: whole.includes(table) ? 'whole' : 'part', endRead: true },
    ]),
  );
  return till.withSql((db) => {
    db.pragma('foreign_keys=OFF');
    const settled = db.transaction(() =>
      withoutTriggers(db, () => {
        db.exec(sql);
        return settleSalvaged(db, copied, 0, 1, journal);
      }),
    )();
    const gaps = settled.lost.map((range) => ({ ...range, report: 'salvage.json' }));
    noteGaps(createConnection(db), gaps);
    return settled;
  });
}

/** Sales `s` and audit rows `a`, in this order. */
export function sold(order: string): TestStore {
  const till = openTestStore();
  let n = 0;
  for (const what of order)
    if (what === 's') commitSale(till.store, ++n, 'm-1' as MemberId);
    else till.store.audit.append({ atMs: 1, staffId: null, action: 'x', detail: {} });
  return till;
}

/** What goes up next: seq of an entry, else its kind. */
export const waiting = ({ store }: TestStore) =>
  store.sync
    .nextUpload(100, 4_000_000)
    .map((item) =>
      item.kind === 'entry' || item.kind === 'former' ? JSON.parse(item.header).seq : item.kind,
    );
