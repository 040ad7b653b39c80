import type { MemberId } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { VisitRow, VisitsRepository } from '../store.ts';

interface Row {
  readonly day: string;
  readonly member_id: string;
  readonly first_seen_ms: number;
  readonly last_seen_ms: number;
  readonly served_ms: number | null;
}

/** Visits by business day. A clock that is set back moves neither the first nor the last sighting the wrong way. */
export function createVisits(connection: Connection): VisitsRepository {
  const seen = connection.statement(`
    INSERT INTO visits VALUES (?, ?, ?, ?, NULL)
    ON CONFLICT (day, member_id) DO UPDATE SET
      first_seen_ms = min(first_seen_ms, excluded.first_seen_ms),
      last_seen_ms = max(last_seen_ms, excluded.last_seen_ms)`);
  const served = connection.statement(
    'UPDATE visits SET served_ms = ? WHERE day = ? AND member_id = ?',
  );
  const ofDay = connection.statement<Row>(
    'SELECT * FROM visits WHERE day = ? ORDER BY first_seen_ms, member_id',
  );
  const prune = connection.statement('DELETE FROM visits WHERE day < ?');

  return {
    seen: (memberId, day, atMs) => void seen.run(day, memberId, atMs, atMs),
    served: (memberId, day, atMs) =>
      connection.together(() => {
        seen.run(day, memberId, atMs, atMs);
        served.run(atMs, day, memberId);
      }),
    ofDay: (day) => ofDay.all(day).map(toVisit),
    pruneBefore: (day) => prune.run(day),
  };
}

function toVisit(row: Row): VisitRow {
  return {
    memberId: row.member_id as MemberId,
    day: row.day,
    firstSeenMs: row.first_seen_ms,
    lastSeenMs: row.last_seen_ms,
    servedMs: row.served_ms,
  };
}
