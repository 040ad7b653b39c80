import type {
  EvaluationId,
  FaceTemplate,
  MemberId,
  Result,
  ReturnId,
  SaleId,
  TillPlace,
} from '../../agent/contract/index.ts';
import type { KeyGoneReason } from '../protocol/face.ts';
import type { Cursor, FeedRow } from '../protocol/feed.ts';
import type { HqReply } from '../protocol/hq-api.ts';
import type { FormerIncarnation } from '../protocol/session.ts';
import type { SnapshotStart } from '../protocol/snapshot.ts';
import type { Receipt, UploadItem } from '../protocol/upload.ts';
import type { CheckFacts, ChecksPort, ChecksStore, LedgerProofStore } from './check-ports.ts';

/** How long a till waits for an allowance holder before it goes on without, in milliseconds. */
export const ALLOWANCE_DEADLINE_MS = 300;

/** Asks for points or a scarce benefit before they are spent. */
export interface AllowanceRequest {
  /** Chosen by the till; the same id twice reserves once. */
  readonly allowanceId: string;
  readonly memberId: MemberId | null;
  readonly evaluationId: EvaluationId;
  /** A held evaluation of the same basket that ends when this one is held: what it reserved counts as free for this one. */
  readonly replaces?: EvaluationId;
  /** Points to spend, or one coupon to use. */
  readonly what:
    | {
        readonly kind: 'points';
        readonly points: number;
        /** Category of the points; absent = `base`. */
        readonly bucket?: string;
      }
    | {
        readonly kind: 'coupon';
        /** A coupon code, or the name of a voucher. */
        readonly code: string;
        /** Uses that the code is good for over the chain; absent = 1. */
        readonly times?: number;
      };
  /** The holder may give the reservation back to others after this instant. */
  readonly holdUntilMs: number;
}

export type AllowanceRefusal =
  /** No holder answered within the deadline. */
  | { readonly code: 'allowance-unreachable' }
  /** The holder says no: spent elsewhere, used, or not enough. */
  | { readonly code: 'allowance-refused'; readonly available?: number };

/**
 * Who may say that points or a scarce benefit can be spent, so that no partition, crash or clock overdraws them.
 * Holders: headquarters, later leases in the store, or this till itself where it is the only one of its chain.
 */
export interface AllowancePort {
  /** Whether a holder can be asked, as far as is known without waiting. */
  reachable(): boolean;
  /**
   * What this holder would grant for points of a category (absent = `base`) in the place of the hold `replaces`, as far as
   * is known without waiting.
   */
  availablePoints(memberId: MemberId, bucket?: string, replaces?: EvaluationId): number;
  /** What is known without waiting of a coupon that is good for `times` uses, absent = 1. */
  couponState(code: string, times?: number): 'free' | 'reserved' | 'used' | 'unknown';
  /** Never rejects; answers within {@link ALLOWANCE_DEADLINE_MS}. */
  reserve(
    request: AllowanceRequest,
  ): Promise<Result<{ readonly allowanceId: string }, AllowanceRefusal>>;
  /** The reserved thing was spent. Repeatable; delivered later when the holder cannot be reached. */
  settle(allowanceId: string): void;
  /** The reserved thing was not spent. Repeatable; delivered later when the holder cannot be reached. */
  release(allowanceId: string): void;
}

/** Why a member could not be asked for. */
export type LookupRefusal = { readonly code: 'lookup-unreachable' };

/** Members that headquarters knows beyond this till's scope. */
export interface MemberLookupPort {
  /**
   * Asks headquarters and puts whoever is found into the till's database. Never rejects; answers within
   * {@link LOOKUP_DEADLINE_MS}, and at once while headquarters is out of reach.
   * @returns the ids of who was found, at most 10; none = nobody
   */
  find(query: {
    readonly by: 'card' | 'gsrn' | 'phone' | 'member';
    readonly value: string;
  }): Promise<Result<readonly MemberId[], LookupRefusal>>;
}

/** How long a till waits for headquarters to name a member, in milliseconds; the sale goes on beside it. */
export const LOOKUP_DEADLINE_MS = 300;

/** Why headquarters could not be asked for a sale. */
export type SaleRefusal = { readonly code: 'sale-unreachable' };

/** How long a till waits for headquarters in a return, in milliseconds: a shopper stands there, and no basket waits. */
export const SALE_DEADLINE_MS = 3_000;

/**
 * Sales of the whole chain as headquarters knows them, for goods that come back. Never rejects; answers within
 * {@link SALE_DEADLINE_MS}, and at once while headquarters is out of reach.
 */
export interface SalesPort {
  find(saleId: SaleId): Promise<Result<HqReply<'findSale'>, SaleRefusal>>;
  /** Claims a sale's goods for one return; the same return id twice claims once. Booking the return ends the claim. */
  claim(claim: {
    readonly returnId: ReturnId;
    readonly saleId: SaleId;
  }): Promise<Result<HqReply<'claimReturn'>, SaleRefusal>>;
  /** The return was not booked. Where headquarters is out of reach, its next reconcile gives the claim back. */
  release(returnId: ReturnId): void;
  /** What the kept goods come to before and after a return, by units that came back over all returns. */
  kept(question: {
    readonly saleId: SaleId;
    readonly before: Readonly<Record<string, number>>;
    readonly after: Readonly<Record<string, number>>;
  }): Promise<Result<HqReply<'keptGoods'>, SaleRefusal>>;
}

/** How long a till waits for a pass's code, in milliseconds: a member stands there, and no basket waits. */
export const PASS_CODE_DEADLINE_MS = 5_000;

/** Why there is no code. */
export type PassCodeRefusal =
  | { readonly code: 'pass-unreachable' }
  | {
      readonly code: 'pass-refused';
      readonly refusal:
        | 'member-unknown'
        | 'member-not-active'
        | 'pass-codes-many'
        | 'pass-page-missing';
    };

/** Codes by which members link their phones. Never rejects; answers within {@link PASS_CODE_DEADLINE_MS}. */
export interface PassesPort {
  code(memberId: MemberId): Promise<Result<HqReply<'issuePassCode'>, PassCodeRefusal>>;
}

/** Why the till does not sync although it could reach headquarters; a person has to act. */
export type SyncStop =
  | 'till-revoked'
  | 'till-copied'
  | 'till-unknown'
  /** Headquarters has another key for this till: it was registered anew, here or elsewhere. */
  | 'till-replaced'
  | 'ledger-forked'
  | 'incarnation-unknown'
  | 'protocol-unsupported';

/** Why headquarters is out of reach. */
export type OfflineReason =
  | 'starting'
  | 'network'
  | 'timed-out'
  | 'captive-portal'
  | 'certificate-expired'
  | 'certificate-untrusted'
  /** The certificate is right and this machine's clock is not: it is valid at another time than the clock shows. */
  | 'clock-wrong'
  | 'server-error'
  | 'wrong-answer';

/** Something that does not stop sync and that a person should know of. */
export interface SyncTrouble {
  readonly code: /** The till's disk is full or fails: what comes down or is confirmed waits. */
    | 'storage-failed'
    /** A part of sync threw where nothing may; it begins again by itself, and the till sells on. */
    | 'sync-broken'
    /** A signed document of HQ was not installed; the one in force stays. */
    | 'document-refused'
    /** HQ refuses an item of the outbox: it and what follows wait. */
    | 'upload-refused'
    /** A receipt of HQ is not signed by a trusted key or is not about this till. */
    | 'receipt-refused'
    /** Pages of HQ are damaged or out of order on the way. */
    | 'page-refused'
    /** Rows of HQ that this version cannot read. */
    | 'row-refused'
    /** More rows differ from headquarters' than are repaired one by one: a copy brings what is lacking, a person lets extras go. */
    | 'drift-large'
    /** Rows that were repaired differ again: a fault of the program or the machine. */
    | 'drift-stays'
    /** HQ does not hold what it signed for, and what it lacks can no longer be sent. */
    | 'ledger-lost'
    /** Entries of this till's own ledger are damaged; what headquarters holds of them stands. */
    | 'ledger-damaged';
  /** Which one and why, for IT; no personal data. */
  readonly detail: string;
  readonly sinceMs: number;
}

/** Where the till stands with headquarters, for screens and the operator. */
export interface SyncFacts {
  readonly state: 'not-configured' | 'online' | 'offline' | 'stopped';
  readonly sinceMs: number;
  readonly offlineReason?: OfflineReason;
  readonly stopped?: SyncStop;
  /** How pages come. */
  readonly transport: 'stream' | 'long-poll' | 'poll' | 'none';
  readonly url: string | null;
  readonly timeline: string | null;
  /** Place in the feed, and HQ's head when last heard. */
  readonly pos: number;
  readonly headPos: number | null;
  readonly lastHeardMs: number | null;
  readonly lastAppliedMs: number | null;
  /** Rows of the outbox that headquarters has yet to receive, and the time of the oldest. */
  readonly waiting: number;
  readonly oldestWaitingMs: number | null;
  readonly receivedSeq: number;
  readonly backedUpSeq: number;
  /** HQ's clock minus the till's when last compared, in milliseconds. */
  readonly clockOffsetMs: number | null;
  readonly snapshot: {
    readonly state: 'none' | 'loading' | 'merging' | 'done';
    readonly rowsDone: number;
    readonly rowsAll: number;
  };
  /** Attempts since headquarters was last reached, and when the next one is due. */
  readonly attempts: number;
  readonly nextAttemptMs: number | null;
  /** At most one of a code; absent or empty = none. */
  readonly troubles?: readonly SyncTrouble[];
  /** Full-volume checks; absent where headquarters is not set up. */
  readonly checks?: CheckFacts;
}

/** What the till knows of its connection to headquarters. */
export interface HeadquartersPort {
  state(): { readonly state: 'not-configured' | 'online' | 'offline'; readonly sinceMs: number };
  readonly allowance: AllowancePort;
  readonly lookup: MemberLookupPort;
  readonly sales: SalesPort;
  readonly passes: PassesPort;
  facts(): SyncFacts;
  /** Tries again at once, whatever the back-off says. */
  syncNow(): void;
  /** Full-volume checks; absent where headquarters is not set up. */
  readonly checks?: ChecksPort;
}

/** What registration left at the till; the private key lies in the encrypted database only. */
export interface Registration {
  readonly url: string;
  /** Certificate of the pinned authority as PEM; null for plain HTTP on loopback. */
  readonly ca: string | null;
  readonly place: TillPlace;
  /** Ed25519 private key, PKCS8 PEM. */
  readonly privateKey: string;
  readonly trustedKeys: readonly { readonly keyId: string; readonly publicKey: string }[];
  readonly registeredAtMs: number;
}

/** What one slice of feed rows did. */
export interface Applied {
  /** Rows that were newer than the till's own. */
  readonly changed: readonly { readonly table: string; readonly key: string }[];
  /** Rows that were ignored because the till had the same version or a newer one. */
  readonly ignored: number;
  /** Rows that this version cannot read: kept as they came, not applied. */
  readonly refused?: readonly {
    readonly table: string;
    readonly key: string;
    readonly why: string;
  }[];
}

/** A row of the feed by table and key; two empty texts come before all. */
export interface RowPlace {
  readonly table: string;
  readonly key: string;
}

/** A signed document that the feed announced and that is not installed. */
export interface DocumentDue {
  readonly kind: 'rule-set' | 'policy';
  readonly version: number;
  readonly sizeBytes: number;
  /** SHA-256 (hex) of the document's bytes. */
  readonly sha256: string;
}

/**
 * The till's database as sync sees it. Synchronous like the store; each method is one transaction, and throws
 * StorageError where the disk is full or fails, leaving everything as it was.
 */
export interface SyncStore {
  readonly tillId: string;
  readonly incarnation: string;
  registration(): Registration | undefined;
  /** One of another store or till leaves its place in the feed and counts what was fed before as the oldest there is. */
  register(registration: Registration): void;
  /** Where the till is in the feed; `undefined` until a first snapshot or page was taken. */
  cursor(): Cursor | undefined;
  /** HQ's timeline that the till last heard of, also where its place in the feed is forgotten; null = none. */
  timeline(): string | null;
  /**
   * Applies rows and, with the last slice of a page, moves the cursor in the same transaction. Unknown tables are kept.
   * @param copy the rows are of a snapshot
   * @param at where that was taken; absent = nothing is audited, with it what a copy of mode `differing` changed is
   */
  apply(rows: readonly FeedRow[], cursor?: Cursor, copy?: CopyMode, at?: Cursor): Applied;
  /**
   * Applies rows that came ahead of the feed: express rows and answers to a look-up. They count like any other, but the
   * digests leave them out until the feed brings them.
   */
  applyAhead(rows: readonly FeedRow[]): Applied;
  readonly checks: ChecksStore;
  /** The ledger as the upward proof sees it. */
  readonly ledger: LedgerProofStore;
  /**
   * Tries rows that could not be read once more, as they lie aside: at most `limit` after a place, in order. A later
   * version of the program may read them.
   * @returns what came of it, and where the next slice begins; `null` = that was the last one
   */
  readRefused(
    after: RowPlace,
    limit: number,
  ): { readonly applied: Applied; readonly next: RowPlace | null };
  /** The body of a row that came down, as it came: settings, tags, stores and documents; `undefined` = not there. */
  fed(table: string, key: string): string | undefined;
  /** Keys of a table's rows that lie as they came, those that could not be read included. */
  fedKeys(table: string): readonly string[];
  /** `aside` = this version cannot read it; `gone` = the feed has said so, and that is not forgotten yet; else `none`. */
  fedState(table: string, key: string): 'there' | 'aside' | 'gone' | 'none';
  /**
   * Ends the merge of a snapshot: removes fed rows of `table` that the snapshot did not have and whose version is not above
   * `newestVer` (absent = whatever their version); called in slices by key range (from exclusive, to inclusive; absent =
   * to the end). Who joined at this till stays until headquarters knows them, and with `mode` what came ahead and the feed
   * has said nothing of.
   * @returns the keys of the rows that went
   */
  removeAbsent(
    table: string,
    present: ReadonlySet<string>,
    range: {
      readonly after: string;
      readonly to?: string;
      readonly newestVer?: number;
      readonly mode?: CopyMode;
      /** As that of {@link apply}. */
      readonly at?: Cursor;
    },
  ): readonly string[];
  /** The next items for headquarters in order of their number, within both limits; at least one where any waits. */
  nextUpload(maxItems: number, maxBytes: number): UploadItem[];
  waiting(): { readonly count: number; readonly oldestMs: number | null };
  /**
   * Takes a checked receipt: forgets what was received, remembers what is backed up. Older receipts change nothing; one
   * whose ledger head is not this till's own is refused, and nothing is forgotten.
   */
  acknowledge(receipt: Receipt): Result<void, 'receipt-does-not-fit'>;
  received(): { readonly seq: number; readonly outboxNo: number; readonly backedUpSeq: number };
  /**
   * Puts the entries after `afterSeq` and what lay beside them into the outbox again, before what waits, because HQ does
   * not have them (it was restored from a backup). Numbers and order are the ones that they had, so the number that HQ
   * expects next is among them; what comes before it HQ takes as repeated. What was pruned cannot be sent again.
   */
  sendAgain(afterSeq: number, afterNo?: number): void;
  /** Incarnations that this database went on from, oldest first, with the last entry of each. */
  former(): readonly FormerIncarnation[];
  /**
   * Whether the ledger head that HQ names is an entry of this till's own ledger, or the one where this incarnation began. Where
   * it is not, this database is an older state of the till, and its numbers were taken by what HQ holds. Nor is a head
   * known before entries that this database has lost: HQ would wait for them. The same goes for a number of the outbox that
   * this database never gave.
   */
  isHeadKnown(head: {
    readonly seq: number;
    readonly hash: string;
    readonly outboxNo: number;
  }): boolean;
  /** Session proofs: what HQ may believe, the newest last. `stage` is on the disk before it is sent. */
  proofs(): readonly string[];
  /**
   * Answers the proof to send as `nextProof`: `next`, or the one staged before whose answer never came. That one must be
   * sent again, because HQ may have taken it, and a third candidate would have no place in the request.
   */
  stageProof(next: string): string;
  /** Headquarters has taken `sent`; where another one is staged by now, that one waits for an answer of its own. */
  confirmProof(sent: string): void;
  /** Ids of reservations at HQ that this till still stands by: held sales, and what waits in the outbox. */
  openAllowances(): readonly string[];
  /** Queues that a reservation was not spent. */
  queueRelease(allowanceId: string, atMs: number): void;
  /** Fed `document` rows whose version is above the one installed of their kind. */
  documentsDue(): readonly DocumentDue[];
  /** Removes ledger entries that are backed up at HQ and older than `beforeMs`; answers how many. */
  pruneLedger(beforeMs: number, limit: number): number;
  /** Forgets removals that came before `beforeMs`, which no feed repeats any more; answers how many. */
  pruneTombstones(beforeMs: number, limit: number): number;
  /** Whether more was written than has found its place in the file: sync waits a little, sales do not. */
  isCrowded(): boolean;
}

/** The sealed templates of this till, those enrolled here included. Throws StorageError where the disk fails. */
export interface FaceRows {
  find(templateId: string): FaceTemplate | undefined;
  ids(): Iterable<string>;
  /** Keeps a template that headquarters fed; one that is there stays as it is. */
  put(template: FaceTemplate): void;
  /** The template and what was made of it go, from the gallery too. One that is not there is no error. */
  end(templateId: string): void;
  /** Whether a key opens the template. */
  opens(template: FaceTemplate, key: Uint8Array): boolean;
}

/** Keys of templates, outside the database. Durable when a method returns; throws StorageError where the disk fails. */
export interface FaceKeyStore {
  /** Bytes of their own, which the caller overwrites after use. */
  get(templateId: string): Uint8Array | undefined;
  /** Answers false and keeps nothing where the id was ever erased, or has another key. */
  put(templateId: string, key: Uint8Array): boolean;
  /** Also of an id that has no key here. The first reason counts. */
  erase(templateId: string, reason: KeyGoneReason, atMs: number): void;
  erased(templateId: string): { readonly reason: KeyGoneReason; readonly atMs: number } | undefined;
  ids(): Iterable<string>;
  /** All ids that were ever erased. */
  erasedIds(): Iterable<string>;
}

/** What sync needs of the till's faces; absent = this till has none. */
export interface FacePorts {
  readonly rows: FaceRows;
  readonly keys: FaceKeyStore;
  /** The template can be opened from here on: its key came, or the row was mended. */
  readonly onKey?: (templateId: string) => void;
  /**
   * Whether this till may have keys that other tills made; absent = it may. While it may not it asks for none and takes none,
   * and sealed templates come all the same: they are what it asks for once it may.
   */
  readonly wantsKeys?: () => boolean;
}

/** The segment of a snapshot that is missing next: rows of `table` whose key comes after `after`. */
export interface SegmentWanted {
  readonly table: string;
  readonly after: string;
}

/** How far a snapshot has come. */
export interface SnapshotProgress {
  /** Where the feed goes on once the snapshot is in: of the build that was begun first, where it was cut and resumed. */
  readonly start: Cursor;
  /** null = every segment is there. */
  readonly next: SegmentWanted | null;
  readonly rowsDone: number;
  readonly rowsAll: number;
}

/**
 * Which rows of a snapshot count at a till that runs. `newer`: those above the till's version. `differing`: also those whose
 * content is another one at the same or a lower version than the till's, as after large drift; what came ahead of the feed
 * and is newer stays. `adding`: as `differing`, and rows that the snapshot does not have stay, so that the
 * next walk finds them.
 */
export type MergeMode = 'newer' | 'differing' | 'adding';
/** How a copy for large drift is merged: rows go only where a person asked for it. */
export type ReloadMode = Exclude<MergeMode, 'newer'>;
/** `other-timeline`: each row that differs counts, whichever version is higher: headquarters was restored. */
export type CopyMode = Exclude<MergeMode, 'adding'> | 'other-timeline';

/**
 * Builds a snapshot in a file beside the live one, off the till's thread, and brings it into a running till. What was
 * taken survives a kill. Throws StorageError where the disk is full or fails.
 */
export interface SnapshotPort {
  /**
   * Begins, or goes on with a build of the same store and timeline that was cut; any other is thrown away, and one that
   * was begun behind the till's place in the feed.
   */
  begin(start: SnapshotStart): Promise<SnapshotProgress>;
  /** Checks one segment's bytes as they came (see snapshot.ts) and keeps them; nothing of a damaged one is kept. */
  segment(
    wanted: SegmentWanted,
    bytes: Uint8Array,
  ): Promise<
    Result<SnapshotProgress, { readonly code: 'segment-damaged'; readonly message: string }>
  >;
  /** Verifies the whole once nothing is missing; a damaged build is thrown away. */
  finish(): Promise<
    Result<SnapshotProgress, { readonly code: 'snapshot-damaged'; readonly message: string }>
  >;
  /**
   * Brings the next part of a finished snapshot into the running till's database in one transaction that takes about
   * `budgetMs`: rows first, then removal of what the snapshot does not have. The last part sets the cursor to `start`,
   * never back within a timeline. Repeatable from the beginning after a kill. One merge has one mode, absent = `newer`.
   * Each part of `differing` and `adding` names what it changed in audit rows (DRIFT_AUDIT_ACTION) of its transaction.
   */
  merge(
    budgetMs: number,
    mode?: MergeMode,
  ): {
    readonly done: boolean;
    readonly rows: number;
    readonly applied: Applied;
  };
  /** Removes the file, whatever state it is in. */
  discard(): Promise<void>;
}
