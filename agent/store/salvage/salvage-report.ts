import type { CopiedTable } from './copy-table.ts';
import type { MendedCopy } from './mend-copy.ts';
import type { Refilled } from './refill-entries.ts';
import type { SettledLedger } from './settle-salvaged.ts';

/** What came of a damaged database; lies beside it as `salvage-TIME.json`. No personal data. */
export interface SalvageReport {
  readonly at: string;
  /** `mended`: every damaged page was put right, and what was in them is whole. `salvaged`: what could be read was copied. */
  readonly outcome: 'mended' | 'salvaged';
  /** Under which name the damaged file lies, its log beside it. */
  readonly damagedFile: string;
  readonly mended: MendedCopy;
  /** Of a salvage: how each table came over. */
  readonly tables: readonly CopiedTable[];
  readonly ledger:
    | (SettledLedger & {
        readonly incarnation: string;
        /** The till goes on under a fresh incarnation. */
        readonly isRenewed: boolean;
        readonly refilled: Refilled;
      })
    | null;
  /** Absent in the file itself until it is written. */
  readonly reportFile?: string;
}
