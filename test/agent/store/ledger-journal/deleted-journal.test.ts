import { copyFileSync, renameSync, rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  imageOf,
  LARGE_JOURNAL,
  segmentsOf,
  sell,
  seqsIn,
  smallJournal,
} from '../../../support/journal.ts';
import { openTestStore } from '../../../support/store.ts';

describe('a journal whose files go while the till runs', () => {
  test('is written again with the next beat, and gives back what the log loses', () => {
    const till = openTestStore();
    sell(till, 1, 1);
    const lose = imageOf(till);
    sell(till, 2, 3);
    for (const path of segmentsOf(till)) rmSync(path);
    sell(till, 4, 5);
    till.store.journal.beat();
    till.store.journal.beat();
    expect(till.store.journal.facts()).toMatchObject({ state: 'whole', fromSeq: 1, toSeq: 5 });
    expect(seqsIn(till)).toEqual([1, 2, 3, 4, 5]);
    lose(till);
    till.reopen();
    expect(till.store.ledger.head().seq).toBe(5);
    expect(till.store.ledgerFacts().missing).toEqual([]);
  });

  test('of which one in the midst goes has all entries again, each read once', () => {
    const till = openTestStore();
    const { dataDir, open } = smallJournal(till, { ...LARGE_JOURNAL, segmentBytes: 1 });
    const journal = open();
    sell(till, 1, 5);
    journal.committed();
    rmSync(segmentsOf({ dataDir })[2] ?? '');
    journal.beat();
    expect(journal.facts()).toMatchObject({ state: 'whole', fromSeq: 1, toSeq: 5 });
    journal.close();
    expect(seqsIn(till, dataDir)).toEqual([1, 2, 3, 4, 5]);
    const again = open();
    again.committed();
    expect(again.facts()).toMatchObject({ state: 'whole', fromSeq: 1, toSeq: 5 });
    again.close();
  });

  test('of which the oldest one goes while the till is down is made whole at the next start', () => {
    const till = openTestStore();
    const { dataDir, open } = smallJournal(till, {
      ...LARGE_JOURNAL,
      segmentBytes: 1,
      segments: 9,
    });
    const journal = open();
    sell(till, 1, 5);
    journal.committed();
    journal.close();
    rmSync(segmentsOf({ dataDir })[0] ?? '');
    const again = open();
    for (let beat = 0; beat < 3; beat++) again.beat();
    expect(again.facts()).toMatchObject({ state: 'whole', fromSeq: 1, toSeq: 5 });
    again.close();
    expect(seqsIn(till, dataDir)).toEqual([1, 2, 3, 4, 5]);
  });

  test('whose oldest ones went to make room is not made anew at each start', () => {
    const till = openTestStore();
    const limits = { ...LARGE_JOURNAL, segmentBytes: 1, segments: 3 };
    const { dataDir, open } = smallJournal(till, limits);
    const journal = open();
    sell(till, 1, 9);
    journal.committed();
    journal.beat();
    expect(journal.facts().state).toBe('part');
    journal.close();
    const files = segmentsOf({ dataDir });
    const again = open();
    again.beat();
    expect(again.facts().state).toBe('part');
    again.close();
    expect(segmentsOf({ dataDir })).toEqual(files);
  });

  test('that another program exchanges for a copy is written to where the copy lies', () => {
    const till = openTestStore();
    sell(till, 1, 3);
    const [path = ''] = segmentsOf(till);
    copyFileSync(path, `${path}.copy`);
    renameSync(`${path}.copy`, path);
    sell(till, 4, 5);
    till.store.journal.beat();
    expect(seqsIn(till)).toEqual([1, 2, 3, 4, 5]);
    const files = segmentsOf(till);
    till.store.journal.beat();
    expect(segmentsOf(till)).toEqual(files);
    sell(till, 6, 6);
    expect(seqsIn(till)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});
