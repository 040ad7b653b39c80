import { rmSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import {
  CATCH_UP_AT_COMMIT_MAX,
  FLUSH_ENTRIES,
} from '../../../../agent/store/ledger-journal/journal-limits.ts';
import {
  backUp,
  imageOf,
  journalIn,
  LARGE_JOURNAL,
  segmentsOf,
  sell,
  smallJournal,
} from '../../../support/journal.ts';
import { openTestStore } from '../../../support/store.ts';

const flushes = vi.hoisted(() => ({ count: 0 }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    fdatasync(handle: number, done: (error: NodeJS.ErrnoException | null) => void) {
      flushes.count += 1;
      fs.fdatasync(handle, done);
    },
  };
});

describe('flushing', () => {
  test('waits for the beat, or for so many entries', async () => {
    const till = openTestStore();
    flushes.count = 0;
    sell(till, 1, FLUSH_ENTRIES - 1);
    expect(flushes.count).toBe(0);
    sell(till, FLUSH_ENTRIES, FLUSH_ENTRIES);
    expect(flushes.count).toBe(1);
    await new Promise((again) => setTimeout(again, 50));
    sell(till, FLUSH_ENTRIES + 1, FLUSH_ENTRIES + 1);
    till.store.journal.beat();
    expect(flushes.count).toBe(2);
    await new Promise((again) => setTimeout(again, 50));
    till.store.journal.beat();
    expect(flushes.count).toBe(2);
  });
});

describe('catching up', () => {
  test('takes so many entries after a commit, the rest with the beat, each with its outbox row', () => {
    const till = openTestStore();
    const { dataDir, open } = smallJournal(till, LARGE_JOURNAL);
    const sales = CATCH_UP_AT_COMMIT_MAX * 2;
    for (let n = 1; n <= sales; n++) {
      if (n % 3 === 0) till.store.audit.append({ atMs: n, staffId: null, action: 'x', detail: {} });
      sell(till, n, n);
    }
    const journal = open();
    journal.committed();
    expect(journal.facts()).toMatchObject({ state: 'behind', toSeq: CATCH_UP_AT_COMMIT_MAX });
    journal.beat();
    expect(journal.facts()).toMatchObject({ state: 'whole', toSeq: sales });
    journal.close();
    expect(journalIn(till, dataDir).entries.map(({ outbox }) => outbox?.no)).toEqual(
      till.withSql((db) => db.prepare(`SELECT no FROM outbox WHERE kind = 'entry'`).pluck().all()),
    );
  });

  test('finds a row that a salvage filled in behind those of later entries', () => {
    const till = openTestStore();
    const { dataDir, open } = smallJournal(till, LARGE_JOURNAL);
    sell(till, 1, 4);
    till.withSql((db) => db.prepare('UPDATE outbox SET no = 9 WHERE seq = 2').run());
    const journal = open();
    journal.beat();
    journal.close();
    const nos = journalIn(till, dataDir).entries.map(({ outbox }) => outbox?.no);
    expect(nos).toEqual([1, 9, 3, 4]);
  });

  test('brings the answers of the latest entries along', () => {
    const till = openTestStore();
    const { dataDir, open } = smallJournal(till, LARGE_JOURNAL);
    sell(till, 1, 30);
    const journal = open();
    journal.beat();
    journal.close();
    const answers = journalIn(till, dataDir).entries.filter(({ secret }) => secret?.reply != null);
    expect(answers).toHaveLength(30);
  });

  test('after the journal was lost reaches back behind what headquarters has backed up', () => {
    const till = openTestStore();
    sell(till, 1, 1);
    const lose = imageOf(till);
    sell(till, 2, 6);
    backUp(till, 5);
    till.store.close();
    for (const path of segmentsOf(till)) rmSync(path);
    till.reopen();
    lose(till);
    till.reopen();
    expect(till.store.ledger.head().seq).toBe(6);
    expect(till.store.ledgerFacts().missing).toEqual([]);
  });
});
