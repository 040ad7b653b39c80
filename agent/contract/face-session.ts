import { z } from 'zod';
import { decisionSchema } from './decision.ts';
import {
  cameraTroubleSchema,
  challengeStepSchema,
  DESCRIPTOR_MAX_NUMBERS,
  frameFaultSchema,
} from './face.ts';
import { faceModelSchema, faceScopeSchema } from './face-facts.ts';
import { basketIdSchema, identificationIdSchema, storeIdSchema } from './ids.ts';
import { textSchema } from './text.ts';
import { instantSchema } from './time.ts';

/** A session that recognises somebody ends by itself after so long. */
export const FACE_SESSION_MS = 60_000;
/** A session that enrols: the member reads what they agree to. */
export const FACE_ENROL_SESSION_MS = 240_000;
/** How a session ended is shown for so long. */
export const FACE_RESULT_SHOWN_MS = 30_000;
/** A question that waits for a change is answered after so long where nothing changed. */
export const FACE_POLL_MS = 25_000;
/** Questions that wait for a change at one time; a further one is answered at once. */
export const FACE_WAITERS_MAX = 16;
/** Times that a page may begin to send in one session: it was loaded anew, or a message was lost. */
export const SESSION_MAX_OPENS = 5;
/** Largest message of a frame, sealed, in bytes: a descriptor of the most numbers in base64, its figures and the tag. */
export const SEALED_FRAME_MAX_BYTES = Math.ceil((DESCRIPTOR_MAX_NUMBERS * 4 * 4) / 3) + 2_048;
/** Gated frames that a judgement rests on, at least. */
export const JUDGED_FRAMES_MIN = 3;
/** Galleries above this only ever give a shortlist: strangers would get a name too often. */
export const SHORTLIST_ONLY_ABOVE = 10_000;
/** Members whom a face may suggest at one time. */
export const FACE_SHORTLIST_MAX = 5;

/** Where pages find the files of a face model that a store has added. */
export const FACE_PACK_PATH = '/face-pack/';

/** Names the messages of the capture page within HPKE. */
export const CAPTURE_INFO = 'tillside/capture/1';

/** What a session binds its messages to: HPKE's `info`, RFC 9180 section 5.1. */
export function captureInfo(sessionId: string): string {
  return `${CAPTURE_INFO} ${sessionId}`;
}

/** What one message binds itself to: its session and its place in the order, so that none counts twice or elsewhere. */
export function captureAad(sessionId: string, no: number): string {
  return `${sessionId} ${no}`;
}

export const faceSessionIdSchema = z.string().min(8).max(64).brand<'FaceSessionId'>();
export type FaceSessionId = z.infer<typeof faceSessionIdSchema>;

/** `enrol` makes a template; `verify` compares with the member who is claimed; `identify` looks for a shortlist. */
export const FACE_PURPOSES = ['enrol', 'verify', 'identify'] as const;
export const facePurposeSchema = z.enum(FACE_PURPOSES);
export type FacePurpose = z.infer<typeof facePurposeSchema>;

/**
 * How a session ended. `recognised` the claimed member; `shortlist` members to be confirmed by another proof; `unknown`
 * nobody; `enrolled` the template is made; `refused` and `ended` say why in the reason.
 */
export const FACE_OUTCOMES = [
  'recognised',
  'shortlist',
  'unknown',
  'enrolled',
  'refused',
  'ended',
] as const;
export type FaceOutcome = (typeof FACE_OUTCOMES)[number];

/** Why a session was refused or ended. */
export const FACE_REASONS = [
  'no-match',
  'unsure',
  'challenge',
  'not-live',
  'other-person',
  'consent-withdrawn',
  'attempts',
  'blocked',
  'expired-member',
  'minor',
  'member-changed',
  'proof-gone',
  'not-taken',
  'cancelled',
  'timed-out',
  'signed-out',
  'switched-off',
  'sale-ended',
  'too-many-frames',
  'storage',
] as const;
export const faceReasonSchema = z.enum(FACE_REASONS);
export type FaceReason = z.infer<typeof faceReasonSchema>;

/** One session as cashier and customer see it; says nothing of anybody but the figures of the frame. */
export const faceSessionSchema = z.object({
  sessionId: faceSessionIdSchema,
  purpose: facePurposeSchema,
  /** `consent` waits for the member's word, `waiting` for the camera. */
  phase: z.enum(['consent', 'waiting', 'looking', 'done']),
  /** One sentence for the cashier. */
  sentence: textSchema,
  /** What the member is to do, in the member's words. */
  guidance: textSchema,
  /** What to do about a camera that gives no frames. */
  remedy: textSchema.optional(),
  fault: frameFaultSchema.optional(),
  step: challengeStepSchema.optional(),
  trouble: cameraTroubleSchema.optional(),
  /** Good frames so far, and how many are needed. */
  frames: z.object({ good: z.int().min(0), needed: z.int().min(1) }),
  /** Whether movements are asked for, and what came of them: `timed-out` leaves a match that a picture could make, too. */
  challenge: z.enum(['not-asked', 'asked', 'passed', 'timed-out']).optional(),
  outcome: z.enum(FACE_OUTCOMES).optional(),
  reason: faceReasonSchema.optional(),
  /** Where the outcome went, or whom it was about. */
  identificationId: identificationIdSchema.optional(),
  basketId: basketIdSchema.optional(),
  expiresAt: instantSchema,
});
export type FaceSession = z.infer<typeof faceSessionSchema>;

export const faceStartSchema = z.object({
  purpose: facePurposeSchema,
  /** Whose hand began it. */
  by: z.enum(['cashier', 'customer']),
  /** Whom it is about, for `enrol` and `verify`. */
  identificationId: identificationIdSchema.optional(),
  basketId: basketIdSchema.optional(),
});
export type FaceStart = z.infer<typeof faceStartSchema>;

/** A session that began, or the proof that its purpose lacks. */
export const faceStartedSchema = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('started'), session: faceSessionSchema }),
  z.object({ outcome: z.literal('proof-needed'), decision: decisionSchema }),
]);
export type FaceStarted = z.infer<typeof faceStartedSchema>;

/** What a screen that watches is told; `rev` grows with each change. */
export const faceWatchSchema = z.object({
  rev: z.int().min(0),
  /** Whether this till uses faces. */
  on: z.boolean(),
  /** Why not, where the till could: a manager paused it here, or headquarters switched the store off. */
  off: z.enum(['paused', 'store-off']).optional(),
  session: faceSessionSchema.nullable(),
  /** Messages of capture pages refused since the till started: more than a few are a page that is broken or not ours. */
  refused: z.int().min(0),
});
export type FaceWatch = z.infer<typeof faceWatchSchema>;

/** The member's own words on the customer's screen, in this session. */
export const faceAgreementSchema = z.object({
  sessionId: faceSessionIdSchema,
  textVersion: z.string().min(1).max(32),
  language: z.enum(['zh-CN', 'en']),
  scope: faceScopeSchema,
});
export type FaceAgreement = z.infer<typeof faceAgreementSchema>;

/** What a member reads before they agree. */
export const faceConsentTextSchema = z.object({
  textVersion: z.string(),
  storeText: textSchema,
  chainText: textSchema,
});
export type FaceConsentText = z.infer<typeof faceConsentTextSchema>;

export const faceWithdrawRequestSchema = z.object({
  identificationId: identificationIdSchema,
  by: z.enum(['cashier', 'customer']),
});
export type FaceWithdrawRequest = z.infer<typeof faceWithdrawRequestSchema>;

/** The receipt of a withdrawal, or the proof that it lacks. */
export const faceWithdrawnSchema = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('withdrawn'),
    withdrawalId: z.string(),
    /** Templates of this till whose keys are destroyed. */
    destroyed: z.int().min(0),
    at: instantSchema,
    /** What the member is told of it: what is destroyed, and what is yet to be confirmed. */
    effect: textSchema,
  }),
  z.object({ outcome: z.literal('proof-needed'), decision: decisionSchema }),
]);
export type FaceWithdrawn = z.infer<typeof faceWithdrawnSchema>;

export const faceOwnRequestSchema = z.object({ identificationId: identificationIdSchema });
export type FaceOwnRequest = z.infer<typeof faceOwnRequestSchema>;

/** Faces of one member that one answer names, at most. */
export const FACE_OWN_MAX = 32;

/** What this till keeps of a member's face, for the member's own eyes; or the proof that it lacks. Never numbers. */
export const faceOwnSchema = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('shown'),
    faces: z
      .array(
        z.object({
          scope: faceScopeSchema,
          enrolledAt: instantSchema,
          storeId: storeIdSchema,
          /** The last business day on which it was recognised at this till; null = never. */
          lastSeenOn: z.string().nullable(),
          /** Whether this till can compare with it. */
          isUsable: z.boolean(),
          /** Distances that are kept of looks at it which another proof confirmed. */
          comparisons: z.int().min(0),
          /** What was agreed to; null = agreed to at another till, which keeps it. */
          consent: z
            .object({
              textVersion: z.string(),
              language: z.enum(['zh-CN', 'en']),
              at: instantSchema,
            })
            .nullable(),
        }),
      )
      .max(FACE_OWN_MAX),
    /** Days without a visit after which a template ends; null = headquarters has set nothing. */
    retentionDays: z.int().min(1).nullable(),
  }),
  z.object({ outcome: z.literal('proof-needed'), decision: decisionSchema }),
]);
export type FaceOwn = z.infer<typeof faceOwnSchema>;

/** The session that wants a camera now. */
export const captureWantedSchema = z.object({
  session: z
    .object({
      sessionId: faceSessionIdSchema,
      purpose: facePurposeSchema,
      /** Movements to ask for, in this order; none = no challenge. */
      challenge: z.array(challengeStepSchema).max(8),
      expiresAt: instantSchema,
    })
    .nullable(),
  /** True = the page shows a simulated camera and whoever stands before it, and opens none of the machine. */
  simulated: z.boolean(),
});
export type CaptureWanted = z.infer<typeof captureWantedSchema>;

export const captureOpenedSchema = z.object({
  /** X25519, 32 bytes in base64: made for this opening, forgotten with it. */
  publicKey: z.string().min(1).max(64),
  /** The model that frames are to be described by; others are refused. */
  model: faceModelSchema,
  /** True = loaded from the store's pack under {@link FACE_PACK_PATH}; false = the model that comes with the pages. */
  isPack: z.boolean(),
});
export type CaptureOpened = z.infer<typeof captureOpenedSchema>;

const base64 = z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/);

/** One frame, sealed by HPKE in base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. */
export const captureMessageSchema = z.object({
  sessionId: faceSessionIdSchema,
  /** 0, 1, 2, ...: HPKE opens only in order. */
  no: z.int().min(0),
  /** HPKE's encapsulated key; with message 0 and no other. */
  enc: base64.max(64).optional(),
  sealed: base64.max(Math.ceil(SEALED_FRAME_MAX_BYTES / 3) * 4),
});
export type CaptureMessage = z.infer<typeof captureMessageSchema>;

export const captureTakenSchema = z.object({
  /** The number of the message that comes next. */
  next: z.int().min(0),
  /** False = the session is over: the camera is to be switched off. */
  wanted: z.boolean(),
});
export type CaptureTaken = z.infer<typeof captureTakenSchema>;

/** A one-time code that opens the capture page: `/capture.html#code=...`. */
export const captureLinkSchema = z.object({ code: z.string() });
