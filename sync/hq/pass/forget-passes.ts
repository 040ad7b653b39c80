import { PASS_CODES_WINDOW_MS, PASS_GUESS_WINDOW_MS } from '../../protocol/pass.ts';
import type { HqDeps } from '../deps.ts';
import { CLOCK_SLACK_MS } from './pass-issuers.ts';
import { endPassKeys, writeKeysOfMember } from './pass-keys.ts';

const DAY_MS = 24 * 60 * 60_000;
/** A used code is kept for so long after its end, in milliseconds: a phone that lost the answer may ask again until it ends. */
const CODES_KEPT_MS = PASS_CODES_WINDOW_MS;
/** Uses of codes are kept for so many days: a till may have been offline for weeks. */
export const PASS_USES_KEPT_DAYS = 180;
/** Keys that one round of housekeeping ends, at most. */
export const PASS_KEYS_ENDED_MAX = 500;

/** Forgets codes, keys, refusals and issuers of passes that time has ended, and uses that no till can send any more. */
export async function forgetPasses(deps: Pick<HqDeps, 'db' | 'nowMs'>): Promise<void> {
  const { db, nowMs } = deps;
  const now = nowMs();
  const before = now - CLOCK_SLACK_MS;
  await db.query('DELETE FROM pass_codes WHERE expires_at_ms < $1', [now - CODES_KEPT_MS]);
  await db.query('DELETE FROM pass_guesses WHERE at_ms < $1', [now - PASS_GUESS_WINDOW_MS]);
  await db.query('DELETE FROM denied_keys WHERE valid_until_ms < $1', [before]);
  await db.query('DELETE FROM pass_issuers WHERE valid_until_ms < $1', [before]);
  await db.query('DELETE FROM pass_uses WHERE at_ms < $1', [now - PASS_USES_KEPT_DAYS * DAY_MS]);
  await db.transaction(async (tx) => {
    const ended = await tx.query<{ key_id: string; member_id: string }>(
      'SELECT key_id, member_id FROM pass_keys WHERE valid_until_ms < $1 ORDER BY member_id LIMIT $2',
      [before, PASS_KEYS_ENDED_MAX],
    );
    const keyIds = ended.map(({ key_id }) => key_id);
    await endPassKeys(tx, keyIds, { replaced: true });
    for (const memberId of new Set(ended.map(({ member_id }) => member_id)))
      await writeKeysOfMember(tx, memberId, now);
  });
}
