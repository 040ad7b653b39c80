import { err, ok } from '../../../agent/contract/result.ts';
import { hqFailure } from '../../protocol/hq-error.ts';
import type { HqDeps, HqHandler } from '../deps.ts';
import { transact } from './transact.ts';

/**
 * An upload is stamped when its booking begins and is in the database when it ends, which a backup that began in between
 * does not see. No booking lasts so long, in milliseconds.
 */
export const BACKUP_MARGIN_MS = 10 * 60_000;

/**
 * Notes a finished backup: entries received {@link BACKUP_MARGIN_MS} before it began are in it for certain, and the next
 * receipts tell the tills so. The rest waits for the next backup; tills keep entries for weeks beyond one.
 */
export function createNoteBackup(deps: HqDeps): HqHandler<'noteBackup'> {
  return async (_caller, { startedAt }) => {
    const startedAtMs = Date.parse(startedAt);
    const now = deps.nowMs();
    if (startedAtMs > now) return err(hqFailure('invalid-input', 'startedAt'));
    return transact(deps, async (tx) => {
      await tx.query('INSERT INTO backups (started_at_ms, noted_at_ms) VALUES ($1, $2)', [
        startedAtMs,
        now,
      ]);
      const moved = await tx.query(
        `UPDATE ledger_heads h SET backed_up_seq = n.seq FROM (
           SELECT till_id, incarnation, (
             SELECT l.seq FROM ledger l
             WHERE l.till_id = o.till_id AND l.incarnation = o.incarnation AND l.seq <= o.seq
               AND l.received_at_ms < $1
             ORDER BY l.seq DESC LIMIT 1) AS seq
           FROM ledger_heads o) AS n
         WHERE h.till_id = n.till_id AND h.incarnation = n.incarnation AND n.seq > h.backed_up_seq
         RETURNING h.till_id`,
        [startedAtMs - BACKUP_MARGIN_MS],
      );
      return ok({ tills: moved.length });
    });
  };
}
