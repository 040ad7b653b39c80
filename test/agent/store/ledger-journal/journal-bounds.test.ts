import { linkSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LOG_MAX_PAGES } from '../../../../agent/store/checkpoint/log-pages.ts';
import { BLOCK_BYTES } from '../../../../agent/store/ledger-journal/journal-cipher.ts';
import {
  LOG_ENTRIES_MAX,
  SEGMENT_BYTES,
  SEGMENTS_MAX,
  SMALL_SEGMENTS,
} from '../../../../agent/store/ledger-journal/journal-limits.ts';
import {
  backUp,
  journalIn,
  LARGE_JOURNAL,
  segmentsOf,
  sell,
  seqsIn,
  smallJournal,
} from '../../../support/journal.ts';
import { openTestStore } from '../../../support/store.ts';

/** With the header of its frame. */
const PAGE_IN_LOG_BYTES = 4096 + 24;

describe('the bounds of the journal', () => {
  /** Two records of the sales here. */
  const segmentBytes = 2 * 8 * BLOCK_BYTES;

  test('hold 35 days without headquarters at 500 sales a day, each twice as big as one of twelve lines', () => {
    const till = openTestStore();
    sell(till, 1, 4);
    const recordBytes = till.store.journal.facts().bytes / 4;
    expect(35 * 500 * recordBytes * 2).toBeLessThan(SEGMENTS_MAX * SEGMENT_BYTES);
  });

  test('let the oldest segment go for one more, say so, and never refuse the latest entry', () => {
    const till = openTestStore();
    const { dataDir, open } = smallJournal(till, { segmentBytes, segments: 3, logEntries: 0 });
    const journal = open();
    const seen: string[] = [];
    for (let n = 1; n <= 12; n++) {
      sell(till, n, n);
      journal.committed();
      const { state, fromSeq, toSeq } = journal.facts();
      expect(toSeq).toBe(n);
      seen.push(`${state} ${fromSeq}`);
    }
    expect(seen[0]).toBe('whole 1');
    const [first = 0] = seqsIn(till, dataDir);
    expect(seen.at(-1)).toBe(`part ${first}`);
    expect(first).toBeGreaterThan(1);
    expect(seqsIn(till, dataDir).at(-1)).toBe(12);
    expect(new Set(seen.map((one) => one.split(' ')[0]))).toEqual(new Set(['whole', 'part']));
    journal.close();
    // The edge: as many segments as may be, all of them there.
    expect(journalIn(till, dataDir).segments).toHaveLength(3);
  });

  test('count small segments, as each incarnation begins one, by their bytes, and many of them by number', () => {
    const till = openTestStore();
    const { dataDir, open } = smallJournal(till, { ...LARGE_JOURNAL, segments: 2 });
    const filesMax = 2 * SMALL_SEGMENTS;
    const firsts: number[] = [];
    for (let n = 1; n <= filesMax + 1; n++) {
      sell(till, n, n);
      const journal = open(`00000000-0000-4000-8000-${String(n).padStart(12, '0')}`);
      journal.committed();
      firsts.push(journal.facts().fromSeq);
      journal.close();
    }
    expect(firsts.slice(-2)).toEqual([1, 2]);
    expect(journalIn(till, dataDir).segments).toHaveLength(filesMax);
  });

  test('are not reached where entries were lost before the first one that is left', () => {
    const till = openTestStore();
    sell(till, 1, 4);
    till.withSql((db) =>
      db.exec(
        'PRAGMA foreign_keys = OFF; DROP TRIGGER ledger_keeps_entries; DELETE FROM ledger WHERE seq = 1',
      ),
    );
    const { open } = smallJournal(till, LARGE_JOURNAL);
    const journal = open();
    journal.beat();
    expect(journal.facts()).toMatchObject({ state: 'whole', fromSeq: 2, toSeq: 4 });
    journal.close();
  });

  test('remove a segment once headquarters has backed up all of it, and not before', () => {
    const till = openTestStore();
    const { dataDir, open } = smallJournal(till, { segmentBytes, segments: 9, logEntries: 0 });
    const journal = open();
    sell(till, 1, 9);
    journal.committed();
    const [first, second] = journalIn(till, dataDir).segments;
    backUp(till, (first?.lastSeq ?? 0) - 1);
    journal.beat();
    expect(seqsIn(till, dataDir)[0]).toBe(1);
    backUp(till, first?.lastSeq ?? 0);
    journal.beat();
    expect(seqsIn(till, dataDir)[0]).toBe(second?.firstSeq);
    expect(journal.facts()).toMatchObject({ state: 'whole', toSeq: 9 });
    backUp(till, 9);
    journal.beat();
    expect(journalIn(till, dataDir).segments).toHaveLength(1);
    journal.close();
  });

  test('keep so many entries more as the log may hold, and a journal made anew begins as far back', () => {
    const till = openTestStore();
    const { dataDir, open } = smallJournal(till, { segmentBytes, segments: 9, logEntries: 4 });
    const journal = open();
    sell(till, 1, 9);
    journal.committed();
    backUp(till, 9);
    journal.beat();
    journal.close();
    const kept = seqsIn(till, dataDir);
    expect(kept[0]).toBeGreaterThan(1);
    expect(kept).toEqual(expect.arrayContaining([6, 7, 8, 9]));
    for (const path of segmentsOf({ dataDir })) rmSync(path);
    const anew = open();
    anew.beat();
    anew.close();
    expect(seqsIn(till, dataDir)).toEqual([6, 7, 8, 9]);
  });

  test('know how many the log may hold', () => {
    const till = openTestStore();
    sell(till, 1, 1);
    const log = `${till.store.file}-wal`;
    const bytes = statSync(log).size;
    sell(till, 2, 21);
    const pages = (statSync(log).size - bytes) / PAGE_IN_LOG_BYTES / 20;
    expect(LOG_ENTRIES_MAX * pages).toBeGreaterThanOrEqual(LOG_MAX_PAGES);
  });

  test('leave no secret in the blocks of a file that goes', () => {
    const till = openTestStore();
    const { dataDir, open } = smallJournal(till, { segmentBytes, segments: 9, logEntries: 0 });
    const journal = open();
    sell(till, 1, 5);
    journal.committed();
    const [first = ''] = segmentsOf({ dataDir });
    const blocks = mkdtempSync(join(dataDir, 'blocks-'));
    linkSync(first, join(blocks, basename(first)));
    const readable = () => journalIn(till, blocks).entries.map(({ secret }) => secret !== null);
    expect(readable()).toContain(true);
    backUp(till, 5);
    journal.beat();
    expect(segmentsOf({ dataDir })).not.toContain(first);
    expect(readable()).not.toContain(true);
    journal.close();
  });

  test('go on in the segment that was written to last, over a restart and a half-written end', () => {
    const till = openTestStore();
    sell(till, 1, 3);
    const [segment = ''] = segmentsOf(till);
    till.store.close();
    truncateSync(segment, statSync(segment).size - 5 * BLOCK_BYTES);
    till.reopen();
    sell(till, 4, 5);
    expect(seqsIn(till)).toEqual([1, 2, 3, 4, 5]);
    expect(segmentsOf(till)).toEqual([segment]);
  });
});
