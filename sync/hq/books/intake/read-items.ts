import { createHash } from 'node:crypto';
import { type EntryHeader, entryHeaderSchema } from '../../../../agent/contract/ledger.ts';
import { err, ok, type Result } from '../../../../agent/contract/result.ts';
import { canonicalJson } from '../../../../agent/domain/ledger/canonical-json.ts';
import { type HqFailure, hqFailure } from '../../../protocol/hq-error.ts';
import type { UploadItem } from '../../../protocol/upload.ts';
import type { TillCaller } from '../../deps.ts';
import { illFormedPlaces, wellFormed } from '../ill-formed-text.ts';

export type EntryItem = Extract<UploadItem, { kind: 'entry' }>;
type FormerItem = Extract<UploadItem, { kind: 'former' }>;

/** An uploaded item, its text well-formed; of an entry, with its header read and proved to be what was hashed. */
export type ReadItem = (
  | ((EntryItem | FormerItem) & { readonly read: EntryHeader })
  | Exclude<UploadItem, { kind: 'entry' | 'former' }>
) & {
  /** Where the item had text that cannot be kept; replaced everywhere but in the header and the sealed body. */
  readonly illFormed: readonly string[];
};
export type ReadEntry = Extract<ReadItem, { kind: 'entry' }>;
export type ReadFormer = Extract<ReadItem, { kind: 'former' }>;

/**
 * Reads the headers of uploaded entries: JSON in its canonical form (RFC 8785), the contract's fields, the SHA-256 that
 * came with it, and the till and database that the session proved. These are the forms of an entry, not its facts. Text
 * that cannot be kept is replaced; the header stays what was hashed, where such a character can only stand as an escape.
 */
export function readItems(
  items: readonly UploadItem[],
  till: TillCaller,
): Result<ReadItem[], HqFailure> {
  const read: ReadItem[] = [];
  for (const [i, item] of items.entries()) {
    const illFormed = illFormedPlaces(item);
    const kept = illFormed.length === 0 ? item : wellFormed(item);
    if (kept.kind !== 'entry' && kept.kind !== 'former') {
      read.push({ ...kept, illFormed });
      continue;
    }
    const incarnation = kept.kind === 'former' ? kept.incarnation : till.incarnation;
    const header = readHeader(kept, `items.${i}`, { ...till, incarnation });
    if (!header.ok) return header;
    const inHeader = illFormedPlaces(header.value, 'header');
    read.push({ ...kept, read: wellFormed(header.value), illFormed: [...illFormed, ...inHeader] });
  }
  return ok(read);
}

function readHeader(
  { header: text, hash }: Pick<EntryItem, 'header' | 'hash'>,
  field: string,
  till: TillCaller,
): Result<EntryHeader, HqFailure> {
  const value = jsonOf(text);
  const parsed = entryHeaderSchema.safeParse(value);
  if (!parsed.success || canonicalText(value) !== text)
    return err(hqFailure('invalid-input', `${field}.header`));
  if (createHash('sha256').update(text).digest('hex') !== hash)
    return err(hqFailure('invalid-input', `${field}.hash`));
  if (parsed.data.tillId !== till.tillId) return err(hqFailure('forbidden', `${field}.header`));
  if (parsed.data.incarnation !== till.incarnation)
    return err(hqFailure('incarnation-unknown', `${field}.header`));
  return ok(parsed.data);
}

function canonicalText(value: unknown): string | undefined {
  try {
    return canonicalJson(value);
  } catch {
    // Half a surrogate pair has no canonical form, so no till can have hashed it.
    return undefined;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON: the schema refuses what this gives.
    return undefined;
  }
}
