import type { CredentialUse } from '../../contract/index.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { CredentialUsesRepository } from '../store.ts';

/** Codes remembered at a time; the oldest gives way, and its counter still refuses it. */
export const CREDENTIAL_USES_MAX = 10_000;
/** Counters forgotten by one housekeeping at most. */
export const CREDENTIAL_COUNTERS_PRUNE_MAX = 1_000;

/** Codes that were taken. What is said of a key outlives its codes: the highest counter refuses whatever came before. */
export function createCredentialUses(connection: Connection): CredentialUsesRepository {
  const find = connection.statement<{ identification_id: string }>(
    'SELECT identification_id FROM credential_uses WHERE key_id = ? AND step = ? AND counter = ?',
  );
  const highest = connection.statement<{ counter: number }>(
    'SELECT counter FROM credential_counters WHERE key_id = ?',
  );
  const insert = connection.statement(
    'INSERT INTO credential_uses VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const raise = connection.statement(`
    INSERT INTO credential_counters VALUES (?, ?, ?) ON CONFLICT (key_id) DO UPDATE SET
      counter = max(counter, excluded.counter), used_ms = max(used_ms, excluded.used_ms)`);
  const crowd = connection.statement(`
    DELETE FROM credential_uses WHERE (key_id, step, counter) IN (
      SELECT key_id, step, counter FROM credential_uses ORDER BY until_ms
      LIMIT max(0, (SELECT count(*) FROM credential_uses) - ?))`);
  const pruneUses = connection.statement('DELETE FROM credential_uses WHERE until_ms < ?');
  const pruneCounters = connection.statement(`
    DELETE FROM credential_counters WHERE key_id IN (
      SELECT key_id FROM credential_counters WHERE used_ms < ?
        AND NOT EXISTS (SELECT 1 FROM member_cards WHERE card = 'pass:' || key_id)
      LIMIT ?)`);

  return {
    showing: ({ keyId, step, counter }: CredentialUse) =>
      find.get(keyId, step, counter)?.identification_id,
    highest: (keyId) => highest.get(keyId)?.counter,
    take({ keyId, step, counter }, { identificationId, atMs, untilMs, mark = counter }) {
      connection.together(() => {
        insert.run(keyId, step, counter, identificationId, untilMs);
        raise.run(keyId, mark, atMs);
        crowd.run(CREDENTIAL_USES_MAX);
      });
    },
    prune(nowMs, countersBeforeMs) {
      connection.together(() => {
        pruneUses.run(nowMs);
        pruneCounters.run(countersBeforeMs, CREDENTIAL_COUNTERS_PRUNE_MAX);
      });
    },
  };
}
