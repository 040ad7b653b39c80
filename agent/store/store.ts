import type { SyncStore } from '../../sync/client/ports.ts';
import type {
  Article,
  BasketId,
  ClientId,
  CredentialUse,
  DeviceBinding,
  DeviceDay,
  DeviceRole,
  EntryFactsWritten,
  EntryHeader,
  EntryReply,
  EvaluationId,
  EvaluationState,
  EventBody,
  Evidence,
  FaceConsent,
  FaceEnrolment,
  FaceTemplate,
  FaceWithdrawal,
  Identification,
  JoinFacts,
  LimitScope,
  Member,
  MemberId,
  PairedClient,
  PointsLot,
  RuleId,
  SaleId,
  Staff,
  StaffId,
  TemplateId,
  TillEvent,
  TillId,
} from '../contract/index.ts';

import type { OwnBooking } from '../domain/members/own-bookings.ts';
import type { LedgerGap } from './incarnations.ts';
import type { LedgerJournal } from './ledger-journal/create-ledger-journal.ts';
import type { MissingEntries } from './ledger-mark.ts';
import type { FacePairsRepository } from './repositories/face-pairs.ts';

/**
 * The till's own database seen from the use cases: one file, encrypted whole, one write connection.
 * Reads answer from the committed state or, inside {@link Store.transaction}, from the transaction's own.
 * Every method is synchronous: SQLite answers in microseconds and a transaction must not wait for anything.
 * A full or failing disk throws {@link StorageError}; the transaction is rolled back whole.
 */
export interface Store {
  readonly tillId: TillId;
  /** New at each creation or restore of the database, so that a copied ledger is told from the original. */
  readonly incarnation: string;
  /** Path of the database. */
  readonly file: string;
  /** Runs `work` in one IMMEDIATE transaction with `synchronous=FULL`: it is on the disk when this returns. */
  transaction<T>(work: () => T): T;
  readonly members: MembersRepository;
  readonly ownBookings: OwnBookingsRepository;
  readonly staff: StaffRepository;
  readonly articles: ArticlesRepository;
  readonly documents: DocumentsRepository;
  readonly keys: SubjectKeysRepository;
  readonly ledger: LedgerRepository;
  readonly points: PointsRepository;
  readonly holds: HoldsRepository;
  readonly coupons: CouponsRepository;
  readonly ruleUses: RuleUsesRepository;
  readonly credentialUses: CredentialUsesRepository;
  readonly faces: FacesRepository;
  readonly facePairs: FacePairsRepository;
  readonly deviceBindings: DeviceBindingsRepository;
  readonly deviceStatistics: DeviceStatisticsRepository;
  readonly replies: RepliesRepository;
  readonly outbox: OutboxRepository;
  readonly events: EventsRepository;
  readonly clients: ClientsRepository;
  readonly screens: ScreenTokensRepository;
  readonly baskets: BasketsRepository;
  readonly visits: VisitsRepository;
  readonly audit: AuditRepository;
  readonly meta: MetaRepository;
  /** What the chain's own entries do not say: after which ones it was renewed, and which ones are known to be lost. */
  ledgerFacts(): {
    readonly renewedAfter: readonly number[];
    readonly gaps: readonly LedgerGap[];
    /** Committed entries that the database did not have at a later start. */
    readonly missing: readonly MissingEntries[];
  };
  /**
   * Asks for a fresh incarnation at the next opening, see `renewIncarnation`.
   * @returns whether the till has to be opened anew for it; false where that has not helped of late
   */
  wantIncarnation(): boolean;
  /** Tells once that a page of the database could not be read; the till then has to be opened anew. */
  onDamaged(tell: (detail: string) => void): void;
  /** The second copy of the entries that headquarters has not backed up. */
  readonly journal: Pick<LedgerJournal, 'beat' | 'facts'>;
  /** The same database as sync sees it: registration, feed, outbox, receipts. */
  readonly sync: SyncStore;
  /**
   * Leaves moving the write-ahead log into the file to another thread, see `createCheckpointer`; `undefined` = this
   * connection does it by itself after its commits, as it does from the start.
   */
  leaveLog(to: LogMover | undefined): void;
  /**
   * Empties the log where an erasure asked for it and it could not be done yet, as soon as that costs the till's thread
   * little; to be called every second. Never throws for a disk that fails.
   */
  scrubErased(): void;
  close(): void;
}

/** Who moves the write-ahead log into the file. */
export interface LogMover {
  /** Whether the log is long and not all of it was moved yet. */
  isCrowded(): boolean;
  /** Asks for all of the log to be moved, however short it is. @returns whether nothing was left when it last looked */
  moveAll(): boolean;
}

/** Thrown when the disk is full, read-only or broken; nothing of the transaction was kept. */
export interface StorageError extends Error {
  readonly name: 'StorageError';
  readonly code: 'storage-full' | 'storage-failed';
}

export interface MembersRepository {
  byId(id: MemberId): Member | undefined;
  /** By a card number; never by the key of a pass. */
  byCard(card: string): Member | undefined;
  /** Whose row carries this key of a pass. */
  byPassKey(keyId: string): Member | undefined;
  byGsrn(gsrn: string): Member | undefined;
  /** Members whose phone ends in `digits` (4 or more), at most `limit`, in order of member id. */
  byPhoneSuffix(digits: string, limit: number): Member[];
  /** Writes what this till knows by itself; members whom headquarters feeds stay as it said. */
  upsert(members: readonly Member[]): void;
  count(): number;
}

/** What this till booked for members beyond the figures that headquarters has counted. */
export interface OwnBookingsRepository {
  /** In the order of the entries. */
  ofMember(id: MemberId): OwnBooking[];
}

export interface StaffRow extends Staff {
  /** argon2id in PHC string form. */
  readonly pinHash: string;
  readonly wrongPins: number;
  /** Epoch ms until which the PIN is refused; 0 = not locked. */
  readonly lockedUntilMs: number;
}

export interface StaffRepository {
  byId(id: StaffId): StaffRow | undefined;
  list(): Staff[];
  /** Whom headquarters feeds stays as it said. */
  upsert(staff: Staff, pinHash: string): void;
  setPinFailures(id: StaffId, wrongPins: number, lockedUntilMs: number): void;
}

export interface ArticlesRepository {
  bySku(sku: string): Article | undefined;
  byGtin(gtin: string): Article | undefined;
  /** GTIN or SKU exactly, else a part of a name in either language; an empty query lists all. At most `limit`, in order of sku. */
  search(query: string, limit: number): Article[];
  /** What headquarters feeds stays as it said. */
  upsert(articles: readonly Article[]): void;
}

export type DocumentKind = 'rule-set' | 'policy' | 'place';

export interface StoredDocument {
  readonly kind: DocumentKind;
  readonly version: number;
  /** Canonical JSON of the payload. */
  readonly body: string;
  readonly installedAtMs: number;
}

export interface DocumentsRepository {
  /** The one in force: the newest since the till was last registered, else the newest of before. */
  current(kind: DocumentKind): StoredDocument | undefined;
  /**
   * The one with the highest version since the till was last registered; of a till that never was, of all. What came
   * before, from a file or from another headquarters, is in force until then, but its version counts for nothing.
   */
  sinceRegistered(kind: DocumentKind): StoredDocument | undefined;
  byVersion(kind: DocumentKind, version: number): StoredDocument | undefined;
  /** All of one version, newest registration first: each headquarters counts its own versions. */
  allOfVersion(kind: DocumentKind, version: number): StoredDocument[];
  /** Refuses (throws) a version that is not above the one of {@link sinceRegistered}, unless the body is the same. */
  install(document: StoredDocument): void;
}

/** 256-bit key of one member, or of all guests; erasing it makes everything sealed under it unreadable. */
export interface SubjectKey {
  readonly keyId: string;
  readonly key: Uint8Array;
}

export interface SubjectKeysRepository {
  /** The subject's key, made on first use from the bytes that `random` gives. */
  forSubject(subject: MemberId | 'guest'): SubjectKey;
  /** `undefined` once erased. */
  byId(keyId: string): SubjectKey | undefined;
  erase(subject: MemberId): void;
}

export interface LedgerRow {
  readonly header: EntryHeader;
  readonly hash: string;
  /** AES-256-GCM box under the subject's key: nonce (12) + ciphertext + tag (16); additional data = entry id. */
  readonly sealed: Uint8Array;
}

export interface LedgerRepository {
  head(): { readonly seq: number; readonly hash: string };
  /** The last entry that was pruned (seq 0 and the genesis hash where none was): what the chain kept here begins after. */
  base(): { readonly seq: number; readonly hash: string };
  /** The caller has chained the header; a gap or a foreign `prevHash` breaks an invariant and throws. */
  append(row: LedgerRow): void;
  bySeq(seq: number): LedgerRow | undefined;
  bySale(saleId: SaleId): LedgerRow[];
  byReturn(returnId: string): LedgerRow | undefined;
  after(seq: number, limit: number): LedgerRow[];
  recent(limit: number): LedgerRow[];
}

export interface PointsMovement {
  readonly seq: number;
  readonly lotId: string;
  readonly memberId: MemberId;
  readonly delta: number;
}

/** A movement with the category of its lot; `base` where headquarters has done away with the lot. */
export interface BookedMovement extends PointsMovement {
  readonly bucket: string;
}

export interface PointsRepository {
  /** Lots with points left or owed, oldest expiry first, those without expiry last, then by lot id. */
  lots(memberId: MemberId): PointsLot[];
  /** One lot, also where nothing is left of it. */
  lot(memberId: MemberId, lotId: string): PointsLot | undefined;
  balance(memberId: MemberId): number;
  /** A lot belongs to one member for good; a merged account gets lots of its own. */
  upsertLots(lots: readonly PointsLot[]): void;
  /** Only lots that are not there yet: what was spent of a known lot stays spent. */
  addLots(lots: readonly PointsLot[]): void;
  /** Changes lots and records why; an unknown lot breaks an invariant and throws. */
  move(movements: readonly PointsMovement[]): void;
  movementsOf(seq: number): BookedMovement[];
}

export interface HoldRow {
  readonly evaluationId: EvaluationId;
  readonly basketId: BasketId;
  readonly basketHash: string;
  readonly memberId: MemberId | null;
  readonly state: EvaluationState;
  readonly deadlineMs: number;
  readonly pointsReserved: number;
  /** `pointsReserved` by category; absent = all of it of `base`. */
  readonly pointsByBucket?: Readonly<Record<string, number>>;
  readonly couponsReserved: readonly string[];
  /** Ids of the reservations at the allowance holder. */
  readonly allowanceIds: readonly string[];
  readonly saleId: SaleId | null;
  /** JSON of everything commit needs: request, evaluation, decisions, facts read. */
  readonly body: string;
}

export interface HoldsRepository {
  get(id: EvaluationId): HoldRow | undefined;
  put(row: HoldRow): void;
  setState(id: EvaluationId, state: EvaluationState, saleId: SaleId | null): void;
  /**
   * Sales of this till by the reference of their commit, newest first, at most `limit`; of `referenceId` capital and small
   * letters of the Latin alphabet count alike.
   */
  sold(referenceId: string, limit: number): HoldRow[];
  /** HELD rows whose deadline has passed, at most `limit`. */
  overdue(nowMs: number, limit: number): HoldRow[];
  /** Points that HELD rows but `except` reserve, by category. */
  heldPoints(memberId: MemberId, except?: EvaluationId): Readonly<Record<string, number>>;
  /** Removes rows whose deadline lies before `ms` and answers how many; HELD rows are never removed. */
  pruneBefore(ms: number): number;
}

/** Counted coupons and vouchers as far as this till knows: reserved by a hold or used by an entry. */
export interface CouponsRepository {
  /**
   * `free` while fewer than `times` uses (absent = 1) are taken, those of `except` left out; else whether all are used.
   * @returns with the evaluation that used it first, else reserved it first, where it is not free
   */
  state(
    code: string,
    options?: { readonly times?: number; readonly except?: EvaluationId | undefined },
  ): {
    readonly state: 'free' | 'reserved' | 'used';
    readonly evaluationId?: EvaluationId;
  };
  /** The same evaluation twice reserves once. @param times uses that the code is good for; absent = 1 */
  reserve(code: string, evaluationId: EvaluationId, times?: number): void;
  release(code: string, evaluationId: EvaluationId): void;
  use(code: string, evaluationId: EvaluationId): void;
}

/** What one applied rule takes of its limits and of campaign money. */
export interface RuleUse {
  readonly ruleId: RuleId;
  /** Whether it is one use of a rule that has limits. */
  readonly counted: boolean;
  /** Campaign money that the rule draws on. */
  readonly budgetId: string | null;
  /** What it took of that money, in minor units; 0 without a budget. */
  readonly amountMinor: number;
}

/** Whose uses, and when: `member-*` scopes are 0 without a member, days are business days. */
export interface UsesAsked {
  readonly memberId: MemberId | null;
  readonly day: string;
  /** An evaluation whose own uses do not count against it. */
  readonly except?: EvaluationId | undefined;
}

/**
 * Uses of counted rules and campaign money by evaluations that are held or booked, as far as this till knows.
 * Rows carry a member id: erasing a member calls {@link forget}, which keeps the sums and drops whose they were.
 */
export interface RuleUsesRepository {
  /** An evaluation takes its uses once; a second time breaks an invariant and throws. */
  take(
    evaluationId: EvaluationId,
    whose: Pick<UsesAsked, 'memberId' | 'day'>,
    uses: readonly RuleUse[],
  ): void;
  of(evaluationId: EvaluationId): RuleUse[];
  /** Gives all of an evaluation's uses and money back; nothing where it took none. */
  giveBack(evaluationId: EvaluationId): void;
  /** Gives part of the money of one use back, which itself stays. */
  giveBackMoney(evaluationId: EvaluationId, ruleId: RuleId, amountMinor: number): void;
  used(ruleId: RuleId, scope: LimitScope, asked: UsesAsked): number;
  /** Minor units. */
  budgetUsedMinor(budgetId: string, except?: EvaluationId): number;
  forget(memberId: MemberId): void;
  /** Removes the uses of days before `day` (`YYYY-MM-DD`) and answers how many; totals keep them. */
  pruneBefore(day: string): number;
}

/** Codes of passes and wallet cards that were taken here; over restarts, a salvage and an adopted snapshot too. */
export interface CredentialUsesRepository {
  /** The identification that a code was taken for; `undefined` = it was not, or that was before its time was over. */
  showing(use: CredentialUse): string | undefined;
  /** The highest counter taken of a key, of a wallet card the highest step. */
  highest(keyId: string): number | undefined;
  /** Takes a code, in the transaction of the identification that it makes. Once more changes nothing. */
  take(
    use: CredentialUse,
    how: {
      readonly identificationId: string;
      readonly atMs: number;
      /** From when on the code is too old by itself. */
      readonly untilMs: number;
      /** What {@link highest} tells afterwards; absent = the counter. */
      readonly mark?: number;
    },
  ): void;
  /**
   * Forgets codes that are too old at `nowMs`, and counters of keys that no member here has and that were not used since
   * `countersBeforeMs`.
   */
  prune(nowMs: number, countersBeforeMs: number): void;
}

/** A sealed template of this till. */
export interface FaceRow {
  readonly template: FaceTemplate;
  /** null = it was enrolled at another till. */
  readonly consent: FaceConsent | null;
  /** The last business day on which it was recognised here; null = never yet. */
  readonly seenOn: string | null;
}

/** Sealed templates, whose keys lie elsewhere, see `TemplateKeys`. */
export interface FacesRepository {
  find(id: TemplateId): FaceRow | undefined;
  /** Enrolled under this very id, oldest first. */
  ofMember(id: MemberId): FaceRow[];
  /** In order of template id, from behind `after`. */
  after(after: string, limit: number): FaceRow[];
  ids(): TemplateId[];
  /** Whom a template is enrolled under, by its place in an order of all, 0 = first; undefined = beyond the last. */
  memberAt(place: number): MemberId | undefined;
  /** Members with templates whose account has become another's. */
  mergedMembers(): MemberId[];
  /** One that is there stays as it is. */
  put(template: FaceTemplate, consent: FaceConsent | null): void;
  /** Whether there was one. */
  remove(id: TemplateId): boolean;
  seen(id: TemplateId, day: string): void;
  count(): number;
  /** An enrolment as the outbox has it. */
  queuedEnrolment(id: TemplateId): FaceEnrolment | undefined;
  /** Enrolments and ends in the outbox, whether or not headquarters has received them. */
  queued(): { readonly enrolled: Set<TemplateId>; readonly ended: Map<TemplateId, FaceWithdrawal> };
  /** Ends that headquarters has not received, oldest first. */
  endsWaitingFirst(limit: number): FaceWithdrawal[];
  /** Ends in the outbox of one member, as they name them, oldest first. */
  endsOf(
    memberId: MemberId,
  ): { readonly withdrawal: FaceWithdrawal; readonly isWaiting: boolean }[];
  /** Ends that headquarters has not received. */
  endsWaiting(): number;
}

/** Which device has which role at this till. */
export interface DeviceBindingsRepository {
  list(): DeviceBinding[];
  /** Takes the place of the binding that the role had. */
  put(binding: DeviceBinding): void;
  /** Whether there was one. */
  remove(role: DeviceRole): boolean;
}

/** What devices did, by business day; the till's own figures, which headquarters is not sent. */
export interface DeviceStatisticsRepository {
  /** Adds to the day of a device. */
  add(gain: DeviceDay): void;
  /** Days from `day` (`YYYY-MM-DD`) on, latest first, then by device. */
  since(day: string, limit: number, offset: number): DeviceDay[];
  /** Removes days before `day` and answers how many. */
  pruneBefore(day: string): number;
}

export interface StoredReply {
  readonly clientId: string;
  readonly key: string;
  readonly operation: 'commit' | 'void';
  readonly target: string;
  readonly bodyHash: string;
  readonly reply: EntryReply;
  readonly atMs: number;
}

/** Idempotency keys with the answer given, written in the entry's own transaction; kept 30 days. */
export interface RepliesRepository {
  get(clientId: string, key: string): StoredReply | undefined;
  put(reply: StoredReply): void;
  pruneBefore(ms: number): number;
}

/** What headquarters is to hear of; audit rows queue themselves, see {@link AuditRepository.append}. */
export type OutboxItem =
  /** An entry of the ledger; its movements of points are read from their own table when it is sent. */
  | {
      readonly kind: 'entry';
      readonly seq: number;
      readonly atMs: number;
      readonly facts: EntryFactsWritten;
    }
  /** Someone joined at this till; the provisional member is written beside it. */
  | { readonly kind: 'join'; readonly atMs: number; readonly join: JoinFacts }
  /** A reservation at headquarters that was not spent. */
  | { readonly kind: 'release'; readonly atMs: number; readonly allowanceId: string }
  /** A template was made here; its row is written beside it. */
  | {
      readonly kind: 'face-enrolment';
      readonly atMs: number;
      readonly enrolment: FaceEnrolment;
    }
  /** Templates have ended; their keys are destroyed. */
  | {
      readonly kind: 'face-withdrawal';
      readonly atMs: number;
      readonly withdrawal: FaceWithdrawal;
    };

/**
 * Numbers rise without a gap and are never taken twice. Rows stay after headquarters received them, until the entries
 * around them are pruned, so that a headquarters that was restored from a backup can be told again.
 */
export interface OutboxRepository {
  /** Written beside what it tells, in the same transaction. */
  append(item: OutboxItem): void;
  /** Rows that headquarters has yet to receive. */
  waiting(): number;
}

export interface EventsRepository {
  append(atMs: number, body: EventBody): TillEvent;
  after(seq: number, limit: number): TillEvent[];
  head(): number;
  /** The oldest sequence still kept; 1 where nothing was pruned. */
  oldest(): number;
  pruneTo(keep: number): number;
}

export interface ClientsRepository {
  add(client: PairedClient, tokenHash: string): void;
  byTokenHash(tokenHash: string): PairedClient | undefined;
  list(): PairedClient[];
  touch(id: ClientId, atMs: number): void;
  revoke(id: ClientId): boolean;
  /** Exact origins of paired web programs. */
  origins(): string[];
}

export interface ScreenTokensRepository {
  add(tokenHash: string, expiresAtMs: number): void;
  valid(tokenHash: string, nowMs: number): boolean;
  prune(nowMs: number): void;
}

/** What is kept of an identification that is bound to a basket, so that it can be taken up again after a restart. */
export type BoundIdentification = Pick<
  Identification,
  'identificationId' | 'outcome' | 'codeClass' | 'notices' | 'at' | 'expiresAt'
> & { readonly evidence: readonly Evidence[] };

export interface BasketRow {
  readonly basketId: BasketId;
  readonly evaluationId: EvaluationId | null;
  readonly state: EvaluationState;
  readonly memberId: MemberId | null;
  readonly identification: BoundIdentification | null;
  readonly itemCount: number;
  readonly payableMinor: number;
  readonly updatedAtMs: number;
  readonly businessDay: string;
}

export interface BasketsRepository {
  get(id: BasketId): BasketRow | undefined;
  put(row: BasketRow): void;
  /** Not committed and not voided, newest first. */
  open(limit: number): BasketRow[];
  pruneBefore(ms: number): number;
}

export interface VisitRow {
  readonly memberId: MemberId;
  readonly day: string;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly servedMs: number | null;
}

/** Members identified at this till, by business day: what the priority-lane board is made of. */
export interface VisitsRepository {
  seen(memberId: MemberId, day: string, atMs: number): void;
  served(memberId: MemberId, day: string, atMs: number): void;
  ofDay(day: string): VisitRow[];
  /** Removes the visits of days before `day` (`YYYY-MM-DD`) and answers how many. */
  pruneBefore(day: string): number;
}

export interface AuditRepository {
  /** Queues the row for headquarters as well. */
  append(row: {
    readonly atMs: number;
    readonly staffId: StaffId | null;
    readonly action: string;
    readonly detail: Record<string, unknown>;
  }): void;
  recent(limit: number): {
    readonly atMs: number;
    readonly staffId: StaffId | null;
    readonly action: string;
    readonly detail: Record<string, unknown>;
  }[];
}

export interface MetaRepository {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}
