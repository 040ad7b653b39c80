import { createHash, hash } from 'node:crypto';
import type { FeedRow, Page } from './feed.ts';

/**
 * SHA-256 of a row, cut to 128 bits, as 32 hex digits: over `table \n key \n version \n body`, the body of a tombstone
 * being empty. None of the first three may hold a line feed, so the text is read in one way only.
 */
export function rowHash([table, key, ver, body]: FeedRow): string {
  return hash('sha256', `${table}\n${key}\n${ver}\n${body ?? ''}`, 'hex').slice(0, 32);
}

/** SHA-256 (hex) that ties the rows and roots of a page to the two places of the feed that it joins and to the till's store. */
export function pageHash(
  storeId: string,
  page: Pick<Page, 'from' | 'to' | 'roots'>,
  rowHashes: readonly string[],
): string {
  const { from, to } = page;
  const hash = createHash('sha256').update(
    `tillside/page/1\n${storeId}\n${from.timeline}\n${from.pos}\n${from.chain}\n${to.timeline}\n${to.pos}\n${to.chain}\n${rowHashes.length}\n`,
  );
  for (const one of rowHashes) hash.update(one);
  for (const { table, rows, sum } of page.roots ?? []) hash.update(`\n${table}\n${rows}\n${sum}`);
  return hash.digest('hex');
}

/** The chain value after a sequencer batch: SHA-256 over the value before it, its last number and its rows' hashes. */
export function nextChain(chain: string, pos: number, rowHashes: readonly string[]): string {
  const hash = createHash('sha256').update(`tillside/feed/1\n${chain}\n${pos}\n`);
  for (const one of rowHashes) hash.update(one);
  return hash.digest('hex');
}
