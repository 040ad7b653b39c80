import { z } from 'zod';
import { clientIdSchema } from './ids.ts';
import { freeTextSchema } from './text.ts';
import { instantSchema } from './time.ts';

/** What a paired program may do. `scanner` also receives payment codes. */
export const SCOPES = ['identify', 'basket', 'ledger:read', 'scanner', 'manager', 'fleet'] as const;
export const scopeSchema = z.enum(SCOPES);
export type Scope = z.infer<typeof scopeSchema>;

export const scopesSchema = z.array(scopeSchema).min(1).max(SCOPES.length);

/** The scopes that a manager opens a pairing window for when they name none. */
export const POS_SCOPES: readonly Scope[] = ['identify', 'basket', 'ledger:read', 'scanner'];

export const PAIRING_CODE_TTL_MS = 120_000;
export const PAIRING_CODE_TRIES = 5;

export const pairRequestSchema = z.object({
  /** The six digits shown on the till. */
  code: z.string().regex(/^\d{6}$/),
  /** What the list of paired programs shows. */
  name: freeTextSchema(64).min(1),
  /** At most those that the manager opened the window for; absent = all of them. */
  scopes: scopesSchema.optional(),
  /**
   * Exact origin of a web POS, e.g. `https://pos.example.cn`; absent for a native program. Plain HTTP only from this
   * machine, because anybody on the way could be such a page.
   */
  origin: z
    .string()
    .regex(/^(https:\/\/[a-z0-9.-]+|http:\/\/(127\.0\.0\.1|localhost))(:\d{1,5})?$/)
    .optional(),
});
export const pairReplySchema = z.object({
  clientId: clientIdSchema,
  /** 256 random bits, base64url; shown once, kept only as a hash. */
  token: z.string(),
  scopes: z.array(scopeSchema),
});

export const pairedClientSchema = z.object({
  clientId: clientIdSchema,
  name: z.string(),
  scopes: z.array(scopeSchema),
  origin: z.string().optional(),
  pairedAt: instantSchema,
  lastSeenAt: instantSchema.optional(),
});
export type PairedClient = z.infer<typeof pairedClientSchema>;

/** A pairing window opened at the till by a manager. */
export const pairingWindowSchema = z.object({
  code: z.string().regex(/^\d{6}$/),
  expiresAt: instantSchema,
  triesLeft: z.int().min(0),
  /** The most that the program may be given. */
  scopes: z.array(scopeSchema),
});
export type PairingWindow = z.infer<typeof pairingWindowSchema>;
