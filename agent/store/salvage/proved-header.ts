import { createHash } from 'node:crypto';
import type { EntryHeader } from '../../contract/index.ts';

/** The header of an entry that is what its hash says; undefined where it is not. */
export function provedHeader({
  header,
  hash,
}: {
  readonly header: string;
  readonly hash: string;
}): EntryHeader | undefined {
  if (createHash('sha256').update(header).digest('hex') !== hash) return undefined;
  return JSON.parse(header) as EntryHeader;
}
