import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { MemberId } from '../../agent/contract/index.ts';
import {
  createLedgerJournal,
  type LedgerJournal,
} from '../../agent/store/ledger-journal/create-ledger-journal.ts';
import {
  createJournalCipher,
  type JournalCipher,
} from '../../agent/store/ledger-journal/journal-cipher.ts';
import { segmentFilesIn } from '../../agent/store/ledger-journal/journal-files.ts';
import {
  JOURNAL_LIMITS,
  type JournalLimits,
} from '../../agent/store/ledger-journal/journal-limits.ts';
import { type FoundJournal, readJournal } from '../../agent/store/ledger-journal/read-journal.ts';
import { createConnection } from '../../agent/store/sqlite/connection.ts';
import { openDatabase } from '../../agent/store/sqlite/open-database.ts';
import { commitSale } from './ledger.ts';
import type { TestStore } from './store.ts';

/** The limits of a till. */
export const LARGE_JOURNAL = JOURNAL_LIMITS;
const MEMBERS = 3;

export function cipherOf({ keyStore }: Pick<TestStore, 'keyStore'>): JournalCipher {
  return createJournalCipher(keyStore.key ?? new Uint8Array(), randomBytes);
}

/** Everything that lies in the journal of a till. */
export function journalIn(till: TestStore, dataDir: string = till.dataDir): FoundJournal {
  return readJournal(dataDir, cipherOf(till), () => true);
}

/** The files of its journal. */
export function segmentsOf({ dataDir }: Pick<TestStore, 'dataDir'>): string[] {
  return segmentFilesIn(dataDir).map(({ path }) => path);
}

/**
 * Keeps database and log as they lie there; what is answered closes the till and puts them back, as a disk does that loses
 * what it had flushed. The mark stays.
 */
export function imageOf({ store, dataDir }: TestStore): (till: TestStore) => void {
  const kept = mkdtempSync(join(tmpdir(), 'tillside-image-'));
  const files = ['', '-wal'].map((ending) => basename(store.file) + ending);
  for (const name of files)
    if (existsSync(join(dataDir, name))) copyFileSync(join(dataDir, name), join(kept, name));
  return (till) => {
    till.store.close();
    for (const name of readdirSync(dataDir))
      if (name.endsWith('-shm') || name.endsWith('-wal')) rmSync(join(dataDir, name));
    for (const name of readdirSync(kept)) copyFileSync(join(kept, name), join(dataDir, name));
    rmSync(kept, { recursive: true });
  };
}

/** Sales of three members in turn. */
export function sell({ store }: TestStore, from: number, to: number): void {
  for (let n = from; n <= to; n++) commitSale(store, n, `m-${n % MEMBERS}` as MemberId);
}

/** Numbers of the entries in it. */
export const seqsIn = (till: TestStore, dataDir?: string): number[] =>
  journalIn(till, dataDir).entries.map(({ ledger }) => ledger.seq);

/** A journal with limits of its own beside a till's database, in another folder. */
export function smallJournal(till: TestStore, limits: JournalLimits) {
  const dataDir = mkdtempSync(join(tmpdir(), 'tillside-journal-'));
  const db = openDatabase(till.store.file, till.keyStore.key ?? new Uint8Array(), false);
  const open = (incarnation: string = till.store.incarnation): LedgerJournal =>
    createLedgerJournal({
      connection: createConnection(db),
      dataDir,
      incarnation,
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
export function backUp(till: TestStore, seq: number): void {
  till.withSql((db) => db.prepare('UPDATE sync_state SET backed_up_seq = ?').run(seq));
}
