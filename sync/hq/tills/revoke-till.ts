import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import type { HqDeps } from '../deps.ts';

/**
 * Takes a till out of service: its sessions and streams end within a heartbeat, its unused codes are worth nothing. It
 * keeps its data and goes on selling; a fresh ticket lets it in again.
 * @returns whether it was in service
 */
export async function revokeTill(
  { db }: Pick<HqDeps, 'db'>,
  { tillId, reason }: { readonly tillId: string; readonly reason: string },
): Promise<Result<{ revoked: boolean }, HqFailure>> {
  return db.transaction(async (tx) => {
    const [till] = await tx.query<{ state: string }>(
      'SELECT state FROM tills WHERE till_id = $1 FOR UPDATE',
      [tillId],
    );
    if (till === undefined) return err(hqFailure('till-unknown', 'tillId'));
    await tx.query('DELETE FROM registration_codes WHERE till_id = $1 AND used_at_ms IS NULL', [
      tillId,
    ]);
    if (till.state === 'revoked') return ok({ revoked: false });
    await tx.query("UPDATE tills SET state = 'revoked', revoked_reason = $2 WHERE till_id = $1", [
      tillId,
      reason,
    ]);
    return ok({ revoked: true });
  });
}
