import { err, ok } from '../../../agent/contract/result.ts';
import { hqFailure } from '../../protocol/hq-error.ts';
import type { HqDeps, HqHandler } from '../deps.ts';
import { transact } from './transact.ts';

/**
 * Notes a finished backup: entries received before it began are in it, and the next receipts tell the tills so. What was
 * received in the very moment of its beginning may be missing from it; tills keep entries for weeks beyond a backup.
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
             WHERE l.till_id = o.till_id AND l.incarnation = o.incarnation AND l.received_at_ms < $1
             ORDER BY l.seq DESC LIMIT 1) AS seq
           FROM ledger_heads o) AS n
         WHERE h.till_id = n.till_id AND h.incarnation = n.incarnation AND n.seq > h.backed_up_seq
         RETURNING h.till_id`,
        [startedAtMs],
      );
      return ok({ tills: moved.length });
    });
  };
}
