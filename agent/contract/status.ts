import { z } from 'zod';
import { storeIdSchema, tillIdSchema } from './ids.ts';
import { currencySchema } from './money.ts';
import { syncReasonSchema } from './sync-view.ts';
import { languageSchema, textSchema } from './text.ts';
import { instantSchema } from './time.ts';

/** What anybody on this machine may know without a token. */
export const statusSchema = z.object({
  name: z.literal('tillside'),
  version: z.string(),
  tillId: tillIdSchema,
  storeId: storeIdSchema,
  storeName: textSchema,
  currency: currencySchema,
  timeZone: z.string(),
  language: languageSchema,
  /** Labelled demo data; never true in a store. */
  demo: z.boolean(),
  now: instantSchema,
  startedAt: instantSchema,
  ruleSetVersion: z.int().min(0),
  /** Connection to headquarters: since when it is as it is, what waits, what still works. */
  headquarters: z.object({
    state: z.enum(['not-configured', 'online', 'offline']),
    since: instantSchema,
    waitingEntries: z.int().min(0),
    text: textSchema,
    /** Why it is not online, where it is not. */
    reason: syncReasonSchema.optional(),
    /** The time of the oldest row that waits for headquarters. */
    oldestWaitingAt: instantSchema.optional(),
    /** Something is wrong with what is stored here or at headquarters: one sentence for whoever stands at the till. */
    warning: textSchema.optional(),
  }),
  /** The till's database was damaged and brought back within the last day: one sentence for whoever stands at the till. */
  repair: z.object({ at: instantSchema, text: textSchema }).optional(),
  clockTrusted: z.boolean(),
  /**
   * How far the clock has leapt ahead of the time that the till has seen pass, in milliseconds, where that is more than a
   * closure explains. Until a manager confirms the time nothing is thrown away for its age.
   */
  clockAheadMs: z.int().min(0).optional(),
  /** Stored faces, those of other tills that this one may recognise included; absent = none. Above `limit` the law wants a filing. */
  faces: z
    .object({ stored: z.int().min(0), limit: z.int().min(1), warning: textSchema.optional() })
    .optional(),
  devices: z.array(z.object({ deviceId: z.string(), state: z.string() })),
  head: z.object({ seq: z.int().min(0), eventSeq: z.int().min(0) }),
});
export type Status = z.infer<typeof statusSchema>;
