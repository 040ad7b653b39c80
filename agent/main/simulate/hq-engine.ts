import { PGlite } from '@electric-sql/pglite';
import type { HqDatabase, HqSession } from '../../../sync/hq/database/database.ts';
import { databaseError } from '../../../sync/hq/database/hq-database-error.ts';
import { migrate } from '../../../sync/hq/migrate.ts';
import { HQ_MIGRATIONS } from '../../../sync/hq/migrations.ts';
import { assert } from '../../contract/index.ts';
import { overPgliteWire } from './pglite-wire.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The server's clock is that of the world: HQ's SQL reads it by this name, and this one is found first. */
const CLOCK_SQL = `
  SET search_path = public, pg_catalog;
  CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$
    SELECT to_timestamp(coalesce(nullif(current_setting('sim.now_ms', true), ''), '0')::bigint / 1000.0) $$;
`;
const IMAGE = 'sim_image';

/** The database of a simulated headquarters: one engine for all seeds of a process, filled anew for each. */
export interface HqEngine {
  /** For what the simulator itself asks. */
  readonly db: HqDatabase;
  /** What a process of HQ is given: it counts what is under way, and ends with the process. */
  openFor(time: VirtualTime, process: HqProcessProbe): HqDatabase;
  /** Keeps everything that the database holds under a name. */
  keep(name: string): Promise<void>;
  /** Brings back everything that was kept. */
  bringBack(name: string): Promise<void>;
  close(): Promise<void>;
}

/** What happens to a process of HQ at a statement. */
export interface HqProcessProbe {
  isAlive(): boolean;
  /** Called before each statement; may kill the process. */
  statement(sql: string): void;
  /** Called after each statement that was answered, with the session that it ran in. */
  answered(sql: string, session: HqSession): Promise<void>;
  committed(): void;
  rolledBack(): void;
}

/** Opens the engine with HQ's schema and no content. */
export async function openHqEngine(): Promise<HqEngine> {
  const db = overPgliteWire(await PGlite.create());
  await db.script(CLOCK_SQL);
  const migrated = await migrate(db, HQ_MIGRATIONS);
  assert(migrated.ok, 'the schema of headquarters is made');
  const tables = await namesOf(
    db,
    // Whoever is referred to comes last: a table with a log may refer to none without.
    `SELECT relname AS name FROM pg_class c
     WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'hq_migrations'
     ORDER BY (SELECT count(*) FROM pg_constraint f WHERE f.contype = 'f' AND f.confrelid = c.oid), 1`,
  );
  const sequences = await namesOf(
    db,
    "SELECT sequencename AS name FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1",
  );
  // Nothing of it outlives the process: no log of changes is written, and plans are made once.
  await db.script(
    [
      'SET plan_cache_mode = force_generic_plan;',
      ...tables.map((table) => `ALTER TABLE public.${table} SET UNLOGGED;`),
    ].join('\n'),
  );
  let shownMs = -1;

  async function showTime(time: VirtualTime, session: HqSession): Promise<void> {
    const nowMs = time.wallMs();
    if (nowMs === shownMs) return;
    shownMs = nowMs;
    await session.query("SELECT set_config('sim.now_ms', $1, false)", [String(nowMs)]);
  }

  return {
    db,
    openFor(time, process) {
      const gone = () => databaseError(null, null, 'the process of headquarters has ended');

      async function counted<T>(
        sql: string,
        session: HqSession,
        work: () => Promise<T>,
      ): Promise<T> {
        if (!process.isAlive()) throw gone();
        process.statement(sql);
        if (!process.isAlive()) throw gone();
        time.begin();
        try {
          const answer = await work();
          await process.answered(sql, session);
          return answer;
        } finally {
          time.end();
        }
      }

      const over = (session: HqSession): HqSession => ({
        query: (sql, values) => counted(sql, session, () => session.query(sql, values)),
      });
      return {
        engine: db.engine,
        ...over(db),
        script: (sql) => counted(sql, db, () => db.script(sql)),
        async transaction(work, isolation) {
          if (!process.isAlive()) throw gone();
          time.begin();
          try {
            const done = await db.transaction(async (tx) => {
              await showTime(time, tx);
              const result = await work(over(tx));
              // A process that ended before its commit was sent has not committed.
              process.statement('COMMIT');
              if (!process.isAlive()) throw gone();
              return result;
            }, isolation);
            process.committed();
            return done;
          } catch (error) {
            process.rolledBack();
            throw error;
          } finally {
            time.end();
          }
        },
        listen(channel, heard) {
          const listening = db.listen(channel, (payload) => {
            if (process.isAlive()) heard(payload);
            else void listening.then((stop) => stop());
          });
          return listening;
        },
        async close() {},
      };
    },
    async keep(name) {
      const image = `${IMAGE}_${name}`;
      const isThere = await db.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [image]);
      if (isThere.length === 0)
        await db.script(
          [
            `CREATE SCHEMA ${image};`,
            ...tables.map(
              (table) => `CREATE UNLOGGED TABLE ${image}.${table} (LIKE public.${table});`,
            ),
            `CREATE UNLOGGED TABLE ${image}.sim_sequences (name text, value bigint, called boolean);`,
          ].join('\n'),
        );
      await db.script(
        [
          copyAll('public', image, tables),
          `DELETE FROM ${image}.sim_sequences;`,
          ...sequences.map(
            (sequence) =>
              `INSERT INTO ${image}.sim_sequences SELECT '${sequence}', last_value, is_called FROM public.${sequence};`,
          ),
        ].join('\n'),
      );
    },
    async bringBack(name) {
      const image = `${IMAGE}_${name}`;
      await db.script(
        [
          'SET session_replication_role = replica;',
          copyAll(image, 'public', tables),
          'SET session_replication_role = origin;',
          `SELECT setval(name::regclass, value, called) FROM ${image}.sim_sequences;`,
        ].join('\n'),
      );
    },
    async close() {
      await db.close();
    },
  };
}

async function namesOf(db: HqDatabase, sql: string): Promise<string[]> {
  return (await db.query<{ name: string }>(sql)).map(({ name }) => name);
}

/** Makes each table of one schema hold what that of another holds; one that is empty on both sides is left alone. */
function copyAll(from: string, to: string, tables: readonly string[]): string {
  return [
    'DO $copy$ BEGIN',
    // All are emptied first: with a table go those that refer to it.
    ...tables.map(
      (table) =>
        `IF EXISTS (SELECT 1 FROM ${to}.${table}) THEN TRUNCATE ${to}.${table} CASCADE; END IF;`,
    ),
    ...tables.map(
      (table) => `
        IF EXISTS (SELECT 1 FROM ${from}.${table}) THEN
          INSERT INTO ${to}.${table} OVERRIDING SYSTEM VALUE SELECT * FROM ${from}.${table};
        END IF;`,
    ),
    'END $copy$;',
  ].join('\n');
}
