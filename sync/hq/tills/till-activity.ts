import type { HqDeps } from '../deps.ts';

/** What tills do is written down at most so often, in milliseconds. */
export const ACTIVITY_FLUSH_MS = 3_000;
/** A till counts as online for so long after it was heard, in milliseconds. */
export const ONLINE_WITHIN_MS = 3 * ACTIVITY_FLUSH_MS;

/** What a till says that it has yet to send, and the time of the oldest by its clock. */
export interface TillWaiting {
  readonly count: number;
  readonly oldestMs: number | null;
}

interface Heard {
  readonly atMs: number;
  readonly pos: number;
  readonly waiting: TillWaiting | undefined;
}

/** Gathers when tills were heard and how far their feed has gone, so that a stream costs no write for each frame. */
export interface TillActivity {
  /** @param pos how far the till has the feed, where the call shows it */
  heard(tillId: string, pos?: number, waiting?: TillWaiting): void;
  /** Writes down what was gathered. */
  flush(): Promise<void>;
}

export function createTillActivity({ db, nowMs }: Pick<HqDeps, 'db' | 'nowMs'>): TillActivity {
  let heard = new Map<string, Heard>();
  return {
    heard(tillId, pos, waiting) {
      const before = heard.get(tillId);
      heard.set(tillId, {
        atMs: nowMs(),
        pos: pos ?? before?.pos ?? -1,
        waiting: waiting ?? before?.waiting,
      });
    },
    async flush() {
      if (heard.size === 0) return;
      // In order of the id: two processes then never wait for each other in a circle.
      const rows = [...heard].sort(([one], [other]) => (one < other ? -1 : 1));
      heard = new Map();
      await db.query(
        `UPDATE tills SET last_seen_ms = greatest(tills.last_seen_ms, n.at_ms),
           cursor_pos = CASE WHEN n.pos < 0 THEN tills.cursor_pos ELSE n.pos END,
           waiting = CASE WHEN n.waiting IS NULL THEN tills.waiting ELSE n.waiting END,
           oldest_waiting_ms =
             CASE WHEN n.waiting IS NULL THEN tills.oldest_waiting_ms ELSE n.oldest_ms END
         FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
           AS n (till_id, at_ms, pos, waiting, oldest_ms)
         WHERE tills.till_id = n.till_id`,
        [
          rows.map(([tillId]) => tillId),
          rows.map(([, { atMs }]) => atMs),
          rows.map(([, { pos }]) => pos),
          rows.map(([, { waiting }]) => waiting?.count ?? null),
          rows.map(([, { waiting }]) => waiting?.oldestMs ?? null),
        ],
      );
    },
  };
}
