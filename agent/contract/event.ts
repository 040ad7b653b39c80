import { z } from 'zod';
import { scannedArticleSchema } from './article.ts';
import { codeClassSchema, identificationSchema } from './identification.ts';
import {
  basketIdSchema,
  deviceIdSchema,
  evaluationIdSchema,
  memberIdSchema,
  returnIdSchema,
  saleIdSchema,
  staffIdSchema,
} from './ids.ts';
import { evaluationStateSchema } from './ledger.ts';
import { textSchema } from './text.ts';
import { instantSchema } from './time.ts';

/** Events kept for readers that resume; older ones are pruned and the reader is told so. */
export const EVENTS_KEPT = 100_000;

/**
 * One thing that happened at this till. `seq` has no gaps: a reader that resumes with `after` misses nothing.
 * A payment code's `text` is delivered live to clients with the scope `scanner` and never stored, so a resumed
 * reader sees the sighting with `redacted: true`.
 */
export const eventBodySchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('sighting'),
    deviceId: deviceIdSchema,
    codeClass: codeClassSchema,
    aim: z.string().optional(),
    symbology: z.string().optional(),
    /** Without its AIM identifier, which is `aim`. */
    text: z.string().optional(),
    /** Of an article's code: what to ring up. */
    article: scannedArticleSchema.optional(),
    redacted: z.boolean().default(false),
  }),
  z.object({ kind: z.literal('identification'), identification: identificationSchema }),
  z.object({
    kind: z.literal('basket'),
    basketId: basketIdSchema,
    evaluationId: evaluationIdSchema,
    state: evaluationStateSchema,
    saleId: saleIdSchema.optional(),
  }),
  /**
   * What headquarters knows of a member has changed: who they are, or their points. Told of members who are identified
   * here; names nobody beyond the id. A reader asks again for what it shows.
   */
  z.object({
    kind: z.literal('member'),
    memberId: memberIdSchema,
    changed: z.array(z.enum(['member', 'points'])).min(1),
    basketId: basketIdSchema.optional(),
  }),
  z.object({ kind: z.literal('return'), returnId: returnIdSchema, saleId: saleIdSchema }),
  z.object({
    kind: z.literal('device'),
    deviceId: deviceIdSchema,
    state: z.string(),
    hint: textSchema,
    remedy: textSchema.optional(),
    /** A check of it began to wait for a scan, or ended; the state is as it was. */
    check: z.enum(['waiting', 'passed', 'failed']).optional(),
    /** Codes that it read in part or could not read, and why: somebody is to scan again. The state is as it was. */
    lost: z
      .object({
        why: z.enum([
          'garbage',
          'over-long',
          'unterminated',
          'unplugged',
          'interrupted',
          'undecodable',
        ]),
        codes: z.int().min(1),
      })
      .optional(),
  }),
  z.object({
    kind: z.literal('staff'),
    staffId: staffIdSchema.nullable(),
    state: z.enum(['signed-in', 'signed-out', 'locked', 'unlocked']),
  }),
  z.object({
    kind: z.literal('till'),
    what: z.enum([
      'started',
      'clock-set-back',
      /** The clock leapt ahead further than a closure explains; nothing is thrown away on its word. */
      'clock-set-forward',
      /** A manager said that the clock is right; `detail` is the till's time before. */
      'time-confirmed',
      'rules-installed',
      /** The connection to headquarters changed; the status says how it is. */
      'headquarters-online',
      'headquarters-offline',
      'events-pruned',
      /** Stands in the place of an event that this version cannot show; `detail` is its kind. */
      'event-unreadable',
      /** Stands in the place of an event about somebody, for a screen at which nobody may act. */
      'event-withheld',
    ]),
    detail: z.string().max(200).optional(),
  }),
]);
export type EventBody = z.infer<typeof eventBodySchema>;

export const tillEventSchema = z.object({
  seq: z.int().min(1),
  at: instantSchema,
  body: eventBodySchema,
});
export type TillEvent = z.infer<typeof tillEventSchema>;
