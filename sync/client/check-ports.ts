import type { Result } from '../../agent/contract/index.ts';
import type { CheckRecord, DriftKind } from '../protocol/check.ts';
import type { Cursor } from '../protocol/feed.ts';
import type { OwnFault, RefillEntry } from '../protocol/ledger-proof.ts';
import type { TableRoot } from '../protocol/table-root.ts';
import type { RowPlace } from './ports.ts';

/** A row as the feed last told it, by its digest. */
export interface DigestedRow {
  readonly key: string;
  /** 16 bytes. */
  readonly digest: Uint8Array;
}

/** A row as headquarters says that it should be; body `null` = it should not be there. */
export interface RightRow {
  readonly key: string;
  /** 0 = gone so long that nobody knows the version. */
  readonly ver: number;
  readonly body: string | null;
}

/** What one repaired row was. */
export interface RepairedRow {
  readonly key: string;
  readonly kind: DriftKind;
  readonly verBefore: number;
  readonly ver: number;
}

/** Both images of a row that differs again although it was repaired, for IT; lies encrypted with the rest. */
export interface StayingRow {
  readonly table: string;
  readonly key: string;
  readonly atMs: number;
  readonly here: { readonly ver: number; readonly body: string } | null;
  readonly there: { readonly ver: number; readonly body: string } | null;
}

/** What a slice of the deep scrub (V3) found. */
export interface ScrubSlice {
  readonly rows: number;
  /** Rows whose content no longer is what its digest says, rows without a digest, digests without a row. */
  readonly suspects: number;
  /** What was put right at once, since the row itself is whole: what finds a row, lots, sums. */
  readonly mended: number;
  /** Where the next slice begins; `null` = the pass is over. */
  readonly next: RowPlace | null;
}

/**
 * The digests that the till keeps beside the rows that headquarters feeds: for each row what the feed last said of it, and
 * per table the sum of that, in the transaction that moves the cursor. Rows that came ahead of the feed (express rows,
 * look-ups) do not count until the feed brings them, rows written here never. Synchronous; each method is one short
 * transaction and throws StorageError where the disk is full or fails.
 */
export interface ChecksStore {
  /** Digests under this key (64 hex digits); another key than before makes all of them anew. */
  setKey(key: string): void;
  /** The key in use; `null` = none was ever told. */
  key(): string | null;
  /** Whether every row has its digest; false after an upgrade, or under a key that changed, until `make` answers done. */
  ready(): boolean;
  /** Makes the digests that are missing, at most `limit` rows. */
  make(limit: number): { readonly done: boolean; readonly rows: number };
  /** Roots of every table that has rows, and the place in the feed that they belong to; `undefined` = not ready or no place. */
  roots(): { readonly cursor: Cursor; readonly roots: readonly TableRoot[] } | undefined;
  /** Digests of a table in order of the key; fewer than `limit` = the end. */
  digests(table: string, after: string, limit: number): readonly DigestedRow[];
  /**
   * Sums a table's digests again, `limit` rows a call, changes meanwhile included, and corrects the root where it differs.
   * @returns at the end whether the root was right
   */
  recount(table: string, limit: number): { readonly done: boolean; readonly wasRight?: boolean };
  /**
   * One slice of the deep scrub, `limit` rows: recomputes digests from what lies in the tables, and what finds a row from
   * its body. A row that differs from its digest gets the digest of what it is, so that the next walk finds it and asks
   * headquarters which is right; so does one that came ahead of a feed which has not caught up with it for AHEAD_MAX_MS.
   */
  scrub(from: RowPlace | null, limit: number): ScrubSlice;
  /**
   * Puts rows right, whatever their version, in one transaction with the audit rows that name them. A row that the feed
   * or another way changed since `seen` was read is left alone.
   * @param seen digests (hex) of the till's rows when the question was asked; absent key = there was none
   * @param at place in the feed that the answer is of
   */
  repair(
    table: string,
    rows: readonly RightRow[],
    seen: ReadonlyMap<string, string>,
    at: Cursor,
  ): { readonly repaired: readonly RepairedRow[]; readonly left: number };
  /**
   * Keeps both images of a row that differs again after its repair, until the row is put from wherever; at most STAYING_MAX,
   * the oldest go.
   */
  keepStaying(row: Omit<StayingRow, 'here'>): void;
  staying(): readonly StayingRow[];
  stayingCount(): number;
  /** Keys that were repaired at or after `sinceMs`. */
  repairedSince(table: string, sinceMs: number): ReadonlySet<string>;
  /** Records of ended checks, the newest first; RECORDS_KEPT are kept. */
  record(record: CheckRecord): void;
  records(limit: number): readonly CheckRecord[];
  /** Records that headquarters has yet to hear of, the oldest first, and that it heard of the first `count` of them. */
  untold(limit: number): readonly CheckRecord[];
  told(count: number): void;
  /** Where the scrub goes on after a restart, and when its pass began; `null` = begin anew. */
  scrubPlace(): { readonly place: RowPlace; readonly sinceMs: number } | null;
  keepScrubPlace(place: { readonly place: RowPlace; readonly sinceMs: number } | null): void;
}

/** An entry of the till's own ledger. */
export interface ProvedEntry {
  readonly seq: number;
  /** `entryContent`, 32 hex digits; `null` = nothing of it is there. */
  readonly content: string | null;
  /** Why the till does not trust it; `null` = it does, or it was whole when it was pruned. */
  readonly fault: OwnFault | null;
}

/** The till's ledger, as far as this incarnation of its database wrote it, for the upward proof. Synchronous; reads only. */
export interface LedgerProofStore {
  /** Entries after `from` can be proved; of those up to `base` only the content is left. */
  range(): {
    readonly from: number;
    readonly base: number;
    readonly head: { readonly seq: number; readonly hash: string };
  };
  /** Every entry after `after` up to `to`, in order, from the rows as they lie there; call it in slices. */
  contents(after: number, to: number): readonly ProvedEntry[];
  /** Entries as they went up, in the order asked for; those that are gone are left out. */
  entries(seqs: readonly number[]): readonly RefillEntry[];
}

/** What runs now, for screens. */
export interface CheckFacts {
  readonly state:
    | 'off'
    | 'making'
    | 'idle'
    | 'comparing'
    | 'walking'
    | 'repairing'
    | 'reloading'
    | 'scrubbing';
  /** Rows done and all, of what runs; `null` = unknown or nothing runs. */
  readonly progress: { readonly done: number; readonly all: number } | null;
  /** Milliseconds that it will still take, as far as can be told. */
  readonly leftMs: number | null;
  /** The last walk and the last whole scrub that ended without a failure. */
  readonly lastWalk: CheckRecord | null;
  readonly lastScrub: CheckRecord | null;
  readonly lastLedger: CheckRecord | null;
  /** Newest first, at most 20. */
  readonly history: readonly CheckRecord[];
  /** Rows that differ again after a repair. */
  readonly staying: number;
}

/** Checks that a person asks for. */
export interface ChecksPort {
  facts(): CheckFacts;
  /**
   * Walks, after a whole scrub where `deep`. What it tells was all looked at after
   * this call: where a check runs already, the next one answers.
   */
  verify(options: { readonly deep: boolean }): Promise<
    Result<
      readonly CheckRecord[],
      {
        readonly code: 'offline' | 'not-configured' | 'not-known-there' | 'failed';
        readonly detail: string;
      }
    >
  >;
}
