import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { MemberId } from '../../../../agent/contract/index.ts';
import { checksOfDatabase } from '../../../../agent/main/commands/database-checks.ts';
import { databaseFacts } from '../../../../agent/main/database-facts.ts';
import { LOG_MAX_PAGES } from '../../../../agent/store/checkpoint/log-pages.ts';
import {
  CATCH_UP_AT_COMMIT_MAX,
  createLedgerJournal,
  FLUSH_ENTRIES,
  type JournalLimits,
  type LedgerJournal,
  LOG_ENTRIES_MAX,
  SEGMENT_BYTES,
  SEGMENTS_MAX,
} from '../../../../agent/store/ledger-journal/create-ledger-journal.ts';
import { BLOCK_BYTES } from '../../../../agent/store/ledger-journal/journal-cipher.ts';
import { segmentFile } from '../../../../agent/store/ledger-journal/journal-files.ts';
import { MARK_ENDING } from '../../../../agent/store/ledger-mark.ts';
import { createConnection } from '../../../../agent/store/sqlite/connection.ts';
import { openDatabase } from '../../../../agent/store/sqlite/open-database.ts';
import { flipBit } from '../../../support/damaged.ts';
import { cipherOf, imageOf, journalIn, segmentsOf } from '../../../support/journal.ts';
import { commitSale } from '../../../support/ledger.ts';
import { openTestStore, type TestStore } from '../../../support/store.ts';

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

const MEMBERS = 3;
/** With the header of its frame. */
const PAGE_IN_LOG_BYTES = 4096 + 24;
const LARGE = { segmentBytes: SEGMENT_BYTES, segments: SEGMENTS_MAX, logEntries: LOG_ENTRIES_MAX };
function sell({ store }: TestStore, from: number, to: number): void {
  for (let n = from; n <= to; n++) commitSale(store, n, `m-${n % MEMBERS}` as MemberId);
}

const seqsIn = (till: TestStore, dataDir?: string): number[] =>
  journalIn(till, dataDir).entries.map(({ ledger }) => ledger.seq);

/** A journal with limits of its own beside a till's database, in another folder. */
function smallJournal(till: TestStore, limits: JournalLimits) {
  const dataDir = mkdtempSync(join(tmpdir(), 'tillside-journal-'));
  const db = openDatabase(till.store.file, till.keyStore.key ?? new Uint8Array(), false);
  const open = (): LedgerJournal =>
    createLedgerJournal({
      connection: createConnection(db),
      dataDir,
      incarnation: till.store.incarnation,
      cipher: cipherOf(till),
      found: journalIn(till, dataDir),
      limits,
    });
  onTestFinished(() => {
    db.close();
    rmSync(dataDir, { recursive: true });
  });
  return { dataDir, open };
}

/** Says that headquarters has entries up to `seq` in a backup. */
function backUp(till: TestStore, seq: number): void {
  till.withSql((db) => db.prepare('UPDATE sync_state SET backed_up_seq = ?').run(seq));
}

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
    const bytes = statSync(segment).size;
    flipBit(segment, bytes - 5 * BLOCK_BYTES);
    till.reopen();
    sell(till, 4, 5);
    expect(seqsIn(till)).toEqual([1, 2, 3, 4, 5]);
    expect(segmentsOf(till)).toEqual([segment]);
  });
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
    const { dataDir, open } = smallJournal(till, LARGE);
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
    const { dataDir, open } = smallJournal(till, LARGE);
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
    const { dataDir, open } = smallJournal(till, LARGE);
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

describe('a journal that cannot be written', () => {
  test('still loses what is erased', () => {
    const till = openTestStore();
    const { dataDir, open } = smallJournal(till, { ...LARGE, segmentBytes: 1 });
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
    const { dataDir, open } = smallJournal(till, { ...LARGE, segmentBytes: 1, logEntries: 0 });
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

describe('a journal that is damaged', () => {
  test('in the midst is set aside and made anew from the ledger, which the operator sees', () => {
    const till = openTestStore();
    sell(till, 1, 4);
    till.store.close();
    flipBit(segmentsOf(till)[0] ?? '', 300);
    till.reopen();
    expect(seqsIn(till)).toEqual([1, 2, 3, 4]);
    expect(till.store.ledgerFacts()).toMatchObject({ renewedAfter: [], missing: [] });
    const facts = databaseFacts(till.store, till.clock.nowMs);
    expect(facts.journalTrouble).toMatchObject({ why: 'damaged', notFitting: [] });
    expect(facts.setAside).toHaveLength(1);
    expect(checksOfDatabase(facts).find(({ check }) => check === 'ledger-journal')).toMatchObject({
      ok: true,
      detail: expect.stringContaining('made anew'),
    });
  });

  test('where the lost log follows still shows which numbers are taken: they are not taken again under the same name', () => {
    const till = openTestStore();
    sell(till, 1, 1);
    const lose = imageOf(till);
    sell(till, 2, 6);
    const { incarnation } = till.store;
    lose(till);
    rmSync(till.store.file + MARK_ENDING);
    const second = journalIn(till).entries[1]?.secret?.key?.key_id ?? '';
    flipBit(segmentsOf(till)[0] ?? '', (journalIn(till).secrets.get(second)?.[0]?.at ?? 0) - 40);
    till.reopen();
    expect(till.store.ledger.head().seq).toBe(1);
    expect(databaseFacts(till.store, 0).journalTrouble?.notFitting).toEqual([3, 4, 5, 6]);
    expect(till.store.incarnation).not.toBe(incarnation);
  });

  test('and is gone is made anew without a word', () => {
    const till = openTestStore();
    sell(till, 1, 4);
    till.store.close();
    for (const path of segmentsOf(till)) rmSync(path);
    till.reopen();
    expect(seqsIn(till)).toEqual([1, 2, 3, 4]);
    expect(databaseFacts(till.store, 0)).toMatchObject({ journalTrouble: null, setAside: [] });
  });
});

describe('an erased member', () => {
  const ERASED = 'm-1' as MemberId;
  const secretsOf = (till: TestStore) =>
    journalIn(till).entries.map(({ ledger, secret }) => (secret === null ? 0 : ledger.seq));

  test('has no key in the journal any more, nor what is sealed beside it; everybody else has', () => {
    const till = openTestStore();
    sell(till, 1, 7);
    const { key } = till.store.keys.forSubject(ERASED);
    expect(plainOf(till)).toContain(Buffer.from(key).toString('base64'));
    till.store.keys.erase(ERASED);
    expect(secretsOf(till)).toEqual([0, 2, 3, 0, 5, 6, 0]);
    expect(plainOf(till)).not.toContain(Buffer.from(key).toString('base64'));
    expect(journalIn(till).state).toBe('whole');
    sell(till, 8, 8);
    expect(secretsOf(till)).toEqual([0, 2, 3, 0, 5, 6, 0, 8]);
  });

  test('has none after a restart either where the till was killed before it was overwritten', () => {
    const till = openTestStore();
    sell(till, 1, 4);
    const [segment = ''] = segmentsOf(till);
    const before = readFileSync(segment);
    till.store.keys.erase(ERASED);
    till.store.close();
    expect(readFileSync(segment).equals(before)).toBe(false);
    writeFileSync(segment, before);
    expect(secretsOf(till)).toEqual([1, 2, 3, 4]);
    till.reopen();
    expect(secretsOf(till)).toEqual([0, 2, 3, 0]);
  });

  test('comes back without a key where the log is lost, and the entry is as it was', () => {
    const till = openTestStore();
    sell(till, 2, 3);
    const lose = imageOf(till);
    sell(till, 4, 4);
    const row = till.store.ledger.bySeq(3);
    till.store.keys.erase(ERASED);
    lose(till);
    till.reopen();
    expect(till.store.ledger.bySeq(3)).toEqual(row);
    expect(till.store.keys.byId(row?.header.keyId ?? '')).toBeUndefined();
  });

  function plainOf(till: TestStore): string {
    return JSON.stringify(journalIn(till).entries);
  }
});
