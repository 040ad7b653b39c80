import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import {
  createJournalCipher,
  type JournalCipher,
} from '../../agent/store/ledger-journal/journal-cipher.ts';
import { segmentFilesIn } from '../../agent/store/ledger-journal/journal-files.ts';
import { type FoundJournal, readJournal } from '../../agent/store/ledger-journal/read-journal.ts';
import type { TestStore } from './store.ts';

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
