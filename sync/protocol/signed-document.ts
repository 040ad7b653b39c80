import {
  createHash,
  createPublicKey,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import { err, ok, type Result } from '../../agent/contract/result.ts';

export const SIGNATURE_ALGORITHM = 'Ed25519';
/** Largest signed document that is read, in bytes. */
export const SIGNED_DOCUMENT_MAX_BYTES = 64 * 1024 * 1024;

/** The envelope of every document that HQ signs: rule sets, policies, plans. */
export const signedDocumentSchema = z.strictObject({
  /** Names what the payload is, e.g. `tillside/rule-set/1`. */
  schema: z.string().min(1).max(64),
  keyId: z.string().min(1).max(64),
  algorithm: z.literal(SIGNATURE_ALGORITHM),
  payload: z.unknown(),
  /** base64url, without padding. */
  signature: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
});
export type SignedDocument = z.infer<typeof signedDocumentSchema>;

const NONE: ReadonlySet<string> = new Set();

export interface SignatureError {
  readonly code:
    | 'not-an-envelope'
    | 'wrong-schema'
    | 'revoked-key'
    | 'unknown-key'
    | 'bad-signature';
  readonly message: string;
}

/**
 * Signs a payload. The signature covers RFC 8785 canonical JSON of schema, keyId, algorithm and payload, so that
 * neither the order of keys nor white space matters and no part can be moved to another envelope.
 * @param key Ed25519 private key
 * @param payload JSON values only: no undefined entries in lists, no NaN
 */
export function signDocument(
  schema: string,
  payload: unknown,
  keyId: string,
  key: KeyObject,
): SignedDocument {
  const unsigned = { schema, keyId, algorithm: SIGNATURE_ALGORITHM, payload } as const;
  return {
    ...unsigned,
    signature: signBytes(null, signedBytes(unsigned), key).toString('base64url'),
  };
}

/**
 * Checks an envelope: form, schema, key, signature - in this order.
 * @param trusted Ed25519 public keys by id
 * @param revoked ids of keys that count no more, whether trusted or not
 * @returns the payload, which the caller still has to parse by its own schema
 */
export function verifyDocument(
  document: unknown,
  schema: string,
  trusted: ReadonlyMap<string, KeyObject>,
  revoked: ReadonlySet<string> = NONE,
): Result<unknown, SignatureError> {
  const parsed = signedDocumentSchema.safeParse(document);
  if (!parsed.success)
    return err({
      code: 'not-an-envelope',
      message: `not a signed document: ${z.prettifyError(parsed.error)}`,
    });
  const { signature, ...unsigned } = parsed.data;
  if (unsigned.schema !== schema)
    return err({
      code: 'wrong-schema',
      message: `the document is a ${unsigned.schema}, not a ${schema}`,
    });
  if (revoked.has(unsigned.keyId))
    return err({ code: 'revoked-key', message: `the key ${unsigned.keyId} was revoked` });
  const key = trusted.get(unsigned.keyId);
  if (key === undefined)
    return err({ code: 'unknown-key', message: `no trusted key has the id ${unsigned.keyId}` });
  if (!verifyBytes(null, signedBytes(unsigned), key, Buffer.from(signature, 'base64url'))) {
    return err({
      code: 'bad-signature',
      message: `the signature of key ${unsigned.keyId} does not fit the document`,
    });
  }
  return ok(unsigned.payload);
}

/** The id of an Ed25519 key, private or public: the first 16 base64url characters of SHA-256 over the public key (SPKI, DER). */
export function keyIdOf(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
    .slice(0, 16);
}

function signedBytes(unsigned: Omit<SignedDocument, 'signature'>): Buffer {
  const { schema, keyId, algorithm, payload } = unsigned;
  const text = canonicalize({ schema, keyId, algorithm, payload });
  if (text === undefined)
    throw new Error('broken invariant: a payload that is no JSON value cannot be signed');
  return Buffer.from(text, 'utf8');
}
