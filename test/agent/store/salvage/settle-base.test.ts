import { describe, expect, test } from 'vitest';
import { verifyLedger } from '../../../../agent/main/verify-ledger.ts';
import type { JournalOf } from '../../../../agent/store/salvage/settle-salvaged.ts';
import { journalIn } from '../../../support/journal.ts';
import { losing, sold, waiting } from '../../../support/lost-rows.ts';
import type { TestStore } from '../../../support/store.ts';

const journalOf = (till: TestStore): JournalOf => {
  const { entries } = journalIn(till);
  return (isWanted) => entries.filter(({ ledger }) => isWanted(ledger.seq));
};

describe('a ledger of which nothing was pruned, whose base is lost', () => {
  test.each([1, 2])('begins with 1 where its first entries up to %i are lost too', (last) => {
    const till = sold('sasssss');
    const settled = losing(
      till,
      `DELETE FROM ledger_base; DELETE FROM ledger WHERE seq <= ${last}`,
    );
    expect(settled).toMatchObject({ lost: [{ fromSeq: 1, toSeq: last }], lostUnsent: last });
    till.reopen();
    expect(till.store.ledger.base().seq).toBe(0);
    expect(verifyLedger(till.store)).toMatchObject({ ok: true });
    const audits = Array.from({ length: last + 1 }, () => 'audit');
    expect(waiting(till)).toEqual([...audits, ...[2, 3, 4, 5, 6].filter((seq) => seq > last)]);
  });

  test('gets its first entries of the journal, though rows of the outbox are lost as well', () => {
    const till = sold('ssssss');
    const journal = journalOf(till);
    const settled = losing(
      till,
      `DELETE FROM ledger_base; DELETE FROM ledger WHERE seq <= 2; DELETE FROM outbox WHERE no <= 3`,
      { journal },
    );
    expect(settled).toMatchObject({ lost: [], lostUnsent: 0, fromJournal: { entries: [1, 2] } });
    till.reopen();
    expect(verifyLedger(till.store)).toMatchObject({ ok: true });
    expect(waiting(till)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('keeps the rows that told of its first entries, where those were lost before', () => {
    const till = sold('ssssss');
    losing(till, 'DELETE FROM ledger WHERE seq <= 2');
    const settled = losing(till, 'DELETE FROM ledger_base', { whole: ['ledger', 'outbox'] });
    expect(settled.lost).toEqual([]);
    till.reopen();
    expect(verifyLedger(till.store)).toMatchObject({ ok: true });
    expect(waiting(till)).toEqual(['audit', 'audit', 3, 4, 5, 6]);
  });
});

describe('a ledger of which entries were pruned, whose base is lost', () => {
  /** Entries 1 to 3 of eight are pruned, and headquarters has five. */
  function pruned() {
    const till = sold('sasssssss');
    till.withSql((db) =>
      db.exec(`UPDATE sync_state SET received_no = 6, received_seq = 5, backed_up_seq = 5;
        INSERT INTO received_marks VALUES (1, 0, 5), (99, 8640000000, 5)`),
    );
    expect(till.reopen().sync.pruneLedger(Number.MAX_SAFE_INTEGER, 3)).toBe(3);
    return { till, base: till.store.ledger.base(), journal: journalOf(till) };
  }
  const BASE = 'DELETE FROM ledger_base;';

  test('begins where its pruned entries end', () => {
    const { till, base } = pruned();
    const settled = losing(till, `${BASE} DELETE FROM ledger WHERE seq = 4`, {
      whole: ['outbox', 'ledger_pruned'],
    });
    expect(settled).toMatchObject({ lost: [{ fromSeq: 4, toSeq: 4 }], lostUnsent: 0 });
    till.reopen();
    expect(till.store.ledger.base().seq).toBe(base.seq);
    expect(verifyLedger(till.store)).toMatchObject({ ok: true });
    expect(waiting(till)).toEqual([6, 7, 8]);
    till.store.sync.sendAgain(0, 0);
    expect(waiting(till)).toEqual(['audit', 5, 6, 7, 8]);
  });

  test('gets the hash of its base, and the entries behind it, of the journal', () => {
    const { till, base, journal } = pruned();
    const lose = `${BASE} DELETE FROM ledger WHERE seq <= 5; DELETE FROM outbox WHERE no <= 6`;
    const settled = losing(till, lose, { journal });
    expect(settled).toMatchObject({ lost: [], fromJournal: { entries: [4, 5], notFitting: [] } });
    till.reopen();
    expect(till.store.ledger.base()).toEqual(base);
    expect(verifyLedger(till.store)).toMatchObject({ ok: true });
    till.store.sync.sendAgain(0, 0);
    expect(waiting(till)).toEqual([4, 5, 6, 7, 8]);
  });

  test('gets all that is left of the journal where no entry is left to follow', () => {
    const { till, base, journal } = pruned();
    const settled = losing(till, `${BASE} DELETE FROM ledger`, { journal });
    expect(settled).toMatchObject({ lost: [], fromJournal: { entries: [4, 5, 6, 7, 8] } });
    till.reopen();
    expect(till.store.ledger.base()).toEqual(base);
    expect(waiting(till)).toEqual([6, 7, 8]);
  });

  test.each([
    ['ledger', 'DELETE FROM outbox WHERE no <= 5'],
    ['outbox', 'DELETE FROM ledger WHERE seq <= 4'],
  ])('begins as the whole %s says where nothing is left of what was pruned', (table, lose) => {
    const { till, base } = pruned();
    losing(till, `${BASE} DELETE FROM ledger_pruned; ${lose}`, { whole: [table] });
    till.reopen();
    expect(till.store.ledger.base().seq).toBe(base.seq);
    expect(verifyLedger(till.store)).toMatchObject({ ok: true });
  });

  test('tells too much as lost rather than too little where no table says where it begins', () => {
    const { till } = pruned();
    const settled = losing(
      till,
      `${BASE} DELETE FROM ledger_pruned; DELETE FROM ledger WHERE seq <= 6; DELETE FROM outbox WHERE no <= 6`,
    );
    expect(settled).toMatchObject({ lost: [{ fromSeq: 1, toSeq: 6 }], lostUnsent: 1 });
    till.reopen();
    expect(verifyLedger(till.store)).toMatchObject({ ok: true });
    expect(waiting(till)).toEqual(['audit', 7, 8]);
  });

  test('keeps each number of the outbox at or above its entry where outbox and sync state are lost too', () => {
    const { till } = pruned();
    const lose = `DELETE FROM outbox; DELETE FROM sync_state`;
    losing(till, `${BASE} ${lose}`, { whole: ['ledger', 'ledger_pruned'] });
    till.reopen();
    expect(waiting(till)).toEqual([4, 5, 6, 7, 8]);
    expect(till.store.sync.nextUpload(1, 1_000)[0]).toMatchObject({ no: 4 });
  });
});
