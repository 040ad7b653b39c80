/** Everything that can be wrong with a GS1 message; `gs1-sentences.ts` says each for people. */
export type Gs1ErrorCode =
  | 'over-long'
  | 'empty'
  | 'too-many'
  | 'wrong-number'
  | 'not-bracketed'
  | 'unknown-ai'
  | 'empty-value'
  | 'wrong-length'
  | 'too-long'
  | 'wrong-character'
  | 'wrong-padding'
  | 'wrong-check-digit'
  | 'wrong-check-pair'
  | 'wrong-company-prefix'
  | 'wrong-date'
  | 'wrong-time'
  | 'wrong-country'
  | 'wrong-currency'
  | 'wrong-iban'
  | 'wrong-coordinate'
  | 'wrong-escape'
  | 'wrong-piece'
  | 'wrong-coupon'
  | 'wrong-value'
  | 'excluded-pair'
  | 'missing-partner'
  | 'different-values'
  | 'missing-serial'
  | 'not-a-link'
  | 'wrong-domain'
  | 'no-key'
  | 'compressed-link'
  | 'wrong-path-order'
  | 'not-an-attribute'
  | 'belongs-in-path'
  | 'duplicate';

/** What is wrong, with which application identifier (AI), and where. */
export interface Gs1Error {
  readonly code: Gs1ErrorCode;
  /** The AI concerned; absent where the message is wrong as a whole. */
  readonly ai?: string;
  /** The other AI of a pair, or the AIs of which one has to stand beside it. */
  readonly other?: string;
  /** The part of a coupon's inner structure. */
  readonly part?: string;
  /** Offset in the text as it was given, in UTF-16 units; of an escaped value of a link its start. */
  readonly position: number;
}

/** What a check of one part of a value finds: the offset is in the part. */
export interface PartError {
  readonly code: Gs1ErrorCode;
  readonly at: number;
  readonly part?: string;
}
