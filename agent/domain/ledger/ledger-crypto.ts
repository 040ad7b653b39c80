/** The cryptography that the ledger's formulas need, passed in because the domain is pure. */
export interface LedgerCrypto {
  /** SHA-256 over the parts one after the other, texts as UTF-8, as lower-case hex. */
  hash(parts: readonly (string | Uint8Array)[]): string;
  /** An authenticated box: nonce (12 bytes) + AES-256-GCM ciphertext + tag (16), with `context` as additional data. */
  seal(plain: SealedContent, key: Uint8Array, context: string): Uint8Array;
  /** The content of a box, or nothing where key, context or a byte of the box does not fit. */
  open(box: Uint8Array, key: Uint8Array, context: string): SealedContent | undefined;
}

/** What lies in a box: the salt of the commitment, then the canonical JSON of the body. */
export interface SealedContent {
  /** {@link SALT_BYTES} random bytes. */
  readonly salt: Uint8Array;
  readonly body: string;
}

/** Random bytes that keep a commitment from being guessed by trying bodies. */
export const SALT_BYTES = 32;
