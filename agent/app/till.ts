import type { ChecksPort } from '../../sync/client/check-ports.ts';
import type { Applied } from '../../sync/client/ports.ts';
import type {
  Article,
  Decision,
  DeviceBinding,
  DeviceCheck,
  DeviceCheckLevel,
  DeviceDay,
  DeviceRole,
  DeviceView,
  Discovered,
  EntryReply,
  EvaluateReply,
  EvaluateRequest,
  ExchangeReply,
  ExchangeRequest,
  Failure,
  FoundSale,
  HoldReply,
  Identification,
  IdentificationId,
  IdentifyRequest,
  JoinConsent,
  JoinReply,
  JoinRequest,
  LaneBoard,
  MemberGlance,
  MemberId,
  OpenBasket,
  PairedClient,
  PairingWindow,
  PassLink,
  Result,
  ReturnQuote,
  ReturnQuoteRequest,
  ReturnRequest,
  Scope,
  ScreenRole,
  SoldSale,
  Staff,
  StaffSession,
  Status,
  StayingRowView,
  SyncView,
  TillEvent,
  TillRegistration,
  Wallet,
  WhyReply,
} from '../contract/index.ts';

import type { FaceKeeping } from './faces/keeping.ts';
import type { FaceSessions } from './faces/sessions.ts';

/**
 * Who asks. A `screen` is one of the till's own windows (it passed the one-time link); whether somebody is signed in
 * there is the staff session's matter. A `client` is a paired program with scopes.
 */
export type Caller =
  | { readonly kind: 'screen' }
  /** The page at the camera: it may send frames and nothing else. */
  | { readonly kind: 'capture' }
  | { readonly kind: 'client'; readonly clientId: string; readonly scopes: readonly Scope[] };

/** Answer of a use case: now or soon, a value or a {@link Failure} from the error table. Never throws for expected outcomes. */
export type Answer<T> = Result<T, Failure> | Promise<Result<T, Failure>>;

/** An event, with a payment code's text only where the reader may have it. */
export interface LiveEvent {
  readonly event: TillEvent;
  /** Text of a payment code, held in memory only for the moment of delivery. */
  readonly paymentText?: string;
}

/** Every use case of a till, as the API serves them. Scopes are checked by the API; roles and PINs here. */
export interface Till {
  status(): Answer<Status>;

  pair(request: {
    code: string;
    name: string;
    /** At most those of the window; absent = all of them. */
    scopes?: readonly Scope[] | undefined;
    origin?: string | undefined;
  }): Answer<{ clientId: string; token: string; scopes: readonly Scope[] }>;
  /** The paired client behind a bearer token, or nothing. Constant time in the token. */
  authenticate(
    token: string,
  ): { clientId: string; scopes: readonly Scope[]; origin?: string | undefined } | undefined;
  pairedOrigins(): readonly string[];
  /** A fresh one-time code for opening a screen in a browser. */
  issueScreenCode(): string;
  /** Exchanges a one-time code for a screen token. */
  openScreen(code: string): Answer<{ token: string; expiresAt: string }>;
  screenTokenValid(token: string): boolean;
  /** The same for the capture page, whose code and token open nothing else. */
  issueCaptureCode(): string;
  openCapture(code: string): Answer<{ token: string; expiresAt: string }>;
  captureTokenValid(token: string): boolean;

  identify(caller: Caller, request: IdentifyRequest): Answer<Identification>;
  identification(id: string): Answer<Identification>;
  chooseCandidate(caller: Caller, id: string, handle: string): Answer<Identification>;
  releaseIdentification(caller: Caller, id: string): Answer<Identification>;
  pendingIdentification(): Answer<Identification | null>;
  memberGlance(id: string): Answer<MemberGlance>;
  /** What a member has to use. Fails with `member-unknown`. */
  wallet(id: string): Answer<Wallet>;

  evaluate(caller: Caller, request: EvaluateRequest): Answer<EvaluateReply>;
  hold(
    caller: Caller,
    request: { id: string; basketHash: string; staffId?: string | undefined },
  ): Answer<HoldReply>;
  commit(
    caller: Caller,
    request: {
      id: string;
      key: string;
      body: {
        basketHash: string;
        referenceId: string;
        staffId?: string | undefined;
        payment?:
          | { paidMinor: number; at?: string | undefined; reference?: string | undefined }
          | undefined;
      };
    },
  ): Answer<EntryReply>;
  voidEvaluation(
    caller: Caller,
    request: { id: string; key: string; body: { reason: string; staffId?: string | undefined } },
  ): Answer<EntryReply>;
  /**
   * Why each benefit of a past or present basket applied or not; `ruleId` absent = all. Fails with `evaluation-*` where
   * the basket is not known any more, `rule-unknown`, `rules-gone`, `sale-erased` or `entry-broken`.
   */
  why(request: { id: string; ruleId?: string | undefined }): Answer<WhyReply>;
  commitByKey(caller: Caller, key: string): Answer<EntryReply>;
  returnGoods(caller: Caller, request: ReturnRequest): Answer<EntryReply>;
  /** What a return would pay and what the member would lose; books nothing. */
  quoteReturn(caller: Caller, request: ReturnQuoteRequest): Answer<ReturnQuote>;
  /** A sale that goods may come back to. Fails with `sale-unknown`, `sale-voided` or `sale-not-here`. */
  soldSale(id: string): Answer<SoldSale>;
  /** Sales of this till by the POS's receipt number, newest first, at most {@link SALES_FOUND_MAX}. */
  salesByReference(referenceId: string): Answer<readonly FoundSale[]>;
  /** A return and a held sale, booked together or not at all. */
  exchange(caller: Caller, request: { key: string; body: ExchangeRequest }): Answer<ExchangeReply>;
  openBaskets(): Answer<readonly OpenBasket[]>;
  showBasket(basketId: string): Answer<EvaluateReply & { receipt?: EntryReply | undefined }>;
  recentSales(limit: number): Answer<
    readonly {
      saleId: string;
      at: string;
      payableMinor: number;
      kind: string;
      referenceId: string;
      maskedName?: string | undefined;
    }[]
  >;
  searchArticles(query: string, limit: number): Answer<readonly Article[]>;

  /** A code by which the member identified links a phone as their pass, or what proof that needs. */
  linkPass(identificationId: IdentificationId): Answer<PassLink>;
  /** What a shopper agrees to when joining; `join-closed` where headquarters has published no text. */
  joinConsent(): Answer<JoinConsent>;
  /** A shopper joins, offline too; a phone that is known answers its member. */
  join(caller: Caller, request: JoinRequest): Answer<JoinReply>;

  /** Where this till stands with headquarters. */
  showSync(): Answer<SyncView>;
  /** Tries headquarters again at once. */
  syncNow(): Answer<SyncView>;
  /** Begins such a check and does not wait for it; see `verifySync`. */
  startCheck(deep: boolean): Answer<SyncView>;
  /** Rows that differ again after their repair, masked, for IT. */
  stayingRows(): Answer<readonly StayingRowView[]>;
  /** Compares everything with headquarters now, and reads every row again before where `deep`; joins a check that runs. */
  verifySync(deep: boolean): ReturnType<ChecksPort['verify']>;
  /**
   * Makes this till one of a headquarters by the text of a ticket; the till starts again then. Fails with `busy` while
   * another registration is under way, or with a storage failure.
   */
  register(ticket: string): Answer<TillRegistration>;
  /** Takes what sync changed in the database; see `createLiveUpdates`. */
  applied(changed: Applied['changed']): void;
  /** Who the provisional members of this till turned out to be. */
  joined(
    joined: readonly { readonly provisionalId: MemberId; readonly memberId: MemberId }[],
  ): void;
  /** False while a sale waits for its hold, and until a POS was silent for a moment: sync gives way. */
  isIdle(): boolean;
  /** The connection to headquarters may have changed. */
  headquartersChanged(): void;

  /**
   * Events after `after`, then live ones, without a gap, until `signal` aborts.
   * A reader slower than its named buffer is ended and resumes from the database; one whose program is revoked is
   * ended at once.
   * Fails with `events-gone` when `after` was pruned.
   */
  events(
    after: number | undefined,
    signal: AbortSignal,
    reader?: Caller,
  ): Result<AsyncIterable<LiveEvent>, Failure>;

  staffList(): Answer<readonly Pick<Staff, 'staffId' | 'name' | 'role'>[]>;
  staffSession(): Answer<StaffSession>;
  signIn(staffId: string, pin: string): Answer<StaffSession>;
  signOut(): Answer<StaffSession>;
  lock(): Answer<StaffSession>;
  unlock(pin: string): Answer<StaffSession>;
  touch(): Answer<StaffSession>;
  override(
    caller: Caller,
    request: {
      identificationId: string;
      action: Decision['action'];
      amountMinor?: number | undefined;
      reason: string;
      managerId: string;
      pin: string;
    },
  ): Answer<Decision>;
  /**
   * Whether the till's own screen may act at this moment: somebody is signed in, of the role where one is given, and
   * the screen is not locked. Fails with `staff-required`, `screen-locked` or `role-required`.
   */
  screenMay(role?: ScreenRole): Result<void, Failure>;

  devices(): Answer<readonly DeviceView[]>;
  wedgeScan(text: string, reader?: 'wedge' | 'camera'): Answer<{ accepted: boolean }>;
  simulateScan(deviceId: string, text: string): Answer<{ accepted: boolean }>;
  /** Pulls the cable of a simulated device, or plugs it in again. */
  plugDevice(deviceId: string, plugged: boolean): Answer<null>;
  /** See `Devices`, which is what these do. */
  discoverDevices(): Answer<Discovered>;
  bindDevice(role: DeviceRole, foundId: string): Answer<DeviceBinding>;
  unbindDevice(role: DeviceRole): Answer<null>;
  undoBinding(role: DeviceRole, seen?: string | null): Answer<DeviceBinding | null>;
  checkDevice(deviceId: string, level: DeviceCheckLevel): Answer<DeviceCheck>;
  /** What devices did on the last `days` business days, latest first; `next` = where the following page begins. */
  deviceDays(
    days: number,
    offset: number,
  ): Answer<{ readonly rows: readonly DeviceDay[]; readonly next: number | null }>;

  /** Sessions at the camera. */
  readonly faces: FaceSessions;
  /** What lies here of faces, its pause and its end. */
  readonly faceKeeping: FaceKeeping;

  clients(): Answer<{ clients: readonly PairedClient[]; window: PairingWindow | null }>;
  /** @param scopes what the program may be given; absent = what a POS needs */
  openPairing(managerId: string, pin: string, scopes?: readonly Scope[]): Answer<PairingWindow>;
  revokeClient(clientId: string): Answer<{ revoked: boolean }>;
  laneBoard(): Answer<LaneBoard>;

  /**
   * A manager says that the wall clock is right as it stands. Fails as a PIN check does, with `role-required`, or with a
   * storage failure.
   */
  confirmTime(managerId: string, pin: string): Answer<{ before: string; now: string }>;

  /** A manager lets the till's window leave kiosk. Fails as a PIN check does, with `role-required`, or with a storage failure. */
  leaveKiosk(managerId: string, pin: string): Answer<{ staffId: string }>;

  /** Takes up documents installed in the store since: rules and policy. Answers the rule set version in force. */
  reloadRules(): Answer<{ ruleSetVersion: number; changed: boolean }>;

  /** Stops timers and readers; the store is closed by whoever opened it. */
  close(): void;
}
