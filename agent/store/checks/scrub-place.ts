import type { ChecksStore } from '../../../sync/client/check-ports.ts';
import type { Connection } from '../sqlite/connection.ts';

interface Row {
  readonly scrub_tbl: string | null;
  readonly scrub_key: string | null;
  readonly scrub_since_ms: number | null;
}

/** Where the deep scrub goes on after a restart. */
export function createScrubPlace(
  connection: Connection,
): Pick<ChecksStore, 'scrubPlace' | 'keepScrubPlace'> {
  const read = connection.statement<Row>(
    'SELECT scrub_tbl, scrub_key, scrub_since_ms FROM digest_state',
  );
  const write = connection.statement(
    'UPDATE digest_state SET scrub_tbl = ?, scrub_key = ?, scrub_since_ms = ?',
  );
  return {
    scrubPlace() {
      const { scrub_tbl: table, scrub_key: key, scrub_since_ms: sinceMs } = read.get() ?? {};
      if (table == null || key == null || sinceMs == null) return null;
      return { place: { table, key }, sinceMs };
    },
    keepScrubPlace: (kept) =>
      void write.run(kept?.place.table ?? null, kept?.place.key ?? null, kept?.sinceMs ?? null),
  };
}
