import type { PassAlg } from '../../contract/credential.ts';

/** The cryptography that credentials need, passed in because the domain is pure. */
export interface CredentialCrypto {
  /** SHA-256. */
  sha256(bytes: Uint8Array): Uint8Array;
  /**
   * Whether a signature fits; never throws, a key that is none included.
   * @param publicKey raw: Ed25519 32 bytes, P-256 a compressed point of 33
   * @param signature 64 bytes: Ed25519 as it is, ECDSA as r and s
   */
  verify(alg: PassAlg, publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** HMAC-SHA-1 (RFC 2104), for the TOTP of wallet cards alone. */
  hmacSha1(key: Uint8Array, message: Uint8Array): Uint8Array;
}
