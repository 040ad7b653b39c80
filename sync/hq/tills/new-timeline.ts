import { assert } from '../../../agent/contract/result.ts';
import type { HqDatabase } from '../database/database.ts';
import { TIMELINE } from '../migrate.ts';

/** Versions that a restored database leaves out: more than it can have given away after its backup was made. */
export const VERSIONS_SKIPPED = 1_000_000_000;

/** Other connections of HQ's programs to this database. */
const OTHERS_SQL = `SELECT count(*) AS n FROM pg_stat_activity
  WHERE datname = current_database() AND application_name = 'tillside-hq' AND pid <> pg_backend_pid()`;

/**
 * Begins a timeline of its own for a database that was restored from a backup: tills then take a snapshot, and what is
 * written from here on is newer than whatever they saw before. The proofs that HQ remembers are of the past, so each till
 * may show any, once: a till that cannot take its snapshot for days is told from a copy of it all the same. When each was
 * asked last is of the past, too, by a clock that may have been ahead. Tills that
 * were taken for copies because this came too late are let in again; a real copy shows itself again.
 * @returns the timeline; `null` where another process of HQ works on the database, and nothing was changed
 */
export async function startNewTimeline(db: HqDatabase): Promise<string | null> {
  return db.transaction(async (tx) => {
    if (db.engine === 'postgresql') {
      const [others] = await tx.query<{ n: number }>(OTHERS_SQL);
      assert(others !== undefined, 'a count has one row');
      if (others.n > 0) return null;
    }
    const [meta] = await tx.query<{ value: string }>(
      'UPDATE hq_meta SET value = gen_random_uuid()::text WHERE name = $1 RETURNING value',
      [TIMELINE],
    );
    assert(meta !== undefined, 'a migrated database has a timeline');
    await tx.query(`SELECT setval('row_version', nextval('row_version') + ${VERSIONS_SKIPPED})`);
    await tx.query('UPDATE tills SET proof = NULL, challenge_at_ms = NULL');
    await tx.query("UPDATE tills SET state = 'registered' WHERE state = 'copied'");
    return meta.value;
  });
}
