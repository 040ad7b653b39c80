import type { HqDatabase } from '../../sync/hq/database/database.ts';

/**
 * Puts the clock of a PGlite into the hands of a test: what triggers take from `clock_timestamp()` is the time set last.
 * Call it once HQ has opened the database.
 */
export async function holdDatabaseClock(
  db: HqDatabase,
  startMs: number,
): Promise<(ms: number) => Promise<void>> {
  await db.script(`
    CREATE SCHEMA test_clock;
    CREATE TABLE test_clock.moment (ms bigint NOT NULL);
    INSERT INTO test_clock.moment VALUES (${startMs});
    CREATE FUNCTION test_clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql
      AS 'SELECT to_timestamp(ms / 1000.0) FROM test_clock.moment';
    SET search_path TO test_clock, pg_catalog, public;
    UPDATE accuracy_state SET history_since_ms = 0;
  `);
  return async (ms) => {
    await db.query('UPDATE test_clock.moment SET ms = $1', [ms]);
  };
}
