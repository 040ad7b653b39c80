import { z } from 'zod';
import { instantSchema } from './time.ts';

/** What the QR of a member's pass begins with; base45 (RFC 9285) of the record follows. */
export const CREDENTIAL_PREFIX = 'TSP1:';
/** What a wallet card with a TOTP begins with: `TSW1:<card number>-<unix seconds>-<8 digits>`. */
export const WALLET_PREFIX = 'TSW1:';

/** Seconds for which one step of a credential or of a TOTP stands. */
export const CREDENTIAL_STEP_SECONDS = 30;
/** Steps before and after the running one that are taken too: at most 90 seconds of life (RFC 6238 section 5.2). */
export const CREDENTIAL_WINDOW_STEPS = 1;
/** The highest counter of a key: three bytes. */
export const CREDENTIAL_COUNTER_MAX = 0xff_ff_ff;
/** The highest step: four bytes. */
export const CREDENTIAL_STEP_MAX = 0xff_ff_ff_ff;
/** Bytes of a record of a known key: head 16, signature 64. */
export const CREDENTIAL_RECORD_BYTES = 80;
/** Bytes of its head: flags 1, key id 8, step 4, counter 3. */
export const CREDENTIAL_HEAD_BYTES = 16;
/** Bytes of a signature, Ed25519 as well as P-256 (r and s). */
export const CREDENTIAL_SIGNATURE_BYTES = 64;
/** Longest member tier in a certificate, in bytes of ASCII. */
export const CERTIFICATE_TIER_MAX = 16;
/** Longest member id in a certificate, in bytes. */
export const CERTIFICATE_MEMBER_MAX = 64;
/** Longest text of a credential: 80 bytes and a certificate of at most 192, in base45 behind the prefix. */
export const CREDENTIAL_TEXT_MAX = 413;
/** Keys that one member may have at a time: a phone, its successor, a tablet ... */
export const MEMBER_MAX_PASS_KEYS = 5;
/** Cards of the index under which a till finds a member by a key of a pass. */
export const PASS_CARD_PREFIX = 'pass:';

/** Under which a pass's key finds its member among the cards. */
export function passCard(keyId: string): string {
  return `${PASS_CARD_PREFIX}${keyId}`;
}

/** First 8 bytes of SHA-256 over the raw public key, as hex. */
export const passKeyIdSchema = z.string().regex(/^[0-9a-f]{16}$/);
/** First 4 bytes of SHA-256 over the issuer's raw public key, as hex. */
export const passIssuerIdSchema = z.string().regex(/^[0-9a-f]{8}$/);

/** Ed25519 (RFC 8032), or ECDSA on P-256 with SHA-256 (FIPS 186-5). Never named by the record that it verifies. */
export const PASS_ALGS = ['ed25519', 'p256'] as const;
export const passAlgSchema = z.enum(PASS_ALGS);
export type PassAlg = z.infer<typeof passAlgSchema>;

/** Bytes of a raw public key: Ed25519 as it is, P-256 as a compressed point (SEC 1 section 2.3.3). */
export const PASS_KEY_BYTES: Readonly<Record<PassAlg, number>> = { ed25519: 32, p256: 33 };
const ED25519_KEY = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
const P256_KEY = /^A[g-z0-9_-][A-Za-z0-9_-]{42}$/;

/** A key of a member's pass, as the member's row carries it. A revoked key is gone from the row. */
export const passKeySchema = z
  .object({
    keyId: passKeyIdSchema,
    alg: passAlgSchema,
    /** Raw key as base64url without padding. */
    publicKey: z.string().max(44),
    validFrom: instantSchema,
    validUntil: instantSchema,
  })
  .refine(({ alg, publicKey }) => (alg === 'p256' ? P256_KEY : ED25519_KEY).test(publicKey), {
    message: 'no raw public key of that algorithm in base64url',
    path: ['publicKey'],
  });
export type PassKey = z.infer<typeof passKeySchema>;

/** The secret of a member's wallet card: 20 bytes as base64url (RFC 4226 section 4, R6). */
export const walletSecretSchema = z.string().regex(/^[A-Za-z0-9_-]{26}[AEIMQUYcgkosw048]$/);

/** Body of a fed row `pass-issuer`, whose key is the issuer's id: an Ed25519 key of headquarters that certifies passes. */
export const passIssuerSchema = z.object({
  publicKey: z.string().regex(ED25519_KEY),
  validFrom: instantSchema,
  /** The old issuer stays until the longest certificate that it signed has ended. */
  validUntil: instantSchema,
});
export type PassIssuer = z.infer<typeof passIssuerSchema>;

/** Body of a fed row `denied-key`, whose key is the key's id: it counts nowhere, whoever certified it. */
export const deniedKeySchema = z.object({ at: instantSchema });

/**
 * Which code of which key was shown: no two showings have the same. Of a wallet card `keyId` is the first 8 bytes of
 * SHA-256 over "tillside-wallet/1\n" and the member's id, and `counter` 0.
 */
export const credentialUseSchema = z.object({
  keyId: passKeyIdSchema,
  step: z.int().min(0).max(CREDENTIAL_STEP_MAX),
  counter: z.int().min(0).max(CREDENTIAL_COUNTER_MAX),
});
export type CredentialUse = z.infer<typeof credentialUseSchema>;

/**
 * Why a credential is not taken, the first of the checks that failed: `ill-formed` no record of this version;
 * `unknown-key` no member has the key, and no certificate comes with it; `unknown-issuer` nobody known signed the
 * certificate; `certificate-ended`, `certificate-not-yet` by the time of the key; `denied` taken back by headquarters;
 * `wrong-signature` a byte, the member, the key or the algorithm is not the one that was signed; `too-old`,
 * `from-the-future` outside the window; `replayed` shown before; `counter-went-back` older than one that was shown.
 */
export const CREDENTIAL_REFUSALS = [
  'ill-formed',
  'unknown-key',
  'unknown-issuer',
  'certificate-ended',
  'certificate-not-yet',
  'denied',
  'wrong-signature',
  'too-old',
  'from-the-future',
  'replayed',
  'counter-went-back',
] as const;
export type CredentialRefusal = (typeof CREDENTIAL_REFUSALS)[number];
