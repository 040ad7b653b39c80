import { z } from 'zod';
import { memberIdSchema } from '../../agent/contract/ids.ts';

/** Why is for the record. */
export const walletCardRequestSchema = z.strictObject({
  memberId: memberIdSchema,
  reason: z.string().min(1).max(200),
});

/**
 * What a wallet needs to show a member's rotating code, said once and never again. `valuePattern`, `secretHex` and
 * `digits` are fields of a rotating barcode with HMAC-SHA-1 and steps of `periodSeconds`.
 */
export const walletCardSchema = z.strictObject({
  card: z.string(),
  valuePattern: z.string(),
  secretHex: z.string().regex(/^[0-9a-f]{40}$/),
  digits: z.int(),
  periodSeconds: z.int(),
});
export type WalletCard = z.infer<typeof walletCardSchema>;

/** `removed`: false = the member had no wallet card. */
export const walletCardRemovedSchema = z.strictObject({ removed: z.boolean() });
