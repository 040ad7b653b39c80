import { describe, expect, test } from 'vitest';
import type { MemberId } from '../../../../agent/contract/index.ts';
import { noteGaps } from '../../../../agent/store/incarnations.ts';
import type { CopiedTable } from '../../../../agent/store/salvage/copy-table.ts';
import {
  type JournalOf,
  type SettledLedger,
  settleSalvaged,
} from '../../../../agent/store/salvage/settle-salvaged.ts';
import { withoutTriggers } from '../../../../agent/store/salvage/without-triggers.ts';
import { createConnection } from '../../../../agent/store/sqlite/connection.ts';
import { journalIn } from '../../../support/journal.ts';
import { commitSale } from '../../../support/ledger.ts';
import { openTestStore, type TestStore } from '../../../support/store.ts';

const COPIED = new Map<string, CopiedTable>(
  ['ledger', 'outbox'].map((table) => [table, { table, rows: 1, state: 'part', endRead: true }]),
);

/** Loses rows of a till as damaged pages do, and puts in order what is left and what the journal has. */
function losing(till: TestStore, sql: string, journal?: JournalOf): SettledLedger {
  return till.withSql((db) => {
    db.pragma('foreign_keys=OFF');
    const settled = db.transaction(() =>
      withoutTriggers(db, () => {
        db.exec(sql);
        return settleSalvaged(db, COPIED, 0, 1, journal);
      }),
    )();
    const gaps = settled.lost.map((range) => ({ ...range, report: 'salvage.json' }));
    noteGaps(createConnection(db), gaps);
    return settled;
  });
}

/** Sales `s` and audit rows `a`, in this order. */
function sold(order: string): TestStore {
  const till = openTestStore();
  let n = 0;
  for (const what of order)
    if (what === 's') commitSale(till.store, ++n, 'm-1' as MemberId);
    else till.store.audit.append({ atMs: 1, staffId: null, action: 'x', detail: {} });
  return till;
}

/** What goes up next: seq of an entry, else its kind. */
const waiting = ({ store }: TestStore) =>
  store.sync
    .nextUpload(100, 4_000_000)
    .map((item) =>
      item.kind === 'entry' || item.kind === 'former' ? JSON.parse(item.header).seq : item.kind,
    );

describe('rows of the outbox that are lost', () => {
  test('are made again so that entries stay in the order of their numbers', () => {
    const till = sold('ssaasssss');
    const settled = losing(till, 'DELETE FROM outbox WHERE no IN (3, 4, 7)');
    expect(settled.headProved).toBe(true);
    till.reopen();
    expect(waiting(till)).toEqual([1, 2, 'audit', 'audit', 3, 4, 5, 6, 7]);
  });

  test('with entries that the journal has are told as lost only where they were no entry', () => {
    const till = sold('ssasss');
    const { entries } = journalIn(till);
    const journal: JournalOf = (isWanted) => entries.filter(({ ledger }) => isWanted(ledger.seq));
    const settled = losing(till, 'DELETE FROM outbox; DELETE FROM ledger WHERE seq = 5', journal);
    expect(settled).toMatchObject({ lost: [], fromJournal: { entries: [5] } });
    till.reopen();
    expect(waiting(till)).toEqual([1, 2, 3, 4, 'audit', 5]);
  });

  test('end under a fresh incarnation where an entry finds no place between its neighbours', () => {
    const till = sold('sss');
    const settled = losing(
      till,
      'DELETE FROM outbox WHERE no = 2; UPDATE outbox SET no = 2 WHERE no = 3',
    );
    expect(settled.headProved).toBe(false);
  });

  test('of entries that were received are made again, so that a headquarters that was restored gets them', () => {
    const till = sold('ssssss');
    losing(
      till,
      'UPDATE sync_state SET received_no = 5, received_seq = 5; DELETE FROM outbox WHERE no IN (1, 3, 4)',
    );
    const { sync } = till.reopen();
    sync.sendAgain(2, 2);
    expect(waiting(till)).toEqual([3, 4, 5, 6]);
    sync.sendAgain(0, 0);
    expect(waiting(till)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe('a received entry that is lost', () => {
  const lost = () => {
    const till = sold('ssss');
    losing(
      till,
      'UPDATE sync_state SET received_no = 4, received_seq = 4; DELETE FROM ledger WHERE seq = 2',
    );
    till.reopen();
    return till;
  };

  test('is told in its place when all goes up again, and breaks nothing', () => {
    const till = lost();
    till.store.sync.sendAgain(1, 1);
    expect(waiting(till)).toEqual(['audit', 3, 4]);
  });

  test('makes the till go on under a fresh incarnation once headquarters is behind it', () => {
    const till = lost();
    const head = (seq: number) => ({ seq, hash: till.store.ledger.bySeq(seq)?.hash ?? '' });
    expect(till.store.sync.isHeadKnown(head(4))).toBe(true);
    expect(till.store.sync.isHeadKnown(head(1))).toBe(false);
    const begins = head(4);
    till.store.wantIncarnation();
    till.reopen();
    expect(till.store.sync.isHeadKnown(begins)).toBe(true);
  });
});
