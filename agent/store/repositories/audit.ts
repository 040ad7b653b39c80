import { assert, type StaffId } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { AuditRepository } from '../store.ts';

interface Row {
  readonly at_ms: number;
  readonly staff_id: string | null;
  readonly action: string;
  readonly detail: string;
}

/** What staff did, append-only; each row is queued for headquarters in the same transaction. */
export function createAudit(connection: Connection): AuditRepository {
  const append = connection.statement<{ no: number }>(
    'INSERT INTO audit (at_ms, staff_id, action, detail) VALUES (?, ?, ?, ?) RETURNING no',
  );
  const queue = connection.statement(
    `INSERT INTO outbox (kind, seq, at_ms) VALUES ('audit', ?, ?)`,
  );
  const recent = connection.statement<Row>(
    'SELECT at_ms, staff_id, action, detail FROM audit ORDER BY no DESC LIMIT ?',
  );

  return {
    append: ({ atMs, staffId, action, detail }) =>
      connection.together(() => {
        const row = append.get(atMs, staffId, action, JSON.stringify(detail));
        assert(row !== undefined, 'an inserted audit row has a number');
        queue.run(row.no, atMs);
      }),
    recent: (limit) =>
      recent.all(limit).map((row) => ({
        atMs: row.at_ms,
        staffId: row.staff_id as StaffId | null,
        action: row.action,
        detail: JSON.parse(row.detail) as Record<string, unknown>,
      })),
  };
}
