import type { HqDatabase } from '../../sync/hq/database/database.ts';
import { migrate } from '../../sync/hq/migrate.ts';
import { HQ_MIGRATIONS } from '../../sync/hq/migrations.ts';
import { must } from './must.ts';

/** Objects of users have ids from here on. */
const FIRST_OID = 16_384;

/**
 * What the schema consists of, as one digest. Rows of the catalogue that only a change of the schema writes count with
 * the transaction that wrote them; `pg_class` is also written by TRUNCATE.
 */
const SCHEMA_DIGEST = `
  SELECT md5(string_agg(part, ',' ORDER BY part)) AS digest FROM (
    SELECT format('class %s %s %s %s', oid, relname, relnamespace, reloptions) AS part FROM pg_class WHERE oid >= ${FIRST_OID}
    UNION ALL SELECT format('column %s %s %s', attrelid, attnum, xmin) FROM pg_attribute WHERE attrelid >= ${FIRST_OID}
    UNION ALL SELECT format('default %s %s', oid, xmin) FROM pg_attrdef
    UNION ALL SELECT format('constraint %s %s', oid, xmin) FROM pg_constraint WHERE oid >= ${FIRST_OID}
    UNION ALL SELECT format('trigger %s %s', oid, xmin) FROM pg_trigger
    UNION ALL SELECT format('function %s %s', oid, xmin) FROM pg_proc WHERE oid >= ${FIRST_OID}
  ) AS parts`;

/** Empties a database as DROP SCHEMA does. */
export const NO_SCHEMA = 'DROP SCHEMA public CASCADE; CREATE SCHEMA public;';

/** A database without connections beside it, which one test after the other uses. */
export interface Restorable {
  readonly db: HqDatabase;
  /** HQ's schema with no row but those that its steps write, and no timeline. */
  restore(): Promise<void>;
}

/**
 * Remembers a database that has HQ's schema and nothing else. To restore it empties tables, a tenth of the time of making
 * the schema; where a test changed the schema itself, that is made again.
 */
export async function restorable(db: HqDatabase): Promise<Restorable> {
  let first = await remember(db);
  return {
    db,
    async restore() {
      if ((await digestOf(db)) === first.digest) return emptyTables(db, first);
      await db.script(NO_SCHEMA);
      must(await migrate(db, HQ_MIGRATIONS));
      await db.query("DELETE FROM hq_meta WHERE name = 'timeline'");
      first = await remember(db);
    },
  };
}

interface Remembered {
  readonly digest: string;
  readonly tables: readonly string[];
  /** The rows of each table that has any, as JSON. */
  readonly rows: ReadonlyMap<string, string>;
}

async function remember(db: HqDatabase): Promise<Remembered> {
  const found = await db.query<{ name: string }>(
    "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'",
  );
  const tables = found.map(({ name }) => name);
  const rows = new Map<string, string>();
  for (const name of await filled(db, tables)) {
    const [row] = await db.query<{ all: string }>(
      `SELECT json_agg(t)::text AS all FROM ${name} AS t`,
    );
    rows.set(name, row?.all ?? '[]');
  }
  return { digest: await digestOf(db), tables, rows };
}

async function emptyTables(db: HqDatabase, { tables, rows }: Remembered): Promise<void> {
  const full = await filled(db, tables);
  await db.transaction(async (tx) => {
    // No trigger runs.
    await tx.query('SET LOCAL session_replication_role = replica');
    if (full.length > 0) await tx.query(`TRUNCATE ${full.join(', ')} CASCADE`);
    await tx.query('SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence');
    for (const [name, json] of rows)
      await tx.query(
        `INSERT INTO ${name} SELECT * FROM json_populate_recordset(NULL::${name}, $1)`,
        [json],
      );
  });
}

async function filled(db: HqDatabase, tables: readonly string[]): Promise<string[]> {
  const each = tables.map((name) => `SELECT '${name}' AS name WHERE EXISTS (SELECT FROM ${name})`);
  const found = await db.query<{ name: string }>(each.join(' UNION ALL '));
  return found.map(({ name }) => name);
}

async function digestOf(db: HqDatabase): Promise<string> {
  const [row] = await db.query<{ digest: string }>(SCHEMA_DIGEST);
  return row?.digest ?? '';
}
