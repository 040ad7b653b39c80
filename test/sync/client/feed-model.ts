import type { Cursor, FeedRow, Page } from '../../../sync/protocol/feed.ts';
import { nextChain, pageHash, rowHash } from '../../../sync/protocol/feed-hash.ts';
import { origin } from './memory-store.ts';

/** A feed of one store in memory: every publication is one batch with a mark at its end. */
export interface FeedModel {
  readonly timeline: string;
  publish(rows: readonly FeedRow[]): Cursor;
  head(): Cursor;
  /** The page of the batch after `from`; `null` at the head, or where the place is unknown. */
  pageAfter(from: Cursor): Page | null;
  page(from: Cursor, to: Cursor, rows: readonly FeedRow[]): Page;
}

export function createFeedModel(timeline = 'timeline-1', storeId = 'store-1'): FeedModel {
  const batches: { readonly to: Cursor; readonly rows: readonly FeedRow[] }[] = [];
  const head = (): Cursor => batches.at(-1)?.to ?? origin(timeline);
  const model: FeedModel = {
    timeline,
    head,
    publish(rows) {
      const { pos, chain } = head();
      const next = pos + Math.max(1, rows.length);
      const to = { timeline, pos: next, chain: nextChain(chain, next, rows.map(rowHash)) };
      batches.push({ to, rows });
      return to;
    },
    pageAfter(from) {
      const batch = batches.find(({ to }) => to.pos > from.pos);
      return batch === undefined ? null : model.page(from, batch.to, batch.rows);
    },
    page(from, to, rows) {
      const hash = pageHash(storeId, { from, to }, rows.map(rowHash));
      return { from, to, rows: [...rows], count: rows.length, hash, exact: to.pos === head().pos };
    },
  };
  return model;
}

/** A member row as the feed carries it. */
export function memberRow(id: string, ver: number, body: unknown = { memberId: id }): FeedRow {
  return ['member', id, ver, JSON.stringify(body)];
}
