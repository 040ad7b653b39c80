import type { EvaluationId, MemberId, Result, TillPlace } from '../../agent/contract/index.ts';
import type { Cursor, FeedRow } from '../protocol/feed.ts';
import type { Receipt, UploadItem } from '../protocol/upload.ts';

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
    | { readonly kind: 'points'; readonly points: number }
    | { readonly kind: 'coupon'; readonly code: string };
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
  /** What this holder would grant for points, as far as is known without waiting. */
  availablePoints(memberId: MemberId): number;
  /** What is known of a single-use coupon without waiting. */
  couponState(code: string): 'free' | 'reserved' | 'used' | 'unknown';
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

/** Why the till does not sync although it could reach headquarters; a person has to act. */
export type SyncStop =
  | 'till-revoked'
  | 'till-copied'
  | 'till-unknown'
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
  | 'server-error'
  | 'wrong-answer';

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
}

/** What the till knows of its connection to headquarters. */
export interface HeadquartersPort {
  state(): { readonly state: 'not-configured' | 'online' | 'offline'; readonly sinceMs: number };
  readonly allowance: AllowancePort;
  readonly lookup: MemberLookupPort;
  facts(): SyncFacts;
  /** Tries again at once, whatever the back-off says. */
  syncNow(): void;
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
}

/**
 * The till's database as sync sees it. Synchronous like the store; each method is one transaction, and throws
 * StorageError where the disk is full or fails, leaving everything as it was.
 */
export interface SyncStore {
  readonly tillId: string;
  readonly incarnation: string;
  registration(): Registration | undefined;
  register(registration: Registration): void;
  /** Where the till is in the feed; `undefined` until a first snapshot or page was taken. */
  cursor(): Cursor | undefined;
  /** Applies rows and, with the last slice of a page, moves the cursor in the same transaction. Unknown tables are kept. */
  apply(rows: readonly FeedRow[], cursor?: Cursor): Applied;
  /**
   * Ends the merge of a snapshot: removes fed rows of `table` that the snapshot did not have and whose version is not above
   * `newestVer`; called in slices by key range (from exclusive, to inclusive; absent = to the end).
   */
  removeAbsent(
    table: string,
    present: ReadonlySet<string>,
    range: { readonly after: string; readonly to?: string },
  ): number;
  /** The next items for headquarters in order of their number, within both limits; at least one where any waits. */
  nextUpload(maxItems: number, maxBytes: number): UploadItem[];
  waiting(): { readonly count: number; readonly oldestMs: number | null };
  /** Takes a checked receipt: forgets what was received, remembers what is backed up. Older receipts change nothing. */
  acknowledge(receipt: Receipt): void;
  received(): { readonly seq: number; readonly outboxNo: number; readonly backedUpSeq: number };
  /** Puts entries after `seq` into the outbox again, because HQ does not have them. Their order is kept. */
  sendAgain(afterSeq: number): void;
  /** Session proofs: what HQ may believe, the newest last. `stage` is on the disk before it is sent. */
  proofs(): readonly string[];
  stageProof(next: string): void;
  confirmProof(): void;
  /** Ids of reservations at HQ that this till still stands by: held sales, and what waits in the outbox. */
  openAllowances(): readonly string[];
  /** Queues that a reservation was not spent. */
  queueRelease(allowanceId: string, atMs: number): void;
  /** Removes ledger entries that are backed up at HQ and older than `beforeMs`; answers how many. */
  pruneLedger(beforeMs: number, limit: number): number;
}
