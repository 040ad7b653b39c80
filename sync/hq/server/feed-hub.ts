import type { Result } from '../../../agent/contract/result.ts';
import type { Cursor, Page } from '../../protocol/feed.ts';
import type { HqFailure } from '../../protocol/hq-error.ts';
import type { HqDeps } from '../deps.ts';
import type { FeedReader } from '../feed/create-feed-reader.ts';
import type { PageQuery } from '../feed/read-page.ts';
import { describeError } from './describe-error.ts';
import type { HqMetrics } from './metrics.ts';

/** The head is read so often also where nobody told of it, in milliseconds: a connection can die without a word. */
export const HEAD_LOOK_MS = 1_000;

/** Someone who waits for rows of a store. */
export interface Listener {
  readonly storeId: string;
  /** Rows of this store came; the oldest was committed at this epoch millisecond. */
  wake(committedMs: number): void;
}

/** What a page depends on. */
export interface PageRequest {
  readonly storeId: string;
  readonly protocol: number;
  readonly cursor: Cursor;
  readonly roots: PageQuery['roots'];
  /** As in {@link PageQuery}. */
  readonly maxRows?: number;
}

/** The one watch on the feed that all streams and polls of this process share. */
export interface FeedHub {
  /** The head as last heard. */
  head(): Cursor;
  /** Reads a page; tills of a store that stand at the same place share one read. */
  page(request: PageRequest): Promise<Result<Page, HqFailure>>;
  /** Calls `wake` whenever rows of the listener's store come, until the answer is called. */
  listen(listener: Listener): () => void;
  close(): Promise<void>;
}

/** Starts to watch the feed. */
export async function createFeedHub(
  { db, log, timers }: HqDeps,
  reader: FeedReader,
  metrics: HqMetrics,
): Promise<FeedHub> {
  const listeners = new Set<Listener>();
  const reading = new Map<string, Promise<Result<Page, HqFailure>>>();
  let head = await reader.head();
  let moving: Promise<void> = Promise.resolve();
  metrics.headMoved(head.pos);

  async function onHead(next: Cursor): Promise<void> {
    const before = head.pos;
    head = next;
    metrics.headMoved(next.pos);
    // A page that is being read may have been read before this head: whoever asks from here on reads again.
    reading.clear();
    const restored = next.pos < before;
    const committed = await committedSince(restored ? 0 : before);
    const everywhere = committed.get('*');
    for (const listener of [...listeners]) {
      const times = [everywhere, committed.get(listener.storeId)].filter((at) => at !== undefined);
      if (times.length > 0) listener.wake(Math.min(...times));
    }
  }

  /** For each scope that somebody listens to: when the oldest of its rows after `pos` was committed. */
  async function committedSince(pos: number): Promise<Map<string, number>> {
    const scopes = ['*', ...new Set([...listeners].map(({ storeId }) => storeId))];
    const rows = await db.query<{ scope: string; at_ms: number | null }>(
      `SELECT scope, (SELECT min(p.at_ms) FROM published p WHERE p.scope = wanted.scope AND p.pos > $2) AS at_ms
       FROM unnest($1::text[]) AS wanted (scope)`,
      [scopes, pos],
    );
    return new Map(
      rows.flatMap(({ scope, at_ms }) => (at_ms === null ? [] : [[scope, at_ms] as const])),
    );
  }

  // Streams look by themselves at every heartbeat: a look that failed costs time and no row.
  const failed = (error: unknown): void => log('warn', 'feed watch failed', describeError(error));
  const stop = await reader.watch((next) => {
    moving = moving.then(() => onHead(next)).catch(failed);
  });
  let looking = false;
  const looks = timers.every(HEAD_LOOK_MS, () => {
    if (looking) return;
    looking = true;
    moving = moving
      .then(async () => {
        const next = await reader.head();
        if (next.pos !== head.pos || next.timeline !== head.timeline) await onHead(next);
      })
      .catch(failed)
      .finally(() => {
        looking = false;
      });
  });

  return {
    head: () => head,
    page(request) {
      const { storeId, protocol, cursor, roots, maxRows } = request;
      const name = `${storeId}\n${protocol}\n${cursor.timeline}\n${cursor.pos}\n${cursor.chain}\n${roots}\n${maxRows}`;
      const shared = reading.get(name);
      if (shared !== undefined) return shared;
      const read = reader.readPage(request).finally(() => {
        if (reading.get(name) === read) reading.delete(name);
      });
      reading.set(name, read);
      return read;
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      timers.clear(looks);
      await stop();
      await moving;
    },
  };
}
