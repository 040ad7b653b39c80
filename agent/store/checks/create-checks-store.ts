import type { ChecksStore } from '../../../sync/client/check-ports.ts';
import type { Cursor } from '../../../sync/protocol/feed.ts';
import type { StoreIdentity } from '../create-store.ts';
import type { BookedUpTo } from '../incarnations.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { ApplyParts } from '../sync/apply-rows.ts';
import type { DigestState } from '../sync/digest-state.ts';
import { createCheckRecords } from './check-records.ts';
import { createCount } from './count.ts';
import { createMake } from './make.ts';
import { createRepair } from './repair.ts';
import { createScrub } from './scrub.ts';
import { createScrubPlace } from './scrub-place.ts';
import { createStaying } from './staying.ts';

export interface ChecksParts extends ApplyParts {
  readonly digestState: DigestState;
  readonly cursor: () => Cursor | undefined;
  readonly bookedUpTo: BookedUpTo;
  readonly identity: StoreIdentity;
  readonly nowMs: () => number;
}

interface RootRow {
  readonly tbl: string;
  readonly rows: number;
  readonly sum: Buffer;
}

interface DigestRow {
  readonly key: string;
  readonly digest: Buffer;
}

/** The digests beside the fed rows: how they are made, compared, scrubbed and put right. */
export function createChecksStore(connection: Connection, parts: ChecksParts): ChecksStore {
  const { digestState, digests, cursor, held } = parts;
  const roots = connection.statement<RootRow>(
    'SELECT tbl, rows, sum FROM fed_roots WHERE rows > 0 ORDER BY tbl',
  );
  const digestsAfter = connection.statement<DigestRow>(`
    SELECT key, digest FROM fed_digests WHERE tbl = ? AND key > ? AND digest IS NOT NULL ORDER BY key LIMIT ?`);
  const anyDigest = connection.statement('SELECT 1 FROM fed_digests LIMIT 1');
  const count = createCount(connection);
  const make = createMake(connection, parts);
  const scrub = createScrub(connection, parts, count);
  const { repair, repairedSince } = createRepair(connection, parts);
  const staying = createStaying(connection, held);

  const isMade = (): boolean => digestState.stage() === 'made';

  return {
    setKey: (key) =>
      connection.together(() => {
        if (digestState.key() === key) return;
        // Those of another key go in slices; where there are none, changes are kept up with from here on.
        digestState.setKey(key, 'clear');
        if (anyDigest.get() === undefined) digests.forget();
      }),
    key: digestState.key,
    ready: isMade,
    make: (limit) => connection.together(() => make(limit)),
    roots() {
      const at = cursor();
      if (at === undefined || !isMade()) return undefined;
      const all = roots.all();
      return {
        cursor: at,
        roots: all.map(({ tbl, rows, sum }) => ({ table: tbl, rows, sum: sum.toString('hex') })),
      };
    },
    digests: (table, after, limit) => digestsAfter.all(table, after, limit),
    recount: (table, limit) =>
      connection.together(() => {
        const done = count.goOn('recount', table, limit);
        return done === undefined ? { done: false } : { done: true, wasRight: done };
      }),
    scrub: (from, limit) => connection.together(() => scrub(from, limit)),
    repair: (table, rows, seen, at) => connection.together(() => repair(table, rows, seen, at)),
    repairedSince,
    ...staying,
    ...createCheckRecords(connection),
    ...createScrubPlace(connection),
  };
}
