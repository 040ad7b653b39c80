import { err, ok, type Result } from '../../agent/contract/result.ts';
import type { Cursor, Page } from '../protocol/feed.ts';
import { pageHash, rowHash } from '../protocol/feed-hash.ts';

/** Why a page does not count. Nothing of it is applied. */
export type PageRefusal =
  | 'other-timeline'
  /** It does not begin where the till is. */
  | 'not-next'
  /** It ends before it begins, or ends elsewhere with the same number. */
  | 'goes-back'
  | 'wrong-count'
  | 'row-twice'
  | 'wrong-hash';

/** `repeated`: the till has everything of it; it is passed over. */
export type PageCheck = Result<'next' | 'repeated', PageRefusal>;

/**
 * Checks a page that has the right form and size against the till's place in the feed: timeline, beginning, end, number
 * of rows, hash - in this order.
 * @param storeId whose feed it must be; part of the hash
 */
export function checkPage(page: Page, cursor: Cursor, storeId: string): PageCheck {
  const { from, to, rows } = page;
  if (from.timeline !== cursor.timeline || to.timeline !== cursor.timeline)
    return err('other-timeline');
  if (to.pos < from.pos || (to.pos === from.pos && to.chain !== from.chain))
    return err('goes-back');
  if (from.pos !== cursor.pos || from.chain !== cursor.chain) {
    const known = to.pos < cursor.pos || (to.pos === cursor.pos && to.chain === cursor.chain);
    return known ? ok('repeated') : err('not-next');
  }
  if (page.count !== rows.length) return err('wrong-count');
  if (new Set(rows.map(([table, key]) => `${table}\n${key}`)).size !== rows.length)
    return err('row-twice');
  if (pageHash(storeId, page, rows.map(rowHash)) !== page.hash) return err('wrong-hash');
  return ok('next');
}
