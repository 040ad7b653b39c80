import { z } from 'zod';
import { instantSchema } from '../../agent/contract/time.ts';

/**
 * A till that has had an ended template's key for longer than this, in milliseconds, is an alarm: a week, so that one which
 * was closed for some days is heard first, and most of a month is left to find it.
 */
export const DESTRUCTION_ALARM_MS = 7 * 24 * 60 * 60_000;
/** Tills that are named one by one, at most, the longest waiting first; the sums are of all. */
export const WAITING_TILLS_SHOWN_MAX = 1_000;

const count = z.int().nonnegative();

/** What the chain keeps of faces, and who has yet to destroy what has ended. Names no member. */
export const faceFiguresSchema = z.strictObject({
  /** People with a template in use, each once. */
  stored: count,
  limit: count,
  /** `near`: tell the lawyer; `reached`: the chain has to file. */
  filing: z.enum(['clear', 'near', 'reached']),
  waitingTills: count,
  waitingTemplates: count,
  /** Of them those that can still answer and have not for {@link DESTRUCTION_ALARM_MS}. */
  lateTills: count,
  /** Of them those that can answer no more: revoked, or not known here. Only who has their disks can say what became of the keys. */
  goneTills: count,
  /** Age of the oldest destruction that a till can still confirm, in milliseconds; 0 = none is waited for. */
  oldestMs: count,
  waiting: z
    .array(
      z.strictObject({
        tillId: z.string(),
        /** null = headquarters has no such till any more. */
        storeId: z.string().nullable(),
        state: z.string().nullable(),
        templates: count,
        since: instantSchema,
        isLate: z.boolean(),
        isGone: z.boolean(),
      }),
    )
    .max(WAITING_TILLS_SHOWN_MAX),
});
export type FaceFigures = z.infer<typeof faceFiguresSchema>;
