import type { ChecksStore, ScrubSlice } from '../../../sync/client/check-ports.ts';
import type { Connection } from '../sqlite/connection.ts';
import { compareKeys } from '../sync/compare-keys.ts';
import { type DigestEntry, type DigestWriter, heldDigest, same } from '../sync/fed-digests.ts';
import type { Found, HeldRow } from '../sync/held-rows.ts';
import type { Count } from './count.ts';
import type { ChecksParts } from './create-checks-store.ts';
import { createMendAccounts } from './mend-accounts.ts';
import { createMendLots, LOTS } from './mend-lots.ts';
import { CARDS, createMendMembers } from './mend-members.ts';
import { createMendStaffAndArticles } from './mend-staff-and-articles.ts';

/**
 * What came ahead of the feed is caught up with within minutes. Where the feed is still behind it after so long, in
 * milliseconds, the version may be a damaged one, and headquarters is asked.
 */
export const AHEAD_MAX_MS = 24 * 60 * 60_000;

/**
 * Puts right what a slice of rows is found by, from their bodies; answers how much was wrong.
 * @param isFirst the slice is the first one of the table
 */
export type Mend = (rows: readonly (HeldRow & Found)[], isFirst: boolean) => number;

/**
 * The deep scrub (V3): goes through rows and digests side by side, in order of the key. It does not judge who is right where
 * the two do not fit; the digest of what is there makes the next walk ask headquarters.
 */
export function createScrub(
  connection: Connection,
  parts: ChecksParts,
  count: Count,
): ChecksStore['scrub'] {
  const { digests, digestState, held, identity, nowMs } = parts;
  const members = createMendMembers(connection);
  /** What the scrub goes through behind a table, which is in no row of the feed. */
  const behind: Readonly<Record<string, string>> = { member: CARDS, points: LOTS };
  const goThrough: Readonly<Record<string, typeof members.cards>> = {
    [CARDS]: members.cards,
    [LOTS]: createMendLots(connection, identity, nowMs),
  };
  const mends: Readonly<Record<string, Mend>> = {
    member: members.mend,
    points: createMendAccounts(connection, parts),
    ...createMendStaffAndArticles(parts),
  };

  function isAheadTooLong(entry: DigestEntry | undefined): boolean {
    if (entry === undefined || entry.held === null) return false;
    const aheadMs = nowMs() - (entry.heldMs ?? 0);
    // A mark from the future: the clock was wrong then or is now.
    return aheadMs < 0 || aheadMs >= AHEAD_MAX_MS;
  }

  /** Rows and entries of one part of a table; answers the suspects and the digests that the entries have by then. */
  function compare(
    writer: DigestWriter,
    table: string,
    rows: readonly HeldRow[],
    entries: readonly DigestEntry[],
  ): { suspects: ReadonlySet<string>; sum: (Buffer | null)[] } {
    const sum: (Buffer | null)[] = [];
    const suspects = new Set<string>();
    let at = 0;

    /** A row, its entry, or both; neither is judged: what is there counts. */
    function judge(key: string, here: Buffer | null, entry: DigestEntry | undefined): void {
      if (same(heldDigest(entry), here) && !isAheadTooLong(entry))
        return void sum.push(entry?.digest ?? null);
      suspects.add(key);
      writer.set(table, key, entry, here, null);
      sum.push(here);
    }

    for (const row of rows) {
      for (; at < entries.length; at += 1) {
        const entry = entries[at];
        if (entry === undefined || compareKeys(entry.key, row.key) >= 0) break;
        judge(entry.key, null, entry);
      }
      const entry = entries[at]?.key === row.key ? entries[at] : undefined;
      if (entry !== undefined) at += 1;
      const here = row.ver > 0 ? writer.digestOf(table, row.key, row.ver, row.body) : null;
      judge(row.key, here, entry);
    }
    for (const entry of entries.slice(at)) judge(entry.key, null, entry);
    return { suspects, sum };
  }

  function scrubTable(
    writer: DigestWriter,
    { table, key }: { table: string; key: string },
    limit: number,
  ): ScrubSlice {
    const { rows, to } = held.after(table, key, limit);
    const entries = writer.between(table, key, to);
    const { suspects, sum } = compare(writer, table, rows, entries);
    writer.flush();
    const last = to ?? lastKey(rows, entries) ?? key;
    if (last !== key) count.add('scrub', { table, after: key, to: last }, sum);
    const isLast = to === undefined;
    // What a body proves counts where the body itself is beyond doubt.
    const sound = rows.filter((row) => row.aside === 0 && !suspects.has(row.key));
    let mended = mends[table]?.(sound, key === '') ?? 0;
    if (isLast && count.end('scrub', table, last) === false) mended += 1;
    return { rows: rows.length, suspects: suspects.size, mended, next: nextOf(table, to) };
  }

  function nextOf(table: string, to: string | undefined): ScrubSlice['next'] {
    if (to !== undefined) return { table, key: to };
    const next = behind[table] ?? held.tableAfter(table);
    return next === undefined ? null : { table: next, key: '' };
  }

  return (from, limit) => {
    const first = held.tableAfter('');
    const place = from ?? (first === undefined ? undefined : { table: first, key: '' });
    const writer = digestState.stage() === 'made' ? digests.write() : undefined;
    if (place === undefined || writer === undefined)
      return { rows: 0, suspects: 0, mended: 0, next: null };
    const through = goThrough[place.table];
    if (through === undefined) return scrubTable(writer, place, limit);
    const { mended, to } = through(place.key, limit);
    return { rows: 0, suspects: 0, mended, next: nextOf(place.table, to) };
  };
}

function lastKey(rows: readonly HeldRow[], entries: readonly DigestEntry[]): string | undefined {
  const [row, entry] = [rows.at(-1)?.key, entries.at(-1)?.key];
  if (row === undefined || entry === undefined) return row ?? entry;
  return compareKeys(row, entry) > 0 ? row : entry;
}
