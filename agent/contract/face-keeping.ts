import { z } from 'zod';
import { faceEndReasonSchema, faceModelSchema } from './face-facts.ts';
import { facePurposeSchema } from './face-session.ts';
import { textSchema } from './text.ts';
import { instantSchema } from './time.ts';

/** Ends of templates that one answer names; of further ones it says how many. */
export const FACE_ENDS_SHOWN_MAX = 50;

/**
 * Whether this till uses faces: `on`; `paused` by a manager, at this till alone; `store-off` by headquarters for the
 * whole store; `not-set` headquarters has set nothing; `absent` the till has nothing that faces need.
 */
export const FACE_USES = ['on', 'paused', 'store-off', 'not-set', 'absent'] as const;
export const faceUseSchema = z.enum(FACE_USES);
export type FaceUse = z.infer<typeof faceUseSchema>;

/** The end of a member's templates as whoever keeps the till sees it: nothing says whose they were. */
export const faceEndShownSchema = z.object({
  withdrawalId: z.string(),
  at: instantSchema,
  reason: faceEndReasonSchema,
  channel: z.enum(['customer-screen', 'staff', 'rule']),
  /** Templates of this till whose keys are destroyed. */
  destroyed: z.int().min(0),
});
export type FaceEndShown = z.infer<typeof faceEndShownSchema>;

/** What a till keeps of faces and how it uses them: figures and states, and nobody by name. */
export const faceOverviewSchema = z.object({
  use: faceUseSchema,
  /** Since when a manager has paused faces here. */
  pausedAt: instantSchema.optional(),
  /** Templates are being destroyed; goes on after a restart. */
  erasing: z.boolean(),
  model: faceModelSchema.optional(),
  /** Templates kept here, against the filing limit. */
  stored: z.int().min(0),
  limit: z.int().min(1),
  warning: textSchema.optional(),
  templates: z.object({
    /** Can be opened and compared. */
    usable: z.int().min(0),
    withoutKey: z.int().min(0),
    damaged: z.int().min(0),
    otherModel: z.int().min(0),
  }),
  /** Keys of templates, and ids that are destroyed for good. */
  keys: z.object({ kept: z.int().min(0), erased: z.int().min(0) }),
  ends: z.object({
    /** Destroyed here; headquarters has yet to hear of it. Oldest first. */
    waiting: z.array(faceEndShownSchema).max(FACE_ENDS_SHOWN_MAX),
    waitingInAll: z.int().min(0),
    /** Templates whose key is destroyed and whose row a failing disk has left: put right within the hour. */
    unfinished: z.int().min(0),
  }),
  session: z
    .object({
      purpose: facePurposeSchema,
      phase: z.enum(['consent', 'waiting', 'looking', 'done']),
      expiresAt: instantSchema,
    })
    .nullable(),
  attempts: z.object({
    /** Of the last `windowSeconds`, that came to nothing. */
    failed: z.int().min(0),
    limit: z.int().min(1),
    windowSeconds: z.int().min(1),
  }),
  /** Messages of capture pages refused since the till started. */
  refusedMessages: z.int().min(0),
});
export type FaceOverview = z.infer<typeof faceOverviewSchema>;
