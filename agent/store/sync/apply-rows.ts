import type { RepairedRow } from '../../../sync/client/check-ports.ts';
import type { Applied, CopyMode } from '../../../sync/client/ports.ts';
import type { FeedRow } from '../../../sync/protocol/feed.ts';
import { type DigestWriter, type FedDigests, GONE, heldDigest, same } from './fed-digests.ts';
import type { FedTable } from './fed-table.ts';
import type { FeedRows } from './feed-rows.ts';
import type { HeldRows } from './held-rows.ts';
import type { StayingImages } from './staying-images.ts';
import type { Tombstones } from './tombstones.ts';

export interface ApplyParts {
  readonly tableOf: (table: string) => FedTable;
  readonly feedRows: FeedRows;
  readonly tombstones: Tombstones;
  readonly digests: FedDigests;
  readonly held: HeldRows;
  readonly images: StayingImages;
}

/** What was put right, by table. */
export type Drift = Map<string, RepairedRow[]>;

/**
 * The one table whose keys two scopes of the feed may have, for staff who begin or end to work everywhere. While the newer
 * change is numbered and the older one waits, the feed brings the lower version last.
 */
const IN_TWO_SCOPES = 'staff';

/**
 * How rows came: of a page of the `feed`, `ahead` of it, from `aside` where they lay unread, or of a snapshot by its mode.
 */
export type RowSource = 'feed' | 'ahead' | 'aside' | CopyMode;

/**
 * Applies fed rows, each only where its version is above every version that the till has of it: of the row, of its
 * removal, of one that could not be read. So repeated, reordered and late rows are harmless. What is said to be of the feed
 * and is newer than the feed itself is not believed (see `isBack`). A row that cannot be read is kept aside and never stops
 * the feed; what the till had stays. Runs inside the caller's transaction, in which digests follow: what the feed says
 * counts at once, also where the till keeps something newer that came ahead.
 * @param drift takes what a row of a copy was before it was put
 */
export function applyRows(
  { tableOf, feedRows, tombstones, digests, held, images }: ApplyParts,
  rows: readonly FeedRow[],
  source: RowSource,
  drift?: Drift,
): Required<Applied> {
  const changed: { table: string; key: string }[] = [];
  const refused: { table: string; key: string; why: string }[] = [];
  let ignored = 0;
  let anyRefused = feedRows.anyRefused();
  const anyImage = images.any();
  const writer = source === 'aside' ? undefined : digests.write();

  /** Whether the row says something else than what the till holds in the same version. */
  function differs([table, key, ver, body]: FeedRow, digest: Buffer | null): boolean {
    if (source === 'feed')
      return writer !== undefined && !same(heldDigest(writer.get(table, key)), digest);
    const here = held.get(table, key);
    return here === undefined ? body !== null : here.ver !== ver || here.body !== body;
  }

  function counts(row: FeedRow, known: number, digest: Buffer | null): boolean {
    const [table, key, ver] = row;
    if (ver > known) return true;
    if (source === 'ahead' || source === 'aside') return false;
    if (ver === known) return differs(row, digest);
    if (source === 'other-timeline') return true;
    if (source === 'differing') return (writer?.get(table, key)?.held ?? null) === null;
    return source === 'feed' && isBack(table, key);
  }

  /**
   * Whether a row of the feed that is older than the till's can only mean that the till's version is wrong. Headquarters
   * keeps one row of a key in a scope and replaces it by higher versions alone; a page is read from these rows when it is
   * asked for, after whatever came down before. So the feed never goes below what it told, nor below a row of a snapshot
   * that was read later than the snapshot's place: by the time that a page brings the key, it brings that version or a
   * higher one, and a key that changed again is in a later page only. A till on another timeline takes a snapshot before
   * it follows the feed. What is not known to be of the feed proves nothing and stays: rows that came ahead (`held`), and
   * rows without an entry, whose digest is not made or which are gone here.
   */
  function isBack(table: string, key: string): boolean {
    const entry = writer?.get(table, key);
    return entry !== undefined && entry.held === null && table !== IN_TWO_SCOPES;
  }

  function applyOne(row: FeedRow): void {
    const [table, key, ver, body] = row;
    const fed = tableOf(table);
    const found = fed.find(key);
    const gone = found !== undefined && found.ver > 0 ? 0 : tombstones.verOf(table, key);
    const unread = anyRefused ? (feedRows.refusedVer(table, key) ?? 0) : 0;
    const known = unread > 0 ? unread : Math.max(found?.ver ?? 0, gone);
    const digest = writer?.digestOf(table, key, ver, body) ?? null;
    if (!counts(row, known, digest)) {
      ignored += 1;
      if (writer !== undefined && source !== 'ahead')
        keepDigest(writer, row, digest, ver === known ? null : stays(writer, table, key));
      return;
    }
    if (writer !== undefined && source !== 'ahead') keepDigest(writer, row, digest, null);
    else if (writer !== undefined) {
      const old = writer.get(table, key);
      const said = old === undefined ? heldHere(writer, table, key) : old.digest;
      writer.set(table, key, old, said, digest ?? GONE);
    }
    if (anyImage) images.remove(table, key);
    if (drift !== undefined) {
      const hereVer = gone > 0 && unread === 0 ? undefined : known || undefined;
      noteDrift(drift, table, { key, kind: kindOf(hereVer, ver), verBefore: hereVer ?? 0, ver });
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

  /** The digest of what the till holds on to, since it is newer than what the feed says. */
  function stays(writer: DigestWriter, table: string, key: string): Buffer {
    const old = writer.get(table, key);
    return (old === undefined ? heldHere(writer, table, key) : (old.held ?? old.digest)) ?? GONE;
  }

  /** From the row itself, whose digest was not made as yet. */
  function heldHere(writer: DigestWriter, table: string, key: string): Buffer | null {
    const here = held.get(table, key);
    return here === undefined ? null : writer.digestOf(table, key, here.ver, here.body);
  }

  for (const row of rows) applyOne(row);
  writer?.flush();
  return { changed, ignored, refused };
}

function kindOf(hereVer: number | undefined, ver: number): RepairedRow['kind'] {
  if (hereVer === undefined) return 'missing';
  return hereVer < ver ? 'stale' : 'damaged';
}

function noteDrift(drift: Drift, table: string, row: RepairedRow): void {
  const rows = drift.get(table) ?? [];
  drift.set(table, rows);
  rows.push(row);
}

function keepDigest(
  writer: DigestWriter,
  [table, key]: FeedRow,
  digest: Buffer | null,
  held: Buffer | null,
): void {
  writer.set(table, key, writer.get(table, key), digest, held);
}
