import { appendFileSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { MemberId } from '../../../../agent/contract/index.ts';
import { databaseFacts } from '../../../../agent/main/database-facts.ts';
import { verifyLedger } from '../../../../agent/main/verify-ledger.ts';
import { flipBit } from '../../../support/damaged.ts';
import { imageOf, journalIn, segmentsOf } from '../../../support/journal.ts';
import { commitSale } from '../../../support/ledger.ts';
import { openTestStore, type TestStore } from '../../../support/store.ts';

/** Sales of several members, some of them first seen then. */
function sell(till: TestStore, from: number, to: number): void {
  for (let n = from; n <= to; n++) commitSale(till.store, n, `m-${n % 3}` as MemberId);
}

/** Everything that was committed with the entries, row by row. */
function tablesOf(till: TestStore): Record<string, unknown[]> {
  const queries = {
    ledger: 'SELECT * FROM ledger ORDER BY seq',
    outbox: `SELECT * FROM outbox WHERE kind = 'entry' ORDER BY no`,
    points_movements: 'SELECT * FROM points_movements ORDER BY seq, n',
    points_lots: 'SELECT * FROM points_lots ORDER BY member_id, lot_id',
    subject_keys: 'SELECT * FROM subject_keys ORDER BY key_id',
    replies:
      'SELECT client_id, key, operation, target, body_hash, reply, at_ms FROM replies ORDER BY key',
  };
  return till.withSql((db) =>
    Object.fromEntries(Object.entries(queries).map(([name, sql]) => [name, db.prepare(sql).all()])),
  );
}

const auditOf = ({ store }: TestStore) =>
  store.audit.recent(10).map(({ action, detail }) => ({ action, detail }));

describe('a database that lost what it had flushed', () => {
  test('has every entry again, bit for bit and in order, with its key, outbox row, points and answer', () => {
    const till = openTestStore();
    sell(till, 1, 3);
    const lose = imageOf(till);
    sell(till, 4, 12);
    const before = tablesOf(till);
    const { incarnation } = till.store;
    lose(till);
    till.reopen();
    expect(tablesOf(till)).toEqual(before);
    expect(verifyLedger(till.store).ok).toBe(true);
    expect(till.store.ledgerFacts()).toMatchObject({ missing: [], renewedAfter: [12] });
    expect(till.store.incarnation).not.toBe(incarnation);
    expect(auditOf(till)).toMatchObject([
      { action: 'ledger-entries-put-back', detail: { fromSeq: 4, toSeq: 12, entries: 9 } },
    ]);
  });

  test('tells what else it had queued for headquarters as lost, so that its numbers have no gap', () => {
    const till = openTestStore();
    sell(till, 1, 2);
    const lose = imageOf(till);
    sell(till, 3, 3);
    till.store.audit.append({ atMs: 1, staffId: null, action: 'x', detail: {} });
    sell(till, 4, 4);
    lose(till);
    const { sync } = till.reopen();
    const up = sync.nextUpload(100, 4_000_000);
    expect(up.map(({ no }) => no)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(up.map(({ kind }) => kind)).toEqual([
      'former',
      'former',
      'former',
      'audit',
      'former',
      'audit',
    ]);
    expect(up[3]).toMatchObject({ action: 'salvage-row-lost', detail: { kind: 'outbox', no: 4 } });
  });

  test('goes on from there, and loses nothing a second time either', () => {
    const till = openTestStore();
    const lose = imageOf(till);
    sell(till, 1, 4);
    lose(till);
    till.reopen();
    const loseAgain = imageOf(till);
    sell(till, 5, 9);
    loseAgain(till);
    till.reopen();
    expect(till.store.ledger.head().seq).toBe(9);
    expect(till.store.ledgerFacts()).toMatchObject({ missing: [], renewedAfter: [4, 9] });
    expect(verifyLedger(till.store).ok).toBe(true);
  });

  test('that lost a fresh incarnation, too, has the entries of both under their names', () => {
    const till = openTestStore();
    sell(till, 1, 2);
    const lose = imageOf(till);
    sell(till, 3, 4);
    till.store.wantIncarnation();
    till.reopen();
    const second = till.store.incarnation;
    sell(till, 5, 6);
    lose(till);
    till.reopen();
    expect(till.store.ledgerFacts().renewedAfter).toEqual([4, 6]);
    expect(till.store.ledger.bySeq(6)?.header.incarnation).toBe(second);
    expect(till.store.sync.nextUpload(1, 1_000_000)).toMatchObject([{ kind: 'former' }]);
    expect(verifyLedger(till.store).ok).toBe(true);
  });
});

describe('entries of the journal that are not chained to the ledger', () => {
  test('are never guessed: they stay in the journal, which is set aside and named, and are missing', () => {
    const till = openTestStore();
    sell(till, 1, 2);
    const lose = imageOf(till);
    sell(till, 3, 6);
    lose(till);
    const [segment = ''] = segmentsOf(till);
    // What makes a record of the third sale no record any more.
    const third = journalIn(till).secrets.get(keyIdOf(till, 3))?.[0]?.at ?? 0;
    flipBit(segment, third - 40);
    const lost = journalIn(till).entries.map(({ ledger }) => ledger.seq);
    expect(lost).toEqual([1, 2, 4, 5, 6]);
    till.reopen();
    expect(till.store.ledger.head().seq).toBe(2);
    expect(till.store.ledgerFacts()).toMatchObject({
      missing: [{ fromSeq: 3, toSeq: 6 }],
      renewedAfter: [2],
    });
    expect(auditOf(till)[0]).toMatchObject({
      action: 'ledger-journal-set-aside',
      detail: { why: 'does-not-fit', notFitting: [4, 5, 6] },
    });
    sell(till, 13, 13);
    expect(journalIn(till).entries.map(({ ledger }) => ledger.seq)).toEqual([1, 2, 3]);
  });

  test('are those of another run of the same till that sold other goods under the same numbers', () => {
    const till = openTestStore();
    sell(till, 1, 2);
    const lose = imageOf(till);
    sell(till, 3, 4);
    const [segment = ''] = segmentsOf(till);
    const kept = readFileSync(segment);
    lose(till);
    rmSync(segment);
    till.reopen();
    sell(till, 23, 24);
    till.store.close();
    for (const path of segmentsOf(till)) rmSync(path);
    appendFileSync(segment, kept);
    till.reopen();
    expect(till.store.ledger.bySeq(3)?.header.saleId).toBe('sale-23');
    expect(auditOf(till)[0]).toMatchObject({ detail: { why: 'does-not-fit' } });
    expect(verifyLedger(till.store).ok).toBe(true);
  });

  test('are all of a journal that a database left behind which is gone', () => {
    const till = openTestStore();
    sell(till, 1, 3);
    till.store.close();
    const files = readdirSync(till.dataDir);
    for (const name of files) if (/^(live|till)/.test(name)) rmSync(join(till.dataDir, name));
    till.reopen();
    expect(till.store.ledger.head().seq).toBe(0);
    sell(till, 1, 1);
    expect(journalIn(till).entries).toHaveLength(1);
    const aside = readdirSync(till.dataDir).filter((name) => name.startsWith('damaged-'));
    expect(aside).toHaveLength(1);
    expect(databaseFacts(till.store, Date.UTC(2026, 10, 25)).setAside).toMatchObject([
      { file: aside[0], days: 4 },
    ]);
  });
});

/** By the number of its sale: members take turns. */
function keyIdOf(till: TestStore, seq: number): string {
  const entry = journalIn(till).entries.find(({ ledger }) => ledger.seq === seq);
  return entry?.secret?.key?.key_id ?? '';
}
