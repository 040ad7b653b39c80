import type { Applied } from '../../../sync/client/ports.ts';
import type { FeedRow } from '../../../sync/protocol/feed.ts';
import type { FedTable } from './fed-table.ts';
import type { FeedRows } from './feed-rows.ts';
import type { Tombstones } from './tombstones.ts';

export interface ApplyParts {
  readonly tableOf: (table: string) => FedTable;
  readonly feedRows: FeedRows;
  readonly tombstones: Tombstones;
}

/**
 * Applies fed rows, each only where its version is above every version that the till has of it: of the row, of its
 * removal, of one that could not be read. So repeated, reordered and late rows are harmless. A row that cannot be read is
 * kept aside and never stops the feed; what the till had stays. Runs inside the caller's transaction.
 * @param replace takes a row wherever its version differs, as a headquarters that was restored counts from before
 */
export function applyRows(
  { tableOf, feedRows, tombstones }: ApplyParts,
  rows: readonly FeedRow[],
  replace = false,
): Required<Applied> {
  const changed: { table: string; key: string }[] = [];
  const refused: { table: string; key: string; why: string }[] = [];
  let ignored = 0;
  let anyRefused = feedRows.anyRefused();

  function applyOne([table, key, ver, body]: FeedRow): void {
    const fed = tableOf(table);
    const found = fed.find(key);
    const gone = found !== undefined && found.ver > 0 ? 0 : tombstones.verOf(table, key);
    const unread = anyRefused ? (feedRows.refusedVer(table, key) ?? 0) : 0;
    const known = Math.max(found?.ver ?? 0, gone, unread);
    if (replace ? ver === known : ver <= known) {
      ignored += 1;
      return;
    }
    const why = body === null ? undefined : fed.put(key, ver, body, found);
    if (body !== null && why !== undefined) {
      feedRows.refuse(table, key, ver, body, why);
      refused.push({ table, key, why });
      anyRefused = true;
      return;
    }
    if (body === null) {
      if (found !== undefined) fed.remove(key, found);
      tombstones.put(table, key, ver);
    } else if (gone > 0) tombstones.remove(table, key);
    if (unread > 0 && fed.livesInFeedRows !== true) feedRows.remove(table, key);
    changed.push({ table, key });
  }

  for (const row of rows) applyOne(row);
  return { changed, ignored, refused };
}
