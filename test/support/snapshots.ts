import type { SnapshotBuild } from '../../agent/store/snapshot/snapshot-build.ts';
import type { FeedRow } from '../../sync/protocol/feed.ts';
import type { SnapshotStart } from '../../sync/protocol/snapshot.ts';
import { accountRow, articleRow, cursorAt, memberRow, staffRow, storeRow } from './fed-rows.ts';
import { type SnapshotSource, segmentOf } from './segments.ts';

const PIN_HASH = '$argon2id$v=19$m=1024,t=1,p=1$c2FsdHNhbHQ$aGFzaA';

/** Everything that headquarters has for a store: `members` members with accounts, and some of each other table. */
export function testSnapshot(members: number, more: readonly FeedRow[] = []): SnapshotSource {
  const ids = Array.from({ length: members }, (_, i) => i + 1);
  const rows = [
    ...ids.map((n) => memberRow(n, 10 + n)),
    ...ids.map((n) => accountRow(`m-${n}`, 10 + n, { [`lot-hq-${n}`]: n })),
    staffRow('s-1', 3, PIN_HASH),
    storeRow(4, { storeTier: 'flagship' }),
    ['setting', 'join', 5, '{"tier":"new"}'] as FeedRow,
    articleRow('tea', 6),
    ...more,
  ];
  const source: Record<string, [string, number, string][]> = {
    points: [],
    member: [],
    staff: [],
    document: [],
    store: [],
    setting: [],
    tag: [],
    article: [],
  };
  for (const [table, key, ver, body] of rows) {
    source[table] ??= [];
    source[table].push([key, ver, body ?? '']);
  }
  for (const of of Object.values(source))
    of.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return source;
}

export function startOf(source: SnapshotSource, pos = 100, timeline = 'timeline-1'): SnapshotStart {
  const tables = Object.entries(source).map(([table, rows]) => ({ table, rows: rows.length }));
  return { start: cursorAt(pos, timeline), tables };
}

/** Gives a build the segments that it asks for, at most `limit` of them; answers how many. */
export function feedBuild(
  build: SnapshotBuild,
  source: SnapshotSource,
  rowsPerSegment: number,
  limit = Number.POSITIVE_INFINITY,
): number {
  for (let given = 0; ; given++) {
    const { next } = build.progress();
    if (next === null || given >= limit) return given;
    const taken = build.segment(next, segmentOf(source, next, rowsPerSegment));
    if (!taken.ok) throw new Error(taken.error.message);
  }
}
