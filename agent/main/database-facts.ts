import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  type IntegrityResult,
  readIntegrity,
} from '../store/integrity/create-integrity-checker.ts';
import type { JournalFacts } from '../store/ledger-journal/create-ledger-journal.ts';
import { JOURNAL_SET_ASIDE } from '../store/ledger-journal/journal-files.ts';
import {
  type JournalTrouble,
  readJournalTrouble,
} from '../store/ledger-journal/recover-journal.ts';
import type { MissingEntries } from '../store/ledger-mark.ts';
import { notedDamage } from '../store/salvage/damage-note.ts';
import { LAST_SALVAGE } from '../store/salvage/settle-database.ts';
import type { Store } from '../store/store.ts';

/** What the operator's tool says of a till's database. */
export interface DatabaseFacts {
  /** The last reading of every page; null where there was none yet. */
  readonly integrity: IntegrityResult | null;
  /** The report of the last salvage, a file in the data folder; null where there never was one. */
  readonly salvage: string | null;
  /** Entries that were lost with damaged pages. */
  readonly lost: readonly { readonly fromSeq: number; readonly toSeq: number }[];
  /** Committed entries that were not there at a later start. */
  readonly missing: readonly MissingEntries[];
  /** What was noted of a damage that is not salvaged yet; null where nothing is. */
  readonly postponed: string | null;
  /** The second copy of the entries that headquarters has not backed up, and why it was last made anew. */
  readonly journal: JournalFacts;
  readonly journalTrouble: JournalTrouble | null;
  /** Damaged databases and journals that were set aside, with the days that they lie there. */
  readonly setAside: readonly { readonly file: string; readonly days: number }[];
}

const DAY_MS = 24 * 60 * 60_000;
/** A damaged database that was set aside, see `salvageFolder`; its log lies beside it. */
const SET_ASIDE = /^damaged-(\d{4}-\d{2}-\d{2})T[0-9Z-]+-till-[0-9a-f]{16}\.db$/;

/** Reads them from the database itself. */
export function databaseFacts(
  store: Pick<Store, 'file' | 'meta' | 'ledgerFacts' | 'journal'>,
  nowMs: number,
): DatabaseFacts {
  const dataDir = dirname(store.file);
  return {
    integrity: readIntegrity(store) ?? null,
    salvage: store.meta.get(LAST_SALVAGE) ?? null,
    lost: store.ledgerFacts().gaps,
    missing: store.ledgerFacts().missing,
    postponed: notedDamage(dataDir) ?? null,
    journal: store.journal.facts(),
    journalTrouble: readJournalTrouble(store.meta) ?? null,
    setAside: readdirSync(dataDir).flatMap((file) => {
      const [, day] = SET_ASIDE.exec(file) ?? JOURNAL_SET_ASIDE.exec(file) ?? [];
      const days = day === undefined ? 0 : Math.floor((nowMs - Date.parse(day)) / DAY_MS);
      return day === undefined ? [] : [{ file, days }];
    }),
  };
}
