import { type KeyObject, sign, verify } from 'node:crypto';
import canonicalize from 'canonicalize';

/** What a till signs with its own key, so that a signature for one purpose is worth nothing for another. */
export type RequestPurpose =
  | 'tillside/register/1'
  | 'tillside/session/1'
  | 'tillside/face-key-question/1'
  | 'tillside/face-key-answer/1';

/** Ed25519 over the canonical JSON (RFC 8785) of the fields and the purpose, as base64url. */
export function signRequest(purpose: RequestPurpose, fields: object, key: KeyObject): string {
  return sign(null, bytesOf(purpose, fields), key).toString('base64url');
}

/** Whether `signature` is the key's own over these fields for this purpose. */
export function requestSignatureFits(
  purpose: RequestPurpose,
  { signature, ...fields }: { readonly signature: string },
  key: KeyObject,
): boolean {
  return verify(null, bytesOf(purpose, fields), key, Buffer.from(signature, 'base64url'));
}

function bytesOf(purpose: RequestPurpose, fields: object): Buffer {
  const text = canonicalize({ ...fields, purpose });
  if (text === undefined) throw new Error('broken invariant: a request is a JSON value');
  return Buffer.from(text, 'utf8');
}
