import type { RepairedRow } from '../../../sync/client/check-ports.ts';
import {
  AUDITED_ROWS_MAX,
  DRIFT_AUDIT_ACTION,
  driftAuditSchema,
} from '../../../sync/protocol/check.ts';
import type { Cursor } from '../../../sync/protocol/feed.ts';
import { createAudit } from '../repositories/audit.ts';
import type { Connection } from '../sqlite/connection.ts';

/** Names rows of one table that were put right in the audit log; called in the transaction that did it. */
export type TellDrift = (table: string, rows: readonly RepairedRow[], at: Cursor) => void;

export function createTellDrift(connection: Connection, nowMs: () => number): TellDrift {
  const audit = createAudit(connection);
  return (table, rows, { timeline, pos }) => {
    const atMs = nowMs();
    for (let from = 0; from < rows.length; from += AUDITED_ROWS_MAX) {
      const some = rows
        .slice(from, from + AUDITED_ROWS_MAX)
        .map(({ key, kind, verBefore, ver }) => [key, kind, verBefore, ver]);
      const detail = driftAuditSchema.parse({ table, timeline, pos, rows: some });
      audit.append({ atMs, staffId: null, action: DRIFT_AUDIT_ACTION, detail });
    }
  };
}
