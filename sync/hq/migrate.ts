import { assert, err, ok, type Result } from '../../agent/contract/result.ts';
import type { HqDatabase, HqSession } from './database/database.ts';
import { type HqOpenProblem, hqOpenProblem } from './database/hq-open-problem.ts';
import type { HqMigration } from './migrations/migration.ts';

/** The advisory lock under which one process at a time changes the schema. */
const SCHEMA_LOCK = 7_464_001;

/** The server's own clock: when a step was made is for people to read. */
const NOW_MS = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

/** The name in `hq_meta` of the feed's timeline: an id of its own for each life of this database. */
export const TIMELINE = 'timeline';

/** Which steps were made, the schema reached, and the timeline of the feed. */
export interface Migrated {
  readonly applied: readonly number[];
  readonly version: number;
  readonly timeline: string;
}

/**
 * Brings the schema to the last of `migrations`, each step in a transaction of its own under a lock, so that two HQ
 * processes may start at once. Refuses a database that a later version brought forward, and one whose steps were other
 * ones. A fresh database gets its timeline.
 */
export async function migrate(
  db: HqDatabase,
  migrations: readonly HqMigration[],
): Promise<Result<Migrated, HqOpenProblem>> {
  const applied: number[] = [];
  for (;;) {
    const step = await db.transaction((tx) => oneStep(tx, migrations));
    if (!step.ok) return step;
    if (step.value === null) break;
    applied.push(step.value);
  }
  const timeline = await db.transaction((tx) => ensureTimeline(tx));
  return ok({ applied, version: migrations.at(-1)?.version ?? 0, timeline });
}

/** Makes the next missing step; null where none is missing. */
async function oneStep(
  tx: HqSession,
  migrations: readonly HqMigration[],
): Promise<Result<number | null, HqOpenProblem>> {
  // A step over a large table takes its time, and another process at its step is waited for.
  await tx.query(
    "SELECT set_config('lock_timeout', '0', true), set_config('statement_timeout', '0', true)",
  );
  await tx.query(`SELECT pg_advisory_xact_lock(${SCHEMA_LOCK})`);
  await tx.query(
    'CREATE TABLE IF NOT EXISTS hq_migrations (version integer PRIMARY KEY, name text NOT NULL, at_ms bigint NOT NULL)',
  );
  const done = await tx.query<{ version: number; name: string }>(
    'SELECT version, name FROM hq_migrations ORDER BY version',
  );
  for (const [i, { version, name }] of done.entries()) {
    const known = migrations[i];
    if (known === undefined)
      return err(
        hqOpenProblem('schema-newer', `schema ${version} (${name}); this program knows ${i}`),
      );
    if (known.version !== version || known.name !== name)
      return err(hqOpenProblem('schema-differs', `step ${version} is ${name}, here ${known.name}`));
  }
  const next = migrations[done.length];
  if (next === undefined) return ok(null);
  await runStatements(tx, next.sql);
  await tx.query(`INSERT INTO hq_migrations VALUES ($1, $2, ${NOW_MS})`, [next.version, next.name]);
  return ok(next.version);
}

/** Runs a file of statements through a session that takes one at a time. */
async function runStatements(tx: HqSession, sql: string): Promise<void> {
  // One dynamic statement on the server runs them all, in this transaction.
  const tag = '$tillside_step$';
  await tx.query(`DO ${tag} BEGIN EXECUTE ${quoted(sql)}; END ${tag}`);
}

function quoted(sql: string): string {
  return `$tillside_sql$${sql}$tillside_sql$`;
}

async function ensureTimeline(tx: HqSession): Promise<string> {
  await tx.query(
    'INSERT INTO hq_meta SELECT $1, gen_random_uuid()::text ON CONFLICT (name) DO NOTHING',
    [TIMELINE],
  );
  const [row] = await tx.query<{ value: string }>('SELECT value FROM hq_meta WHERE name = $1', [
    TIMELINE,
  ]);
  assert(row, 'hq_meta has a timeline');
  return row.value;
}
