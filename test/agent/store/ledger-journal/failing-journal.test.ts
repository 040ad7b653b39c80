import { mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { MemberId } from '../../../../agent/contract/index.ts';
import { checksOfDatabase } from '../../../../agent/main/commands/database-checks.ts';
import { databaseFacts } from '../../../../agent/main/database-facts.ts';
import { segmentFile } from '../../../../agent/store/ledger-journal/journal-files.ts';
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

const flushes = vi.hoisted(() => ({ count: 0, underWay: 0, fails: false }));
function ioError(): NodeJS.ErrnoException {
  return Object.assign(new Error('the disk failed'), { code: 'EIO' });
}
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    fdatasync(handle: number, done: (error: NodeJS.ErrnoException | null) => void) {
      flushes.count += 1;
      flushes.underWay += 1;
      fs.fdatasync(handle, (error) => {
        flushes.underWay -= 1;
        done(flushes.fails ? ioError() : error);
      });
    },
    fdatasyncSync(handle: number) {
      if (flushes.fails) throw ioError();
      fs.fdatasyncSync(handle);
    },
  };
});

beforeEach(() => void Object.assign(flushes, { count: 0, fails: false }));

describe('a journal that cannot be written', () => {
  test('still loses what is erased', () => {
    const till = openTestStore();
    const { dataDir, open } = smallJournal(till, { ...LARGE_JOURNAL, segmentBytes: 1 });
    const journal = open();
    sell(till, 1, 1);
    journal.committed();
    const { path } = segmentFile(dataDir, 2, till.store.incarnation);
    mkdirSync(path);
    sell(till, 2, 2);
    journal.erasing();
    till.store.keys.erase('m-1' as MemberId);
    journal.committed();
    expect(journal.facts().state).toBe('failing');
    rmdirSync(path);
    expect(journalIn(till, dataDir).entries).toMatchObject([{ ledger: { seq: 1 }, secret: null }]);
    journal.close();
  });

  test('nor made smaller is still flushed', () => {
    const till = openTestStore();
    const { dataDir, open } = smallJournal(till, {
      ...LARGE_JOURNAL,
      segmentBytes: 1,
      logEntries: 0,
    });
    const journal = open();
    sell(till, 1, 3);
    journal.committed();
    const [first = ''] = segmentsOf({ dataDir });
    rmSync(first);
    mkdirSync(first);
    backUp(till, 1);
    flushes.count = 0;
    journal.beat();
    expect(flushes.count).toBe(1);
    expect(journal.facts().state).toBe('failing');
    journal.close();
  });

  test('fails no sale, says so, and is caught up once it can', () => {
    const till = openTestStore();
    const { path } = segmentFile(till.dataDir, 1, till.store.incarnation);
    mkdirSync(path);
    sell(till, 1, 3);
    expect(till.store.ledger.head().seq).toBe(3);
    expect(till.store.journal.facts()).toMatchObject({ state: 'failing', toSeq: 0 });
    const found = checksOfDatabase(databaseFacts(till.store, 0));
    expect(found.find(({ check }) => check === 'ledger-journal')).toMatchObject({ ok: false });
    rmdirSync(path);
    till.store.journal.beat();
    expect(till.store.journal.facts()).toMatchObject({ state: 'whole', fromSeq: 1, toSeq: 3 });
    expect(seqsIn(till)).toEqual([1, 2, 3]);
  });

  test('nor read at the start is set aside, and the till opens', () => {
    const till = openTestStore();
    sell(till, 1, 3);
    till.store.close();
    for (const path of segmentsOf(till)) {
      rmSync(path);
      mkdirSync(path);
    }
    till.reopen();
    expect(seqsIn(till)).toEqual([1, 2, 3]);
    expect(databaseFacts(till.store, 0).journalTrouble).toMatchObject({ why: 'unreadable' });
  });
});

describe('a flush that failed is not believed at the next try:', () => {
  /** A flush is done on another thread. */
  const flushed = () => vi.waitFor(() => expect(flushes.underWay).toBe(0), 10_000);
  /** A journal whose first two sales are on the disk. */
  async function flushedSales() {
    const till = openTestStore();
    const { dataDir, open } = smallJournal(till, LARGE_JOURNAL);
    const journal = open();
    sell(till, 1, 2);
    journal.beat();
    await flushed();
    return { till, dataDir, journal };
  }
  const spansOf = (till: Parameters<typeof journalIn>[0], dataDir: string) =>
    journalIn(till, dataDir).segments.map(({ firstSeq, lastSeq }) => [firstSeq, lastSeq]);

  test('the entries that it was to hold are written again, into a fresh segment', async () => {
    const { till, dataDir, journal } = await flushedSales();
    sell(till, 3, 4);
    flushes.fails = true;
    journal.beat();
    await flushed();
    expect(journal.facts().state).toBe('failing');
    flushes.fails = false;
    sell(till, 5, 5);
    journal.committed();
    expect(spansOf(till, dataDir)).toEqual([
      [1, 4],
      [3, 5],
    ]);
    journal.beat();
    await flushed();
    expect(journal.facts()).toMatchObject({ state: 'whole', fromSeq: 1, toSeq: 5 });
    journal.close();
    expect(seqsIn(till, dataDir)).toEqual([1, 2, 3, 4, 5]);
  });

  test('so too where a segment is full', () => {
    const till = openTestStore();
    const { dataDir, open } = smallJournal(till, { ...LARGE_JOURNAL, segmentBytes: 1 });
    const journal = open();
    sell(till, 1, 1);
    journal.committed();
    sell(till, 2, 2);
    flushes.fails = true;
    journal.committed();
    expect(journal.facts().state).toBe('failing');
    flushes.fails = false;
    journal.committed();
    expect(spansOf(till, dataDir)).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(segmentsOf({ dataDir })).toEqual(
      [2, 3].map((no) => segmentFile(dataDir, no, till.store.incarnation).path),
    );
    expect(journal.facts()).toMatchObject({ state: 'whole', fromSeq: 1, toSeq: 2 });
    journal.close();
  });

  test('a torn journal stays as long as the one made anew is not flushed', async () => {
    const till = openTestStore();
    const { dataDir, open } = smallJournal(till, LARGE_JOURNAL);
    sell(till, 1, 3);
    const whole = open();
    whole.beat();
    whole.close();
    const [torn = ''] = segmentsOf({ dataDir });
    const bytes = readFileSync(torn);
    writeFileSync(torn, bytes.fill(0, bytes.length / 3, (2 * bytes.length) / 3));
    const journal = open();
    flushes.fails = true;
    for (let beat = 0; beat < 3; beat++) {
      journal.beat();
      await flushed();
    }
    expect(segmentsOf({ dataDir })).toContain(torn);
    flushes.fails = false;
    for (let beat = 0; beat < 2; beat++) {
      journal.beat();
      await flushed();
    }
    expect(segmentsOf({ dataDir })).toHaveLength(1);
    expect(seqsIn(till, dataDir)).toEqual([1, 2, 3]);
    journal.close();
  });

  test('a disk that fails for hours fills no folder with copies', async () => {
    const { till, dataDir, journal } = await flushedSales();
    flushes.fails = true;
    for (let n = 3; n <= 8; n++) {
      sell(till, n, n);
      journal.beat();
      await flushed();
    }
    expect(segmentsOf({ dataDir }).length).toBeLessThanOrEqual(2);
    flushes.fails = false;
    journal.beat();
    await flushed();
    expect(journal.facts()).toMatchObject({ state: 'whole', fromSeq: 1, toSeq: 8 });
    journal.close();
    expect(seqsIn(till, dataDir)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});
