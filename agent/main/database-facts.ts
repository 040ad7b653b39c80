import {
  type IntegrityResult,
  readIntegrity,
} from '../store/integrity/create-integrity-checker.ts';
import type { MissingEntries } from '../store/ledger-mark.ts';
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
}

/** Reads them from the database itself. */
export function databaseFacts(store: Pick<Store, 'meta' | 'ledgerFacts'>): DatabaseFacts {
  return {
    integrity: readIntegrity(store) ?? null,
    salvage: store.meta.get(LAST_SALVAGE) ?? null,
    lost: store.ledgerFacts().gaps,
    missing: store.ledgerFacts().missing,
  };
}
