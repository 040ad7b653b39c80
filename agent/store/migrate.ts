import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';
import { assert, err, ok, type Result } from '../contract/index.ts';
import type { Migration } from './migrations/migration.ts';
import { type OpenError, openError } from './open-error.ts';

interface Applied {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
}

/**
 * Brings the schema to the last of `migrations`, each in a transaction of its own, so that a crash between two of them
 * is continued at the next start. Refuses a database that a newer or an altered program made, before any change.
 * Throws SQLite's own errors.
 */
export function migrate(
  db: Database.Database,
  migrations: readonly Migration[],
  nowMs: number,
): Result<void, OpenError> {
  const latest = migrations.length;
  const found = db.pragma('user_version', { simple: true }) as number;
  if (found > latest) {
    return err(openError('schema-newer', `schema ${found}, this program knows ${latest}`));
  }
  const applied = found === 0 ? [] : readApplied(db);
  const strange = migrations
    .slice(0, found)
    .find((step, i) => applied[i]?.checksum !== checksumOf(step));
  if (strange !== undefined || applied.length !== found) {
    return err(
      openError(
        'schema-differs',
        `migration ${strange?.version ?? applied.length} ${strange?.name ?? ''}`,
      ),
    );
  }
  for (const step of migrations.slice(found)) apply(db, step, nowMs);
  return ok(undefined);
}

function apply(db: Database.Database, step: Migration, nowMs: number): void {
  const version = db.pragma('user_version', { simple: true });
  assert(
    step.version === Number(version) + 1,
    `migration ${step.version} follows schema ${version}`,
  );
  db.transaction(() => {
    if (step.version === 1) {
      db.exec(`CREATE TABLE migrations (
        version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at_ms INTEGER NOT NULL
      ) STRICT`);
    }
    db.exec(step.sql);
    db.prepare('INSERT INTO migrations VALUES (?, ?, ?, ?)').run(
      step.version,
      step.name,
      checksumOf(step),
      nowMs,
    );
    db.pragma(`user_version = ${step.version}`);
  }).immediate();
}

function readApplied(db: Database.Database): Applied[] {
  return db
    .prepare<[], Applied>('SELECT version, name, checksum FROM migrations ORDER BY version')
    .all();
}

/** White space is layout and may change with the formatter. */
function checksumOf(step: Migration): string {
  return createHash('sha256').update(step.sql.replaceAll(/\s+/g, ' ').trim()).digest('hex');
}
