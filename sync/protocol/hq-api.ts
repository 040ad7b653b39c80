import { z } from 'zod';
import { passKeyIdSchema } from '../../agent/contract/credential.ts';
import { memberIdSchema, storeIdSchema, tillIdSchema } from '../../agent/contract/ids.ts';
import { instantSchema } from '../../agent/contract/time.ts';
import {
  accuracyCasesQuerySchema,
  accuracyCasesSchema,
  accuracyQuerySchema,
  accuracyReportSchema,
} from './accuracy.ts';
import {
  reconcileReplySchema,
  reconcileRequestSchema,
  reserveReplySchema,
  reserveRequestSchema,
} from './allowance.ts';
import { checkReportSchema } from './check.ts';
import {
  exceptionCaseSchema,
  exceptionChangedSchema,
  exceptionIdSchema,
  exceptionListSchema,
  exceptionsQuerySchema,
  reopenExceptionSchema,
  settleExceptionSchema,
} from './exceptions.ts';
import {
  answerKeysReplySchema,
  answerKeysRequestSchema,
  askKeysReplySchema,
  askKeysRequestSchema,
  faceReceiptsQuerySchema,
  faceReceiptsSchema,
  KEY_STATE_MAX_BYTES,
  keyPostSchema,
  keyStateReplySchema,
  keyStateRequestSchema,
  withdrawFacesReplySchema,
  withdrawFacesRequestSchema,
} from './face.ts';
import { faceFiguresSchema } from './face-figures.ts';
import { cursorSchema, LONG_POLL_MS, pollReplySchema } from './feed.ts';
import {
  bookingListSchema,
  memberHitSchema,
  overviewSchema,
  tillChecksSchema,
  tillDetailSchema,
  tillListSchema,
} from './fleet.ts';
import {
  ledgerProofReplySchema,
  ledgerProofRequestSchema,
  REFILL_MAX_BYTES,
  refillReplySchema,
  refillRequestSchema,
} from './ledger-proof.ts';
import { lookupReplySchema, lookupRequestSchema } from './member-lookup.ts';
import {
  onlinePointsSchema,
  onlinePurchaseSchema,
  onlineReplySchema,
  onlineReturnSchema,
} from './online.ts';
import {
  linkPassRequestSchema,
  passCodeReplySchema,
  passCodeRequestSchema,
  passIssuersSchema,
  passListSchema,
  passReplySchema,
  refreshPassRequestSchema,
  removePassReplySchema,
  rotatePassRequestSchema,
} from './pass.ts';
import {
  registerReplySchema,
  registerRequestSchema,
  registrationTicketSchema,
} from './registration.ts';
import {
  claimReturnReplySchema,
  claimReturnRequestSchema,
  findSaleReplySchema,
  findSaleRequestSchema,
  keptGoodsReplySchema,
  keptGoodsRequestSchema,
  releaseReturnReplySchema,
  releaseReturnRequestSchema,
} from './sale-lookup.ts';
import { challengeReplySchema, sessionReplySchema, sessionRequestSchema } from './session.ts';
import { snapshotStartSchema } from './snapshot.ts';
import { UPLOAD_MAX_BYTES, uploadReplySchema, uploadRequestSchema } from './upload.ts';
import {
  walletCardRemovedSchema,
  walletCardRequestSchema,
  walletCardSchema,
} from './wallet-card.ts';

/**
 * Who may call: `open` anybody; `till` a registered till with the bearer token of its session; `online` the web shop and
 * `admin` IT, each with a token that HQ made.
 */
export type Access = 'open' | 'till' | 'online' | 'admin';

export interface Endpoint<Input extends z.ZodType, Reply extends z.ZodType> {
  readonly method: 'GET' | 'POST';
  /** A part that begins with a colon is taken from the input's field of that name. */
  readonly path: `/v1/${string}`;
  readonly access: Access;
  /** Body (POST) or query (GET, where numbers and flags arrive as text). */
  readonly input: Input;
  readonly reply: Reply;
  readonly maxBytes: number;
  /** Whether the caller must send an `Idempotency-Key`. */
  readonly keyed: boolean;
}

const SMALL_BYTES = 64 * 1024;
/** What a phone sends is a few hundred bytes. */
const PHONE = { maxBytes: 4 * 1024 };

function endpoint<Input extends z.ZodType, Reply extends z.ZodType>(
  method: 'GET' | 'POST',
  path: `/v1/${string}`,
  access: Access,
  input: Input,
  reply: Reply,
  { maxBytes = SMALL_BYTES, keyed = false } = {},
): Endpoint<Input, Reply> {
  return { method, path, access, input, reply, maxBytes, keyed };
}

const nothing = z.strictObject({});
const count = (fallback: number, most: number) =>
  z.coerce.number().int().min(1).max(most).default(fallback);

/** A cursor in a query. */
export const cursorQuerySchema = z.strictObject({
  timeline: cursorSchema.shape.timeline,
  pos: z.coerce.number().int().min(0),
  chain: cursorSchema.shape.chain,
});

/**
 * Every call of HQ with JSON on both sides. Beside them stand four of another form, see {@link STREAM_PATH} and its
 * neighbours, `GET /healthz` and `GET /metrics`.
 */
export const hqApi = {
  register: endpoint(
    'POST',
    '/v1/registrations',
    'open',
    registerRequestSchema,
    registerReplySchema,
  ),
  challenge: endpoint(
    'POST',
    '/v1/challenges',
    'open',
    z.strictObject({ tillId: tillIdSchema }),
    challengeReplySchema,
  ),
  openSession: endpoint('POST', '/v1/sessions', 'open', sessionRequestSchema, sessionReplySchema),

  poll: endpoint(
    'GET',
    '/v1/feed',
    'till',
    cursorQuerySchema.extend({
      waitMs: z.coerce.number().int().min(0).max(LONG_POLL_MS).default(0),
    }),
    pollReplySchema,
  ),
  /** How far a till has applied the feed, said every few seconds: what shows people that it lives and how far it is. */
  applied: endpoint(
    'POST',
    '/v1/applied',
    'till',
    z.strictObject({
      cursor: cursorSchema,
      /** Rows that wait at the till, said from protocol 4 on, and the time of the oldest by its clock. */
      waiting: z
        .strictObject({ count: z.int().min(0), oldestAt: instantSchema.nullable() })
        .optional(),
    }),
    nothing,
  ),
  /** What a till's full-volume checks found. */
  reportChecks: endpoint('POST', '/v1/checks/reports', 'till', checkReportSchema, nothing, {
    maxBytes: 128 * 1024,
  }),
  startSnapshot: endpoint('POST', '/v1/snapshots', 'till', nothing, snapshotStartSchema),
  upload: endpoint('POST', '/v1/uploads', 'till', uploadRequestSchema, uploadReplySchema, {
    maxBytes: UPLOAD_MAX_BYTES,
  }),
  /** Holds a till's ledger against what HQ has of it; see ledger-proof.ts. */
  proveLedger: endpoint(
    'POST',
    '/v1/ledger/proofs',
    'till',
    ledgerProofRequestSchema,
    ledgerProofReplySchema,
    { maxBytes: 256 * 1024 },
  ),
  /** Entries that HQ had taken and lacks, or has damaged. Nothing is booked again. */
  refillLedger: endpoint(
    'POST',
    '/v1/ledger/refills',
    'till',
    refillRequestSchema,
    refillReplySchema,
    { maxBytes: REFILL_MAX_BYTES },
  ),
  reserve: endpoint('POST', '/v1/allowances', 'till', reserveRequestSchema, reserveReplySchema),
  reconcile: endpoint(
    'POST',
    '/v1/allowances/reconcile',
    'till',
    reconcileRequestSchema,
    reconcileReplySchema,
    { maxBytes: 256 * 1024 },
  ),
  findMember: endpoint('POST', '/v1/members/find', 'till', lookupRequestSchema, lookupReplySchema),
  /** A sale of any till of the chain, for goods that come back. */
  findSale: endpoint('POST', '/v1/sales/find', 'till', findSaleRequestSchema, findSaleReplySchema),
  /** Claims the goods of a sale for one return, so that two tills never take the same units back. */
  claimReturn: endpoint(
    'POST',
    '/v1/sales/claims',
    'till',
    claimReturnRequestSchema,
    claimReturnReplySchema,
  ),
  /** A claimed return was not booked. */
  releaseReturn: endpoint(
    'POST',
    '/v1/sales/claims/release',
    'till',
    releaseReturnRequestSchema,
    releaseReturnReplySchema,
  ),
  /** What a sale comes to for the goods that the shopper keeps. */
  keptGoods: endpoint(
    'POST',
    '/v1/sales/kept',
    'till',
    keptGoodsRequestSchema,
    keptGoodsReplySchema,
    { maxBytes: 1024 * 1024 },
  ),

  /** A one-time code with which a member that is at the till links a phone as their pass. */
  issuePassCode: endpoint(
    'POST',
    '/v1/passes/codes',
    'till',
    passCodeRequestSchema,
    passCodeReplySchema,
  ),
  /** Calls of members' phones; they prove themselves by what they sign, see pass.ts. */
  linkPass: endpoint('POST', '/v1/passes', 'open', linkPassRequestSchema, passReplySchema, PHONE),
  refreshPass: endpoint(
    'POST',
    '/v1/passes/refresh',
    'open',
    refreshPassRequestSchema,
    passReplySchema,
    PHONE,
  ),
  rotatePass: endpoint(
    'POST',
    '/v1/passes/rotate',
    'open',
    rotatePassRequestSchema,
    passReplySchema,
    PHONE,
  ),
  removePass: endpoint(
    'POST',
    '/v1/passes/remove',
    'open',
    refreshPassRequestSchema,
    removePassReplySchema,
    PHONE,
  ),

  /** Keys of face templates travel from till to till, sealed to the one that asks; see face.ts. */
  askFaceKeys: endpoint(
    'POST',
    '/v1/face-keys/questions',
    'till',
    askKeysRequestSchema,
    askKeysReplySchema,
  ),
  faceKeyPost: endpoint('POST', '/v1/face-keys/post', 'till', nothing, keyPostSchema),
  answerFaceKeys: endpoint(
    'POST',
    '/v1/face-keys/answers',
    'till',
    answerKeysRequestSchema,
    answerKeysReplySchema,
  ),
  sayFaceKeys: endpoint(
    'POST',
    '/v1/face-keys/state',
    'till',
    keyStateRequestSchema,
    keyStateReplySchema,
    { maxBytes: KEY_STATE_MAX_BYTES },
  ),

  bookPurchase: endpoint(
    'POST',
    '/v1/online/purchases',
    'online',
    onlinePurchaseSchema,
    onlineReplySchema,
    { keyed: true },
  ),
  bookReturn: endpoint(
    'POST',
    '/v1/online/returns',
    'online',
    onlineReturnSchema,
    onlineReplySchema,
    { keyed: true },
  ),
  changePoints: endpoint(
    'POST',
    '/v1/online/points',
    'online',
    onlinePointsSchema,
    onlineReplySchema,
    { keyed: true },
  ),

  overview: endpoint('GET', '/v1/admin/overview', 'admin', nothing, overviewSchema),
  listTills: endpoint('GET', '/v1/admin/tills', 'admin', nothing, tillListSchema),
  showTill: endpoint(
    'GET',
    '/v1/admin/tills/:tillId',
    'admin',
    z.strictObject({ tillId: tillIdSchema }),
    tillDetailSchema,
  ),
  /** What a till told of its full-volume checks, the newest first. */
  tillChecks: endpoint(
    'GET',
    '/v1/admin/tills/:tillId/checks',
    'admin',
    z.strictObject({ tillId: tillIdSchema, limit: count(50, 200) }),
    tillChecksSchema,
  ),
  issueTicket: endpoint(
    'POST',
    '/v1/admin/tickets',
    'admin',
    z.strictObject({
      tillId: tillIdSchema,
      storeId: storeIdSchema,
      url: z.url().max(300).optional(),
    }),
    registrationTicketSchema,
  ),
  revokeTill: endpoint(
    'POST',
    '/v1/admin/tills/:tillId/revoke',
    'admin',
    z.strictObject({ tillId: tillIdSchema, reason: z.string().min(1).max(200) }),
    z.strictObject({ revoked: z.boolean() }),
  ),
  /** A token for the web shop or IT; it is shown once. */
  makeToken: endpoint(
    'POST',
    '/v1/admin/tokens',
    'admin',
    z.strictObject({
      role: z.enum(['admin', 'online']),
      name: z.string().min(1).max(64),
      ttlMs: z.int().min(60_000).optional(),
    }),
    z.strictObject({
      token: z.string().min(20).max(1_024),
      expiresAt: z.iso.datetime({ offset: true }).nullable(),
    }),
  ),
  /** A link that opens the console once; its part after `#code=` goes to {@link CONSOLE_CODE_PATH}. */
  makeConsoleLink: endpoint(
    'POST',
    '/v1/admin/console-links',
    'admin',
    nothing,
    z.strictObject({ link: z.url().max(500) }),
  ),
  listBookings: endpoint(
    'GET',
    '/v1/admin/bookings',
    'admin',
    z.strictObject({ limit: count(50, 200) }),
    bookingListSchema,
  ),
  searchMembers: endpoint(
    'GET',
    '/v1/admin/members',
    'admin',
    z.strictObject({ query: z.string().min(2).max(64), limit: count(20, 50) }),
    z.strictObject({ members: z.array(memberHitSchema) }),
  ),
  /** How many sales tills decided as full and fresh data would have it, by store and week. */
  accuracy: endpoint(
    'GET',
    '/v1/admin/accuracy',
    'admin',
    accuracyQuerySchema,
    accuracyReportSchema,
  ),
  accuracyCases: endpoint(
    'GET',
    '/v1/admin/accuracy/cases',
    'admin',
    accuracyCasesQuerySchema,
    accuracyCasesSchema,
  ),
  /** Bookings that need a person. */
  listExceptions: endpoint(
    'GET',
    '/v1/admin/exceptions',
    'admin',
    exceptionsQuerySchema,
    exceptionListSchema,
  ),
  showException: endpoint(
    'GET',
    '/v1/admin/exceptions/:id',
    'admin',
    exceptionIdSchema,
    z.strictObject({ case: exceptionCaseSchema }),
  ),
  settleException: endpoint(
    'POST',
    '/v1/admin/exceptions/:id/settle',
    'admin',
    settleExceptionSchema,
    exceptionChangedSchema,
  ),
  reopenException: endpoint(
    'POST',
    '/v1/admin/exceptions/:id/reopen',
    'admin',
    reopenExceptionSchema,
    exceptionChangedSchema,
  ),
  listPasses: endpoint(
    'GET',
    '/v1/admin/passes',
    'admin',
    z.strictObject({ memberId: memberIdSchema }),
    passListSchema,
  ),
  /** Ends a pass: its key goes from the member, and tills that do not carry them refuse it too. */
  revokePass: endpoint(
    'POST',
    '/v1/admin/passes/:keyId/revoke',
    'admin',
    z.strictObject({ keyId: passKeyIdSchema, reason: z.string().min(1).max(200) }),
    removePassReplySchema,
  ),
  /** Gives a member a wallet card; the one before ends. The answer alone says its secret. */
  issueWalletCard: endpoint(
    'POST',
    '/v1/admin/wallet-cards/:memberId/issue',
    'admin',
    walletCardRequestSchema,
    walletCardSchema,
  ),
  revokeWalletCard: endpoint(
    'POST',
    '/v1/admin/wallet-cards/:memberId/revoke',
    'admin',
    walletCardRequestSchema,
    walletCardRemovedSchema,
  ),
  /** Ends all face templates of a member who asked headquarters for it. */
  withdrawFaces: endpoint(
    'POST',
    '/v1/admin/faces/:memberId/withdraw',
    'admin',
    withdrawFacesRequestSchema,
    withdrawFacesReplySchema,
  ),
  faceReceipts: endpoint(
    'GET',
    '/v1/admin/faces/:memberId',
    'admin',
    faceReceiptsQuerySchema,
    faceReceiptsSchema,
  ),
  faceFigures: endpoint('GET', '/v1/admin/face-figures', 'admin', nothing, faceFiguresSchema),
  listPassIssuers: endpoint('GET', '/v1/admin/pass-issuers', 'admin', nothing, passIssuersSchema),
  /** The next issuer certifies from here on; what the one before has certified stays good. */
  rotatePassIssuer: endpoint(
    'POST',
    '/v1/admin/pass-issuers/rotate',
    'admin',
    z.strictObject({ reason: z.string().min(1).max(200) }),
    passIssuersSchema,
  ),
  /** A finished backup that began at `startedAt`: what was received before it may be pruned by tills once old enough. */
  noteBackup: endpoint(
    'POST',
    '/v1/admin/backups',
    'admin',
    z.strictObject({ startedAt: z.iso.datetime({ offset: true }) }),
    z.strictObject({ tills: z.int().min(0) }),
  ),
} as const;

export type HqApi = typeof hqApi;
export type HqCall = keyof HqApi;
export type HqInput<Call extends HqCall> = z.output<HqApi[Call]['input']>;
export type HqReply<Call extends HqCall> = z.output<HqApi[Call]['reply']>;

/** `GET`, access `till`, query as {@link cursorQuerySchema}: NDJSON of `streamFrameSchema`, without end. */
export const STREAM_PATH = '/v1/stream';
/** `GET`, access `till`, query as `segmentQuerySchema`: the bytes that snapshot.ts describes. */
export const SEGMENT_PATH = '/v1/segments';
/** `GET /v1/documents/{kind}/{version}`, access `till`: the bytes of a signed document. */
export const DOCUMENTS_PATH = '/v1/documents';
/** `POST`, access `open`, body `{ code }`: exchanges a one-time console code for an admin token, `{ token, expiresAt }`. */
export const CONSOLE_CODE_PATH = '/v1/console/open';
