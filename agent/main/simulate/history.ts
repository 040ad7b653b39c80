import type { HqSession } from '../../../sync/hq/database/database.ts';
import { EVERY_STORE } from '../../../sync/protocol/feed.ts';

/** A row as the feed told it at a position. */
export interface ToldRow {
  readonly scope: string;
  readonly table: string;
  readonly key: string;
  readonly pos: number;
  readonly ver: number;
  readonly body: string | null;
}

/** Everything that the feed ever told in this timeline: what a till must hold at any position follows from it. */
export interface FeedHistory {
  /** Reads what a batch of the sequencer published, in its own transaction. */
  capture(session: HqSession): Promise<void>;
  /** The batch was committed, or was not. */
  commit(): void;
  drop(): void;
  /** The feed of a restored database: what was told after its head was never told. */
  rewind(timeline: string, pos: number): void;
  /** Rows of a store as they stand at a position, by table and key: the newest of either scope. */
  at(storeId: string, pos: number): ReadonlyMap<string, ToldRow>;
  /** What the feed told last of each row in each scope. */
  newest(): ReadonlyMap<string, ToldRow>;
  /** Whether a row of a store is told again after a position. */
  isToldAfter(storeId: string, pos: number, row: ToldRow): boolean;
  /** Whether this version of a row was ever told, in any timeline. */
  wasTold(table: string, key: string, ver: number): ToldRow | undefined;
  readonly head: number;
}

interface Published {
  readonly scope: string;
  readonly tbl: string;
  readonly key: string;
  readonly pos: number;
  readonly ver: number;
  readonly body: string | null;
}

export function createFeedHistory(): FeedHistory {
  let rows: ToldRow[] = [];
  let waiting: ToldRow[] = [];
  let head = 0;
  const told = new Map<string, ToldRow>();
  return {
    async capture(session) {
      const found = await session.query<Published>(
        'SELECT scope, tbl, key, pos, ver, body FROM published WHERE pos > $1 ORDER BY pos',
        [waiting.at(-1)?.pos ?? head],
      );
      waiting.push(...found.map(({ tbl, ...row }) => ({ ...row, table: tbl })));
    },
    commit() {
      rows.push(...waiting);
      for (const row of waiting) told.set(`${row.table}\n${row.key}\n${row.ver}`, row);
      head = waiting.at(-1)?.pos ?? head;
      waiting = [];
    },
    drop() {
      waiting = [];
    },
    rewind(_timeline, pos) {
      rows = rows.filter((row) => row.pos <= pos);
      head = pos;
      waiting = [];
    },
    at(storeId, pos) {
      const newest = new Map<string, ToldRow>();
      for (const row of rows) {
        if (row.pos > pos || (row.scope !== EVERY_STORE && row.scope !== storeId)) continue;
        const place = `${row.table}\n${row.key}`;
        const known = newest.get(place);
        if (known === undefined || known.ver < row.ver) newest.set(place, row);
      }
      return newest;
    },
    newest: () => new Map(rows.map((row) => [`${row.scope}\n${row.table}\n${row.key}`, row])),
    isToldAfter: (storeId, pos, { table, key, ver }) =>
      rows.some(
        (row) =>
          row.pos > pos &&
          row.ver > ver &&
          row.table === table &&
          row.key === key &&
          (row.scope === EVERY_STORE || row.scope === storeId),
      ),
    wasTold: (table, key, ver) => told.get(`${table}\n${key}\n${ver}`),
    get head() {
      return head;
    },
  };
}
