import { z } from 'zod';
import { tillIdSchema } from '../../agent/contract/ids.ts';
import { tillPlaceSchema } from '../../agent/contract/store.ts';
import { FORMER_MAX, formerIncarnationSchema } from './session.ts';

export const REGISTRATION_TICKET_SCHEMA = 'tillside/registration-ticket/1';
/** A code works once and for so long, in milliseconds. */
export const REGISTRATION_CODE_TTL_MS = 24 * 60 * 60_000;
/** Wrong codes that HQ hears within {@link REGISTRATION_GUESS_WINDOW_MS} before it refuses all for a while. */
export const REGISTRATION_GUESSES_MAX = 10;
export const REGISTRATION_GUESS_WINDOW_MS = 10 * 60_000;

/** 16 letters and digits of Crockford's alphabet (80 bits) in groups of four, e.g. `7K3M-Q9XD-0TVA-5HWC`. */
export const registrationCodeSchema = z
  .string()
  .regex(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);

/** Ed25519 public key, SPKI DER as base64. */
export const publicKeySchema = z.string().min(40).max(400);

/** What IT carries from HQ to a till, as a file: where HQ is, the authority that signs its certificate, and a code. */
export const registrationTicketSchema = z.strictObject({
  schema: z.literal(REGISTRATION_TICKET_SCHEMA),
  url: z.url({ protocol: /^https?$/ }).max(300),
  /** Certificate of the pinned authority as PEM; null only for plain HTTP on loopback. */
  ca: z.string().max(16_384).nullable(),
  code: registrationCodeSchema,
  tillId: tillIdSchema,
});
export type RegistrationTicket = z.infer<typeof registrationTicketSchema>;

export const registerRequestSchema = z.strictObject({
  code: registrationCodeSchema,
  tillId: tillIdSchema,
  publicKey: publicKeySchema,
  incarnation: z.string().min(8).max(64),
  /** As in a session request. */
  former: z.array(formerIncarnationSchema).min(1).max(FORMER_MAX).optional(),
  version: z.string().max(64),
  /** Ed25519 by the till's key over canonical JSON of the other fields with `purpose: 'tillside/register/1'`. */
  signature: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
});
export type RegisterRequest = z.infer<typeof registerRequestSchema>;

/** The same code with the same key answers the same again, so that a lost answer costs no second code. */
export const registerReplySchema = z.strictObject({
  place: tillPlaceSchema,
  timeline: z.string().min(8).max(64),
  /** Keys whose signatures on documents and receipts count. */
  trustedKeys: z
    .array(z.strictObject({ keyId: z.string().min(1).max(64), publicKey: publicKeySchema }))
    .min(1)
    .max(8),
});
export type RegisterReply = z.infer<typeof registerReplySchema>;
