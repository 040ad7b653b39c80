import { assert } from '../../agent/contract/result.ts';
import type { Cursor, Page } from '../protocol/feed.ts';
import type { Applier } from './apply.ts';
import { checkPage } from './check-page.ts';
import type { SyncLog } from './deps.ts';
import type { FollowEnd } from './follow-end.ts';
import type { SyncStore } from './ports.ts';

export interface PageTakerParts {
  readonly store: Pick<SyncStore, 'cursor'>;
  readonly storeId: () => string;
  readonly applier: Applier;
  readonly log: SyncLog;
  /** A page was applied: the till is at its end. */
  readonly onTaken: (page: Page) => void;
}

/** Takes pages one after the other from the till's durable place in the feed. */
export interface PageTaker {
  /** @returns `null` = go on from the new place; else why following ends */
  take(page: Page, signal: AbortSignal): Promise<FollowEnd | null>;
  cursor(): Cursor;
}

export function createPageTaker({
  store,
  storeId,
  applier,
  log,
  onTaken,
}: PageTakerParts): PageTaker {
  function cursor(): Cursor {
    const at = store.cursor();
    assert(at !== undefined, 'the feed is followed from a place in it');
    return at;
  }
  return {
    cursor,
    async take(page, signal) {
      const checked = checkPage(page, cursor(), storeId());
      if (!checked.ok) {
        log('warn', 'a page was refused', {
          why: checked.error,
          from: page.from.pos,
          to: page.to.pos,
          at: cursor().pos,
        });
        return checked.error === 'other-timeline'
          ? { code: 'snapshot-needed', why: checked.error }
          : { code: 'page-refused', why: checked.error };
      }
      if (checked.value === 'repeated') {
        log('debug', 'a page came again', { to: page.to.pos, at: cursor().pos });
        return null;
      }
      // A page that tells roots and nothing else is no reason to write.
      if (page.rows.length > 0 || page.to.pos !== page.from.pos) {
        const applied = await applier.apply(page.rows, page.to, signal);
        if (!applied.ok) return { code: 'storage', detail: applied.error.detail };
        if (applied.value === 'cancelled')
          return { code: 'failed', failure: { code: 'cancelled' } };
      }
      onTaken(page);
      return null;
    },
  };
}
