import { z } from 'zod';
import { storeIdSchema, tillIdSchema } from './ids.ts';
import { currencySchema } from './money.ts';
import { textSchema } from './text.ts';
import { timeZoneSchema } from './time.ts';

/** Store tier 门店等级: decides rollouts and rule variants. The names are the chain's own. */
export const storeTierSchema = z.string().min(1).max(32);

export const storeSchema = z.object({
  storeId: storeIdSchema,
  name: textSchema,
  storeTier: storeTierSchema,
  timeZone: timeZoneSchema,
  currency: currencySchema,
  /** The business day ends at this minute of the local day (120 = 02:00). */
  dayEndsAtMinute: z.int().min(0).max(719).default(0),
});
export type Store = z.infer<typeof storeSchema>;

/** Where this till stands. */
export const tillPlaceSchema = z.object({ tillId: tillIdSchema, store: storeSchema });
export type TillPlace = z.infer<typeof tillPlaceSchema>;
