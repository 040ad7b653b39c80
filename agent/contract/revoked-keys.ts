import { z } from 'zod';

/** The key of the fed setting that names signing keys which count no more. */
export const REVOKED_KEYS_SETTING = 'revoked-keys';
/** Signing keys that a chain can take back. */
export const REVOKED_KEYS_MAX = 100;

/** Ids of keys whose signature on a document counts no more; what was installed before stays in force. */
export const revokedKeysSchema = z.object({
  keyIds: z.array(z.string().min(1).max(64)).max(REVOKED_KEYS_MAX),
});
