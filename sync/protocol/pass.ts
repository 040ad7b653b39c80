import { z } from 'zod';
import {
  MEMBER_MAX_PASS_KEYS,
  type PassAlg,
  passAlgSchema,
  passIssuerIdSchema,
  passKeyIdSchema,
} from '../../agent/contract/credential.ts';
import { memberIdSchema } from '../../agent/contract/ids.ts';
import { entitlementSchema, MEMBER_MAX_ENTITLEMENTS } from '../../agent/contract/member.ts';
import { pointsBalanceSchema } from '../../agent/contract/money.ts';
import { instantSchema } from '../../agent/contract/time.ts';

/** Where headquarters serves the pass to phones; the code of a link stands behind `#`. */
export const PASS_PAGE_PATH = '/pass/';
/** A code links one phone, once, for so long, in milliseconds. */
export const PASS_CODE_TTL_MS = 10 * 60_000;
/** Codes of one member that are good at a time; with a further one the oldest ends. */
export const PASS_CODES_OPEN_MAX = 3;
/** Codes that the till of one store may ask for within {@link PASS_CODES_WINDOW_MS}. */
export const PASS_CODES_MAX = 60;
export const PASS_CODES_WINDOW_MS = 10 * 60_000;
/** Wrong codes that HQ hears within {@link PASS_GUESS_WINDOW_MS} before it refuses further wrong ones for a while. */
export const PASS_GUESSES_MAX = 100;
export const PASS_GUESS_WINDOW_MS = 10 * 60_000;
/** Calls of passes that one process of HQ works on at a time; a further one is told to come again (`busy`). */
export const PASS_CALLS_MAX = 64;
/** The time that a request of a pass names may differ from HQ's by so much, in milliseconds. */
export const PASS_REQUEST_WINDOW_MS = 5 * 60_000;
/** Days for which HQ certifies a key of a pass. */
export const PASS_KEY_DAYS = 90;
/** A pass asks for its next key when its own is certified for fewer days than this. */
export const PASS_RENEW_DAYS = 30;

/** 12 letters and digits of Crockford's alphabet (60 bits) in groups of four, e.g. `7K3M-Q9XD-0TVA`. */
export const passCodeSchema = z
  .string()
  .regex(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$/);

/** 64 bytes as base64url. */
const signatureSchema = z.string().regex(/^[A-Za-z0-9_-]{86}$/);
/** The raw public key as base64url; its length goes with the algorithm, which HQ checks with the key itself. */
const rawKeySchema = z.string().regex(/^[A-Za-z0-9_-]{43,44}$/);

export const passCodeRequestSchema = z.strictObject({ memberId: memberIdSchema });
/** What the till shows: the code, and the address of the page with the code behind `#`. */
export const passCodeReplySchema = z.strictObject({
  code: passCodeSchema,
  url: z.url().max(400),
  expiresAt: instantSchema,
});
export type PassCode = z.infer<typeof passCodeReplySchema>;

/** A phone shows the code and its fresh key. `proof` is the key's own signature, see {@link passRequestBytes}. */
export const linkPassRequestSchema = z.strictObject({
  code: passCodeSchema,
  alg: passAlgSchema,
  publicKey: rawKeySchema,
  proof: signatureSchema,
});
/** `at`: the phone's idea of HQ's time; where it is off, the refusal `clock-differs` says HQ's own. */
export const refreshPassRequestSchema = z.strictObject({
  keyId: passKeyIdSchema,
  at: instantSchema,
  proof: signatureSchema,
});
/** The key that stands signs its successor, and the successor proves itself: both over the same bytes. */
export const rotatePassRequestSchema = refreshPassRequestSchema.extend({
  alg: passAlgSchema,
  publicKey: rawKeySchema,
  nextProof: signatureSchema,
});

/** All that a pass knows of its member, as of `asOf`. */
export const passReplySchema = z.strictObject({
  memberId: memberIdSchema,
  maskedName: z.string().max(80),
  keyId: passKeyIdSchema,
  /** See agent/domain/credential/certificate.ts; base64url. */
  certificate: z.string().min(100).max(256),
  validUntil: instantSchema,
  tier: z.string().max(32),
  points: pointsBalanceSchema,
  /** Rights that hold today. */
  benefits: z
    .array(entitlementSchema.pick({ kind: true, validUntil: true }).strict())
    .max(MEMBER_MAX_ENTITLEMENTS),
  /** Older passes of the member that ended because there were too many. */
  ended: z.int().min(0).max(MEMBER_MAX_PASS_KEYS),
  /** HQ's time. */
  asOf: instantSchema,
});
export type PassReply = z.infer<typeof passReplySchema>;

/** `removed`: false = HQ had no such pass any more. */
export const removePassReplySchema = z.strictObject({ removed: z.boolean() });

export const passListSchema = z.strictObject({
  passes: z
    .array(
      z.strictObject({
        keyId: passKeyIdSchema,
        alg: passAlgSchema,
        linkedAt: instantSchema,
        validUntil: instantSchema,
        /** The highest counter that a till has seen. */
        counter: z.int().min(0),
      }),
    )
    .max(MEMBER_MAX_PASS_KEYS),
});

/** `current` certifies; `next` is published ahead of its turn; `retired` only verifies what it has certified. */
export const passIssuersSchema = z.strictObject({
  issuers: z.array(
    z.strictObject({
      issuerId: passIssuerIdSchema,
      state: z.enum(['current', 'next', 'retired']),
      validFrom: instantSchema,
      validUntil: instantSchema,
    }),
  ),
});
export type PassIssuerList = z.infer<typeof passIssuersSchema>;

/** What a key of a pass signs, by request. Every value is ASCII without a line break, as the schemas have it. */
type PassRequest =
  | {
      readonly purpose: 'link';
      readonly code: string;
      readonly alg: PassAlg;
      readonly publicKey: string;
    }
  | { readonly purpose: 'refresh' | 'remove'; readonly keyId: string; readonly at: string }
  | {
      readonly purpose: 'rotate';
      readonly keyId: string;
      readonly at: string;
      readonly alg: PassAlg;
      readonly publicKey: string;
    };

/** The bytes of a request that its key signs, so that a signature for one purpose is worth nothing for another. */
export function passRequestBytes(request: PassRequest): Uint8Array<ArrayBuffer> {
  const { purpose } = request;
  const values =
    purpose === 'link'
      ? [request.code, request.alg, request.publicKey]
      : purpose === 'rotate'
        ? [request.keyId, request.at, request.alg, request.publicKey]
        : [request.keyId, request.at];
  const text = ['tillside-pass-request/1', purpose, ...values].join('\n');
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
