import type { SyncStore } from '../../../sync/client/ports.ts';
import type { TellDrift } from '../checks/tell-drift.ts';
import type { ApplyParts } from './apply-rows.ts';
import { GONE } from './fed-digests.ts';

export interface RemoveAbsentParts extends ApplyParts {
  readonly joinedHere: (memberId: string) => boolean;
  readonly tellDrift: TellDrift;
}

/** Removes what a snapshot does not have. Digests follow: of what stays, the feed has said nothing. */
export function createRemoveAbsent({
  tableOf,
  feedRows,
  digests,
  joinedHere,
  tellDrift,
}: RemoveAbsentParts): SyncStore['removeAbsent'] {
  return (table, present, range) => {
    const { after, to, newestVer = Number.MAX_SAFE_INTEGER, mode, at } = range;
    const fed = tableOf(table);
    const writer = digests.write();
    const entries = new Map(
      writer?.between(table, after, to).map((entry) => [entry.key, entry] as const),
    );
    const isSameTimeline = mode === 'newer' || mode === 'differing';
    // What came ahead is known to be newer; anything else above the whole snapshot is so by its version alone.
    const isNewer = (ver: number, isAhead: boolean): boolean =>
      ver > newestVer && ((mode ?? 'newer') === 'newer' || isAhead);
    /**
     * A member who was looked up may be older than the snapshot that was read before, and may be served at this moment. The
     * feed brings them; where it does not, a scrub finds the row (`AHEAD_MAX_MS`).
     */
    const stays = (key: string, ver: number): boolean => {
      const { held = null, digest = null } = entries.get(key) ?? {};
      return isNewer(ver, held !== null) || (isSameTimeline && held !== null && digest === null);
    };
    const absent = ({ key, ver }: { key: string; ver: number }): boolean =>
      !present.has(key) && !stays(key, ver) && (ver > 0 || !joinedHere(key));
    const own = fed.range(after, to);
    // Rows of this table that could not be read lie aside.
    const aside = fed.livesInFeedRows === true ? [] : feedRows.table(table).range(after, to);
    const gone = own.filter(absent);
    for (const { key, ver } of gone) fed.remove(key, fed.find(key) ?? { ver });
    const unread = aside.filter(absent);
    for (const { key } of unread) feedRows.remove(table, key);

    if (writer !== undefined) {
      const held = new Set([...own, ...aside].flatMap(({ key, ver }) => (ver > 0 ? [key] : [])));
      for (const { key } of [...gone, ...unread]) held.delete(key);
      for (const entry of entries.values())
        if (!present.has(entry.key)) {
          const left = held.has(entry.key) ? (entry.held ?? entry.digest) : GONE;
          writer.set(table, entry.key, entry, null, left);
        }
      writer.flush();
    }
    if (at !== undefined && mode === 'differing') {
      const extra = new Map([...gone, ...unread].map(({ key, ver }) => [key, ver] as const));
      const rows = [...extra].map(([key, verBefore]) => ({ key, verBefore, ver: 0 }));
      tellDrift(
        table,
        rows.map((row) => ({ ...row, kind: 'extra' as const })),
        at,
      );
    }
    return gone.map(({ key }) => key);
  };
}
