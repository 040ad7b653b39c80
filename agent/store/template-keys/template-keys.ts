import type { FaceEndReason, TemplateId } from '../../contract/index.ts';

/**
 * Why a key is destroyed: as its template ended by this till's hand, or because headquarters `told` it to, or as the
 * template was `not-fed` to it any more.
 */
export type KeyEndReason = FaceEndReason | 'told' | 'not-fed';

/** An end that is on record for good. */
export interface KeyEnd {
  readonly reason: KeyEndReason;
  readonly atMs: number;
}

/**
 * The keys of templates, outside the data folder, so that no copy of it opens a template whose key is destroyed. Everything
 * is on the disk when a method returns. A full or failing disk throws `StorageError`; to do the same again is harmless.
 */
export interface TemplateKeys {
  /** The key's own bytes (32); undefined = never had, or destroyed. */
  get(id: TemplateId): Uint8Array | undefined;
  /** Keeps a key of 32 bytes. Answers false and keeps nothing where the id was ever erased, or has another key. */
  put(id: TemplateId, key: Uint8Array): boolean;
  /** Destroys the key, and says for ever that it was, also of an id that has no key here. The first reason counts. */
  erase(id: TemplateId, reason: KeyEndReason, atMs: number): void;
  erased(id: TemplateId): KeyEnd | undefined;
  /** Those with a key, in order. */
  ids(): TemplateId[];
  /** Those ever erased, in order. */
  erasedIds(): TemplateId[];
  close(): void;
}
