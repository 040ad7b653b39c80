import type { ChecksStore, RepairedRow, RightRow } from '../../../sync/client/check-ports.ts';
import type { DriftKind } from '../../../sync/protocol/check.ts';
import type { Connection } from '../sqlite/connection.ts';
import { same } from '../sync/fed-digests.ts';
import type { HeldRow } from '../sync/held-rows.ts';
import type { ChecksParts } from './create-checks-store.ts';
import { createTellDrift } from './tell-drift.ts';

/** That a row was repaired is remembered for so long, in milliseconds: within it a row that differs again stays as it is. */
export const REPAIRS_KEPT_MS = 7 * 24 * 60 * 60_000;

/** Puts rows right as headquarters says that they should be, and names each in the audit log of the same transaction. */
export function createRepair(
  connection: Connection,
  { tableOf, feedRows, tombstones, digests, held, images, nowMs }: ChecksParts,
): Pick<ChecksStore, 'repair' | 'repairedSince'> {
  const tell = createTellDrift(connection, nowMs);
  const note = connection.statement(`
    INSERT INTO fed_repairs VALUES (?, ?, ?) ON CONFLICT (tbl, key) DO UPDATE SET at_ms = excluded.at_ms`);
  const prune = connection.statement('DELETE FROM fed_repairs WHERE at_ms < ?');
  const since = connection.statement<{ key: string }>(
    'SELECT key FROM fed_repairs WHERE tbl = ? AND at_ms >= ?',
  );

  /** Whatever the version here. A row that cannot be read lies aside, as one of the feed does. */
  function put(table: string, { key, ver, body }: RightRow, here: HeldRow | undefined): void {
    const fed = tableOf(table);
    const found = fed.find(key);
    if (here?.aside === 1) feedRows.remove(table, key);
    if (body === null) {
      // Who was written here is no row of headquarters.
      if (found !== undefined && found.ver > 0) fed.remove(key, found);
      if (ver > 0) tombstones.put(table, key, ver);
      return;
    }
    const why = fed.put(key, ver, body, found);
    if (why !== undefined) feedRows.refuse(table, key, ver, body, why);
    tombstones.remove(table, key);
  }

  function remember(table: string, rows: readonly RepairedRow[]): void {
    const atMs = nowMs();
    for (const { key } of rows) note.run(table, key, atMs);
    prune.run(atMs - REPAIRS_KEPT_MS);
  }

  return {
    repair(table, rows, seen, at) {
      const writer = digests.write();
      // Headquarters has another key by now, so what was compared says nothing any more.
      if (writer === undefined) return { repaired: [], left: rows.length };
      const repaired: RepairedRow[] = [];
      let left = 0;
      for (const row of rows) {
        const { key, ver, body } = row;
        const entry = writer.get(table, key);
        if (entry?.digest?.toString('hex') !== seen.get(key)) {
          left += 1;
          continue;
        }
        const here = held.get(table, key);
        const right = writer.digestOf(table, key, ver, body);
        const isAhead = entry !== undefined && entry.held !== null;
        writer.set(table, key, entry, right, isAhead ? entry.held : null);
        const there = here && writer.digestOf(table, key, here.ver, here.body);
        // Only what the feed said of it was not known rightly.
        if (isAhead || same(there ?? null, right)) continue;
        put(table, row, here);
        images.remove(table, key);
        repaired.push({ key, kind: kindOf(here, row), verBefore: here?.ver ?? 0, ver });
      }
      writer.flush();
      if (repaired.length > 0) {
        tell(table, repaired, at);
        remember(table, repaired);
      }
      return { repaired, left };
    },
    repairedSince: (table, sinceMs) => new Set(since.all(table, sinceMs).map(({ key }) => key)),
  };
}

function kindOf(here: HeldRow | undefined, { ver, body }: RightRow): DriftKind {
  if (here === undefined) return 'missing';
  if (body === null) return 'extra';
  return here.ver < ver ? 'stale' : 'damaged';
}
