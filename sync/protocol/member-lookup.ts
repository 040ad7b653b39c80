import { z } from 'zod';
import { feedRowSchema } from './feed.ts';

/** Members that one look-up answers. */
export const LOOKUP_MAX = 10;

/**
 * Asks for a member outside the till's scope. A phone must be whole: its last digits would name people all over the
 * country. A single member found becomes a visitor of the till's store, so that the feed carries them from then on; of
 * several it carries all for a day, so that no copy at a till is beyond the reach of an erasure.
 */
export const lookupRequestSchema = z.strictObject({
  by: z.enum(['card', 'gsrn', 'phone', 'member']),
  value: z.string().min(4).max(64),
});
export const lookupReplySchema = z.strictObject({
  /** Feed rows of `member` and `points`, as they would come down the feed; none = nobody. */
  rows: z.array(feedRowSchema).max(LOOKUP_MAX * 2),
  tooMany: z.boolean(),
});
export type LookupReply = z.infer<typeof lookupReplySchema>;
