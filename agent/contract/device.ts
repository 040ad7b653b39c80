import { z } from 'zod';
import { deviceIdSchema } from './ids.ts';
import { textSchema } from './text.ts';
import { instantSchema } from './time.ts';

/** Who is meant by what a scanner reads (DESIGN 5). */
export const scannerOwnerSchema = z.enum(['agent', 'pos', 'shared-wedge']);
export type ScannerOwner = z.infer<typeof scannerOwnerSchema>;

/** A device as screens and `doctor` see it. */
export const deviceViewSchema = z.object({
  deviceId: deviceIdSchema,
  driver: z.string(),
  owner: scannerOwnerSchema,
  state: z.string(),
  since: instantSchema,
  simulated: z.boolean(),
  hint: textSchema,
  remedy: textSchema.optional(),
  statistics: z.record(z.string(), z.number()),
});
export type DeviceView = z.infer<typeof deviceViewSchema>;
