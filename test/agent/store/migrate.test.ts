import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { afterAll, describe, expect, test } from 'vitest';
import { migrate } from '../../../agent/store/migrate.ts';
import { MIGRATIONS } from '../../../agent/store/migrations.ts';
import { createCoupons } from '../../../agent/store/repositories/coupons.ts';
import { createDocuments } from '../../../agent/store/repositories/documents.ts';
import { createConnection } from '../../../agent/store/sqlite/connection.ts';
import { openDatabase } from '../../../agent/store/sqlite/open-database.ts';

const folder = mkdtempSync(join(tmpdir(), 'tillside-migrate-'));
const key = randomBytes(32);
const opened: Database.Database[] = [];
let files = 0;

afterAll(() => {
  for (const db of opened) db.close();
  rmSync(folder, { recursive: true });
});

function fresh(): Database.Database {
  const db = openDatabase(join(folder, `${++files}.db`), key, true);
  opened.push(db);
  return db;
}

function schemaOf(db: Database.Database): unknown[] {
  return db.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all();
}

describe('the schema', () => {
  test('is numbered 1, 2, 3 ... and each step has a name of its own', () => {
    expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, i) => i + 1));
    expect(new Set(MIGRATIONS.map(({ name }) => name)).size).toBe(MIGRATIONS.length);
  });

  test('comes out the same in one go and step by step, from every version', () => {
    const whole = fresh();
    migrate(whole, MIGRATIONS, 1);
    for (let reached = 1; reached < MIGRATIONS.length; reached++) {
      const db = fresh();
      migrate(db, MIGRATIONS.slice(0, reached), 1);
      expect(db.pragma('user_version', { simple: true })).toBe(reached);
      expect(migrate(db, MIGRATIONS, 2)).toEqual({ ok: true, value: undefined });
      expect(schemaOf(db)).toEqual(schemaOf(whole));
    }
  });

  test('lets a till that was registered ask once more for its documents, and one that was not keep counting', () => {
    const registered = [true, false].map((isRegistered) => {
      const db = fresh();
      migrate(db, MIGRATIONS.slice(0, 23), 1);
      db.exec(`INSERT INTO documents VALUES ('rule-set', 7, '{}', 1)`);
      if (isRegistered) db.exec(`UPDATE sync_state SET registration = '{}'`);
      migrate(db, MIGRATIONS, 2);
      const { current, sinceRegistered } = createDocuments(createConnection(db));
      return [current('rule-set')?.version, sinceRegistered('rule-set')?.version];
    });
    expect(registered).toEqual([
      [7, undefined],
      [7, 7],
    ]);
  });

  test('keeps the coupons that were reserved and used before a code could have several uses', () => {
    const db = fresh();
    migrate(db, MIGRATIONS.slice(0, 25), 1);
    db.exec(`INSERT INTO coupons VALUES ('A', 'used', 'e-1'), ('B', 'reserved', 'e-2')`);
    migrate(db, MIGRATIONS, 2);
    const coupons = createCoupons(createConnection(db));
    expect(['A', 'B', 'C'].map((code) => coupons.state(code))).toEqual([
      { state: 'used', evaluationId: 'e-1' },
      { state: 'reserved', evaluationId: 'e-2' },
      { state: 'free' },
    ]);
  });

  test('stays at the last whole step when one fails, and goes on from there', () => {
    const db = fresh();
    const broken = {
      version: 3,
      name: 'broken',
      sql: 'CREATE TABLE half (a); CREATE TABLE half (a);',
    };
    expect(() => migrate(db, [...MIGRATIONS.slice(0, 2), broken], 1)).toThrow('already exists');
    expect(db.pragma('user_version', { simple: true })).toBe(2);
    expect(migrate(db, MIGRATIONS, 1).ok).toBe(true);
  });

  test('made by a newer program is refused and left as it is', () => {
    const db = fresh();
    migrate(db, MIGRATIONS, 1);
    const before = schemaOf(db);
    expect(migrate(db, MIGRATIONS.slice(0, -1), 1)).toMatchObject({
      ok: false,
      error: { code: 'schema-newer' },
    });
    expect(schemaOf(db)).toEqual(before);
  });

  test('made with another text of a released step is refused, but not for its layout', () => {
    const db = fresh();
    migrate(db, MIGRATIONS, 1);
    const change = (edit: (sql: string) => string) =>
      MIGRATIONS.map((m) => (m.version === 2 ? { ...m, sql: edit(m.sql) } : m));
    expect(
      migrate(
        db,
        change((sql) => sql.replaceAll('\n', '\n  ')),
        1,
      ).ok,
    ).toBe(true);
    expect(
      migrate(
        db,
        change((sql) => sql.replace('gsrn TEXT', 'gsrn TEXT NOT NULL')),
        1,
      ),
    ).toMatchObject({
      ok: false,
      error: { code: 'schema-differs', detail: 'migration 2 members' },
    });
  });
});
