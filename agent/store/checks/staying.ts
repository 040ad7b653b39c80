import type { ChecksStore, StayingRow } from '../../../sync/client/check-ports.ts';
import { STAYING_MAX } from '../../../sync/protocol/check.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { HeldRows } from '../sync/held-rows.ts';

interface Row {
  readonly tbl: string;
  readonly key: string;
  readonly at_ms: number;
  readonly here_ver: number | null;
  readonly here_body: string | null;
  readonly there_ver: number | null;
  readonly there_body: string | null;
}

/**
 * Both images of rows that differ again after their repair. They go when the row is put, and with the member whom they are
 * about, by triggers.
 */
export function createStaying(
  connection: Connection,
  held: HeldRows,
): Pick<ChecksStore, 'keepStaying' | 'staying' | 'stayingCount'> {
  const remove = connection.statement('DELETE FROM drift_stays WHERE tbl = ? AND key = ?');
  const insert = connection.statement('INSERT INTO drift_stays VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)');
  const prune = connection.statement(
    'DELETE FROM drift_stays WHERE no NOT IN (SELECT no FROM drift_stays ORDER BY no DESC LIMIT ?)',
  );
  const all = connection.statement<Row>('SELECT * FROM drift_stays ORDER BY no');
  const count = connection.statement<{ n: number }>('SELECT count(*) AS n FROM drift_stays');
  return {
    keepStaying: ({ table, key, atMs, there }) =>
      connection.together(() => {
        const here = held.get(table, key);
        remove.run(table, key);
        const images = [here?.ver ?? null, here?.body ?? null, there?.ver ?? null] as const;
        insert.run(table, key, atMs, ...images, there?.body ?? null);
        prune.run(STAYING_MAX);
      }),
    staying: () => all.all().map(toStaying),
    stayingCount: () => count.get()?.n ?? 0,
  };
}

function toStaying(row: Row): StayingRow {
  return {
    table: row.tbl,
    key: row.key,
    atMs: row.at_ms,
    here: toImage(row.here_ver, row.here_body),
    there: toImage(row.there_ver, row.there_body),
  };
}

function toImage(ver: number | null, body: string | null): StayingRow['here'] {
  return ver === null || body === null ? null : { ver, body };
}
