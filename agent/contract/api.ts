import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { articleSchema } from './article.ts';
import { basketSchema } from './basket.ts';
import {
  pairedClientSchema,
  pairingWindowSchema,
  pairReplySchema,
  pairRequestSchema,
  scopesSchema,
} from './client.ts';
import { actionSchema, decisionSchema, SPENDING_ACTIONS } from './decision.ts';
import {
  DEVICE_DAYS_KEPT,
  deviceBindingSchema,
  deviceCheckLevelSchema,
  deviceCheckSchema,
  deviceDaySchema,
  deviceRoleSchema,
  deviceViewSchema,
  discoveredSchema,
} from './device.ts';
import { evaluationSchema } from './evaluation.ts';
import { tillEventSchema } from './event.ts';
import { faceOverviewSchema } from './face-keeping.ts';
import {
  captureLinkSchema,
  captureMessageSchema,
  captureOpenedSchema,
  captureTakenSchema,
  captureWantedSchema,
  faceAgreementSchema,
  faceConsentTextSchema,
  faceOwnRequestSchema,
  faceOwnSchema,
  faceSessionIdSchema,
  faceSessionSchema,
  faceStartedSchema,
  faceStartSchema,
  faceWatchSchema,
  faceWithdrawnSchema,
  faceWithdrawRequestSchema,
} from './face-session.ts';
import { identificationSchema, identifyRequestSchema } from './identification.ts';
import {
  basketIdSchema,
  clientIdSchema,
  deviceIdSchema,
  evaluationIdSchema,
  idempotencyKeySchema,
  identificationIdSchema,
  memberIdSchema,
  ruleIdSchema,
  saleIdSchema,
  staffIdSchema,
} from './ids.ts';
import { joinConsentSchema, joinReplySchema, joinRequestSchema } from './join.ts';
import { laneBoardSchema } from './lane.ts';
import {
  commitRequestSchema,
  entryReplySchema,
  evaluationStateSchema,
  hashSchema,
  holdReplySchema,
  holdRequestSchema,
  voidRequestSchema,
} from './ledger.ts';
import { memberGlanceSchema } from './member.ts';
import { amountMinorSchema } from './money.ts';
import { passLinkSchema } from './pass-link.ts';
import {
  exchangeReplySchema,
  exchangeRequestSchema,
  foundSaleSchema,
  returnQuoteRequestSchema,
  returnQuoteSchema,
  returnRequestSchema,
  SALES_FOUND_MAX,
  soldSaleSchema,
} from './returns.ts';
import { pinSchema, staffSchema } from './staff.ts';
import { statusSchema } from './status.ts';
import {
  stayingRowSchema,
  syncViewSchema,
  TICKET_TEXT_MAX_CHARS,
  tillRegistrationSchema,
} from './sync-view.ts';
import { freeTextSchema } from './text.ts';
import { instantSchema } from './time.ts';
import { walletSchema } from './wallet.ts';
import { whyReplySchema } from './why.ts';

/** Most articles one search answers. */
export const ARTICLES_PAGE_MAX = 200;
/** Most baskets that the list of open sales answers. */
export const OPEN_BASKETS_MAX = 200;

/** Answer of evaluate: figures and reasons, and what hold needs to name them. */
export const evaluateReplySchema = z.object({
  evaluationId: evaluationIdSchema,
  basketId: basketIdSchema,
  /** SHA-256 over the canonical JSON of basket, member and rule set version. */
  basketHash: hashSchema,
  state: evaluationStateSchema,
  ruleSetVersion: z.int().min(0),
  expiresAt: instantSchema,
  member: memberGlanceSchema.optional(),
  /** The identification that is bound to the basket; absent for guests. */
  identificationId: identificationIdSchema.optional(),
  /** One for each action that a benefit in this basket asked for. */
  decisions: z.array(decisionSchema),
  evaluation: evaluationSchema,
});
export type EvaluateReply = z.infer<typeof evaluateReplySchema>;

export const evaluateRequestSchema = basketSchema.extend({
  id: basketIdSchema,
  /** Binds this identification to the basket; absent = the one already bound, or a guest. */
  identificationId: identificationIdSchema.optional(),
  staffId: staffIdSchema.optional(),
});
export type EvaluateRequest = z.infer<typeof evaluateRequestSchema>;

/** A sale begun and not finished, as the cashier's list of parked sales shows it. */
export const openBasketSchema = z.object({
  basketId: basketIdSchema,
  evaluationId: evaluationIdSchema,
  state: evaluationStateSchema,
  current: z.boolean(),
  maskedName: z.string().optional(),
  itemCount: z.int(),
  payableMinor: amountMinorSchema,
  updatedAt: instantSchema,
});
export type OpenBasket = z.infer<typeof openBasketSchema>;

/** The staff session of this till's screen. */
export const staffSessionSchema = z.object({
  staff: staffSchema.nullable(),
  locked: z.boolean(),
  since: instantSchema,
  /** The screen locks itself after so many milliseconds without a touch. */
  idleLockMs: z.int(),
});
export type StaffSession = z.infer<typeof staffSessionSchema>;

const keyHeader = z.object({ 'idempotency-key': idempotencyKeySchema });

/** The POS API of DESIGN 7: every procedure has an HTTP route under /v1 and is served on every transport. */
export const posContract = {
  status: oc
    .route({
      method: 'GET',
      path: '/status',
      summary: 'What this till is and how it is',
      tags: ['till'],
    })
    .output(statusSchema),
  pairings: {
    create: oc
      .route({
        method: 'POST',
        path: '/pairings',
        summary: 'Pair a program by the code shown on the till',
        tags: ['pairing'],
      })
      .input(pairRequestSchema)
      .output(pairReplySchema),
  },
  identifications: {
    create: oc
      .route({
        method: 'POST',
        path: '/identifications',
        summary: 'Identify a member by scan text or phone digits',
        tags: ['identification'],
      })
      .input(identifyRequestSchema)
      .output(identificationSchema),
    get: oc
      .route({
        method: 'GET',
        path: '/identifications/{id}',
        summary: 'State of an identification',
        tags: ['identification'],
      })
      .input(z.object({ id: identificationIdSchema }))
      .output(identificationSchema),
    choose: oc
      .route({
        method: 'POST',
        path: '/identifications/{id}/choice',
        summary: 'Choose one of several candidates',
        tags: ['identification'],
      })
      .input(z.object({ id: identificationIdSchema, handle: z.string().min(1).max(8) }))
      .output(identificationSchema),
    release: oc
      .route({
        method: 'DELETE',
        path: '/identifications/{id}',
        summary: 'Clear the member',
        tags: ['identification'],
      })
      .input(z.object({ id: identificationIdSchema }))
      .output(identificationSchema),
  },
  baskets: {
    evaluate: oc
      .route({
        method: 'POST',
        path: '/baskets/{id}/evaluate',
        summary: 'What the basket costs this shopper, and why; repeatable, books nothing',
        tags: ['sale'],
      })
      .input(evaluateRequestSchema)
      .output(evaluateReplySchema),
  },
  evaluations: {
    hold: oc
      .route({
        method: 'POST',
        path: '/evaluations/{id}/hold',
        summary: 'Reserve durably before payment is taken',
        tags: ['sale'],
      })
      .input(holdRequestSchema.extend({ id: evaluationIdSchema }))
      .output(holdReplySchema),
    commit: oc
      .route({
        method: 'POST',
        path: '/evaluations/{id}/commit',
        summary: 'Book the paid sale',
        tags: ['sale'],
        inputStructure: 'detailed',
      })
      .input(
        z.object({
          params: z.object({ id: evaluationIdSchema }),
          headers: keyHeader,
          body: commitRequestSchema,
        }),
      )
      .output(entryReplySchema),
    void: oc
      .route({
        method: 'POST',
        path: '/evaluations/{id}/void',
        summary: 'Give back what hold reserved',
        tags: ['sale'],
        inputStructure: 'detailed',
      })
      .input(
        z.object({
          params: z.object({ id: evaluationIdSchema }),
          headers: keyHeader,
          body: voidRequestSchema,
        }),
      )
      .output(entryReplySchema),
    why: oc
      .route({
        method: 'GET',
        path: '/evaluations/{id}/why',
        summary: 'Why each benefit of a past or present basket applied or not',
        tags: ['sale'],
      })
      .input(z.object({ id: evaluationIdSchema, ruleId: ruleIdSchema.optional() }))
      .output(whyReplySchema),
  },
  commits: {
    get: oc
      .route({
        method: 'GET',
        path: '/commits/{key}',
        summary: 'What became of an operation whose answer was lost',
        tags: ['sale'],
      })
      .input(z.object({ key: idempotencyKeySchema }))
      .output(entryReplySchema),
  },
  returns: {
    create: oc
      .route({
        method: 'POST',
        path: '/returns',
        summary: 'Take goods of a sale back',
        tags: ['sale'],
      })
      .input(returnRequestSchema)
      .output(entryReplySchema),
    quote: oc
      .route({
        method: 'POST',
        path: '/returns/quote',
        summary: 'What a return would pay, and what the member would lose; books nothing',
        tags: ['sale'],
      })
      .input(returnQuoteRequestSchema)
      .output(returnQuoteSchema),
  },
  sales: {
    get: oc
      .route({
        method: 'GET',
        path: '/sales/{id}',
        summary: 'A sale that goods may come back to, of any till of the chain',
        tags: ['sale'],
      })
      .input(z.object({ id: saleIdSchema }))
      .output(soldSaleSchema),
    find: oc
      .route({
        method: 'GET',
        path: '/sales',
        summary: 'Sales of this till by the number on their receipt, newest first',
        tags: ['sale'],
      })
      .input(
        z.object({
          /** As the commit gave it; capital and small letters count alike. */
          referenceId: freeTextSchema(64).min(1),
        }),
      )
      .output(z.object({ sales: z.array(foundSaleSchema).max(SALES_FOUND_MAX) })),
  },
  exchanges: {
    create: oc
      .route({
        method: 'POST',
        path: '/exchanges',
        summary: 'Take goods back and book a held sale, together or not at all',
        tags: ['sale'],
        inputStructure: 'detailed',
      })
      .input(z.object({ headers: keyHeader, body: exchangeRequestSchema }))
      .output(exchangeReplySchema),
  },
  events: oc
    .route({
      method: 'GET',
      path: '/events',
      summary: 'What happens at this till, as server-sent events; resumes without a gap',
      tags: ['events'],
    })
    .input(
      z.object({
        after: z
          // An empty `after` is a variable that nobody filled, not the place before the first event.
          .preprocess((sent) => (sent === '' ? Number.NaN : sent), z.coerce.number().int().min(0))
          .optional(),
      }),
    )
    .output(eventIterator(tillEventSchema)),
  members: {
    get: oc
      .route({
        method: 'GET',
        path: '/members/{id}',
        summary: 'A member at a glance',
        tags: ['member'],
      })
      .input(z.object({ id: memberIdSchema }))
      .output(memberGlanceSchema),
    wallet: oc
      .route({
        method: 'GET',
        path: '/members/{id}/wallet',
        summary: 'What a member has to use: points by category and lot, coupons, rights',
        tags: ['member'],
      })
      .input(z.object({ id: memberIdSchema }))
      .output(walletSchema),
    create: oc
      .route({
        method: 'POST',
        path: '/members',
        summary:
          'Let a shopper join at the till, with their consent; a known phone answers its member',
        tags: ['member'],
      })
      .input(joinRequestSchema)
      .output(joinReplySchema),
  },
  consent: {
    get: oc
      .route({
        method: 'GET',
        path: '/consent',
        summary: 'What a shopper agrees to when joining',
        tags: ['member'],
      })
      .output(joinConsentSchema),
  },
  articles: {
    search: oc
      .route({
        method: 'GET',
        path: '/articles',
        summary: 'Articles by GTIN, SKU or part of the name',
        tags: ['article'],
      })
      .input(
        z.object({
          query: z.string().max(64).default(''),
          limit: z.coerce.number().int().min(1).max(ARTICLES_PAGE_MAX).default(50),
        }),
      )
      .output(z.object({ articles: z.array(articleSchema) })),
  },
};

/** What only the till's own screens may ask; never over plain HTTP. */
export const screenContract = {
  staff: {
    list: oc.output(
      z.object({ staff: z.array(staffSchema.pick({ staffId: true, name: true, role: true })) }),
    ),
    session: oc.output(staffSessionSchema),
    signIn: oc
      .input(z.object({ staffId: staffIdSchema, pin: pinSchema }))
      .output(staffSessionSchema),
    signOut: oc.output(staffSessionSchema),
    lock: oc.output(staffSessionSchema),
    unlock: oc.input(z.object({ pin: pinSchema })).output(staffSessionSchema),
    /** Tells the till that somebody is at the screen, so it does not lock. */
    touch: oc.output(staffSessionSchema),
  },
  baskets: {
    listOpen: oc.output(z.object({ baskets: z.array(openBasketSchema).max(OPEN_BASKETS_MAX) })),
    /** The last evaluation of a basket, for a screen that opens in the middle. */
    show: oc
      .input(z.object({ basketId: basketIdSchema }))
      .output(evaluateReplySchema.extend({ receipt: entryReplySchema.optional() })),
  },
  identifications: {
    /** The identification that no basket has taken yet, if there is one. */
    pending: oc.output(z.object({ identification: identificationSchema.nullable() })),
  },
  passes: {
    /** A code by which the member identified links a phone; see {@link passLinkSchema}. */
    link: oc.input(z.object({ identificationId: identificationIdSchema })).output(passLinkSchema),
  },
  decisions: {
    override: oc
      .input(
        z
          .object({
            identificationId: identificationIdSchema,
            action: actionSchema,
            /** The most that is allowed; needed for every action that spends. */
            amountMinor: amountMinorSchema.optional(),
            reason: freeTextSchema(200).min(3),
            managerId: staffIdSchema,
            pin: pinSchema,
          })
          .refine(
            ({ action, amountMinor }) =>
              amountMinor !== undefined || !SPENDING_ACTIONS.includes(action),
            { message: 'is needed for an action that spends', path: ['amountMinor'] },
          ),
      )
      .output(decisionSchema),
  },
  devices: {
    list: oc.output(z.object({ devices: z.array(deviceViewSchema) })),
    /** A scan as the wedge or the camera of the page read it; enters the same router as any scanner's. */
    wedge: oc
      .input(
        z.object({
          text: z.string().min(1).max(4_096),
          /** Absent = the wedge. */
          reader: z.enum(['wedge', 'camera']).optional(),
        }),
      )
      .output(z.object({ accepted: z.boolean() })),
    /** Makes a simulated scanner read a code. */
    simulate: oc
      .input(z.object({ deviceId: deviceIdSchema, text: z.string().min(1).max(4_096) }))
      .output(z.object({ accepted: z.boolean() })),
    /** Pulls the cable of a simulated device, or plugs it in again. */
    plug: oc.input(z.object({ deviceId: deviceIdSchema, plugged: z.boolean() })).output(z.null()),
    /** What is plugged in and may be a scanner, used or not. */
    discover: oc.output(discoveredSchema),
    /** Gives a found device a role, in the place of the one that had it. Not `bind`, which every function has. */
    bindRole: oc
      .input(z.object({ role: deviceRoleSchema, foundId: z.string().min(1).max(300) }))
      .output(deviceBindingSchema),
    unbindRole: oc.input(z.object({ role: deviceRoleSchema })).output(z.null()),
    /** Gives a role what it had before its last change; refused where that is not the one seen (`boundAt`, null = unbound). */
    undoBinding: oc
      .input(z.object({ role: deviceRoleSchema, seen: instantSchema.nullable().optional() }))
      .output(deviceBindingSchema.nullable()),
    /** An `interactive` check answers with the code to be scanned; the list tells what came of it. */
    check: oc
      .input(z.object({ deviceId: deviceIdSchema, level: deviceCheckLevelSchema }))
      .output(deviceCheckSchema),
    /** What devices did, by business day, latest first; `next` is the offset of the following page. */
    statistics: oc
      .input(
        z.object({
          days: z.int().min(1).max(DEVICE_DAYS_KEPT),
          offset: z.int().min(0).default(0),
        }),
      )
      .output(z.object({ rows: z.array(deviceDaySchema), next: z.int().nullable() })),
  },
  clients: {
    list: oc.output(
      z.object({ clients: z.array(pairedClientSchema), window: pairingWindowSchema.nullable() }),
    ),
    openPairing: oc
      .input(
        z.object({
          managerId: staffIdSchema,
          pin: pinSchema,
          /** What the program may be given; absent = what a POS needs. */
          scopes: scopesSchema.optional(),
        }),
      )
      .output(pairingWindowSchema),
    revoke: oc
      .input(z.object({ clientId: clientIdSchema }))
      .output(z.object({ revoked: z.boolean() })),
  },
  lane: { board: oc.output(laneBoardSchema) },
  till: {
    /** A manager says that the wall clock is right as it stands, after it was set back or far ahead. */
    confirmTime: oc
      .input(z.object({ managerId: staffIdSchema, pin: pinSchema }))
      .output(z.object({ before: instantSchema, now: instantSchema })),
  },
  sync: {
    /** Where this till stands with headquarters. */
    show: oc.output(syncViewSchema),
    /** Tries again at once. */
    now: oc.output(syncViewSchema),
    /**
     * Begins a full-volume check, after reading every row again where `deep`; joins one that runs. It goes on by itself:
     * `show` tells how far it is and what it found.
     */
    verify: oc.input(z.object({ deep: z.boolean() })).output(syncViewSchema),
    /** Rows that differ again after their repair. */
    staying: oc.output(z.object({ rows: z.array(stayingRowSchema).max(100) })),
    /** Makes this till one of a headquarters by the text of a ticket's file, whether it was one before or not. */
    register: oc
      .input(z.object({ ticket: z.string().min(1).max(TICKET_TEXT_MAX_CHARS) }))
      .output(tillRegistrationSchema),
  },
  faces: {
    /** A one-time code that opens the capture page in a browser. */
    link: oc.output(captureLinkSchema),
    /** The session and whether faces are used here; waits for a change beyond `seen`. */
    watch: oc.input(z.object({ seen: z.int().min(0).optional() })).output(faceWatchSchema),
    /** What the member reads before they agree. */
    consent: oc.output(faceConsentTextSchema),
    start: oc.input(faceStartSchema).output(faceStartedSchema),
    agree: oc.input(faceAgreementSchema).output(faceSessionSchema),
    cancel: oc.input(z.object({ sessionId: faceSessionIdSchema })).output(faceSessionSchema),
    /** Ends what there is of a member's face, everywhere. */
    withdraw: oc.input(faceWithdrawRequestSchema).output(faceWithdrawnSchema),
    /** What lies here of the member's own face, for the member. */
    own: oc.input(faceOwnRequestSchema).output(faceOwnSchema),
    /** What lies here of faces, for the manager. */
    overview: oc.output(faceOverviewSchema),
    pause: oc.input(z.object({ paused: z.boolean() })).output(faceOverviewSchema),
    /** Pauses and destroys all templates at this till; answers once it has begun. */
    erase: oc.output(faceOverviewSchema),
  },
  sales: {
    /** Latest sales of this till for a reprint or a return, newest first. */
    recent: oc.input(z.object({ limit: z.int().min(1).max(100).default(20) })).output(
      z.object({
        sales: z.array(
          z.object({
            saleId: saleIdSchema,
            at: instantSchema,
            payableMinor: z.int(),
            kind: z.string(),
            referenceId: z.string(),
            maskedName: z.string().optional(),
          }),
        ),
      }),
    ),
  },
};

/** What only the page at the camera may ask; see `FaceFrame` for what it says. */
export const captureContract = {
  /** Waits while the session to capture for is the one `seen` (null = none); absent = answers at once. */
  wanted: oc
    .input(z.object({ seen: faceSessionIdSchema.nullable().optional() }))
    .output(captureWantedSchema),
  open: oc.input(z.object({ sessionId: faceSessionIdSchema })).output(captureOpenedSchema),
  send: oc.input(captureMessageSchema).output(captureTakenSchema),
};

/** One contract for MessagePort, WebSocket and HTTP. HTTP serves only `pos`. */
export const tillContract = { pos: posContract, screen: screenContract, capture: captureContract };
export type TillContract = typeof tillContract;
