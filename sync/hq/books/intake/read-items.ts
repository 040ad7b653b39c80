import { createHash } from 'node:crypto';
import { type EntryHeader, entryHeaderSchema } from '../../../../agent/contract/ledger.ts';
import { err, ok, type Result } from '../../../../agent/contract/result.ts';
import { canonicalJson } from '../../../../agent/domain/ledger/canonical-json.ts';
import { type HqFailure, hqFailure } from '../../../protocol/hq-error.ts';
import type { UploadItem } from '../../../protocol/upload.ts';
import type { TillCaller } from '../../deps.ts';

export type EntryItem = Extract<UploadItem, { kind: 'entry' }>;

/** An uploaded item; of an entry, with its header read and proved to be what was hashed. */
export type ReadItem =
  | (EntryItem & { readonly read: EntryHeader })
  | Exclude<UploadItem, { kind: 'entry' }>;
export type ReadEntry = Extract<ReadItem, { kind: 'entry' }>;

/**
 * Reads the headers of uploaded entries: JSON in its canonical form (RFC 8785), the contract's fields, the SHA-256 that
 * came with it, and the till and database that the session proved. These are the forms of an entry, not its facts.
 */
export function readItems(
  items: readonly UploadItem[],
  till: TillCaller,
): Result<ReadItem[], HqFailure> {
  const read: ReadItem[] = [];
  for (const [i, item] of items.entries()) {
    if (item.kind !== 'entry') {
      read.push(item);
      continue;
    }
    const header = readHeader(item, `items.${i}`, till);
    if (!header.ok) return header;
    read.push({ ...item, read: header.value });
  }
  return ok(read);
}

function readHeader(
  { header: text, hash }: EntryItem,
  field: string,
  till: TillCaller,
): Result<EntryHeader, HqFailure> {
  const value = jsonOf(text);
  const parsed = entryHeaderSchema.safeParse(value);
  if (!parsed.success || canonicalJson(value) !== text)
    return err(hqFailure('invalid-input', `${field}.header`));
  if (createHash('sha256').update(text).digest('hex') !== hash)
    return err(hqFailure('invalid-input', `${field}.hash`));
  if (parsed.data.tillId !== till.tillId) return err(hqFailure('forbidden', `${field}.header`));
  if (parsed.data.incarnation !== till.incarnation)
    return err(hqFailure('incarnation-unknown', `${field}.header`));
  return ok(parsed.data);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON: the schema refuses what this gives.
    return undefined;
  }
}
