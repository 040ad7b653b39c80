import { z } from 'zod';

/** One table's rows and the sum of their digests (see digest.ts). */
export const tableRootSchema = z.strictObject({
  table: z.string().min(1).max(32),
  rows: z.int().min(0),
  /** 32 hex digits. */
  sum: z.string().regex(/^[0-9a-f]{32}$/),
});
export type TableRoot = z.infer<typeof tableRootSchema>;
