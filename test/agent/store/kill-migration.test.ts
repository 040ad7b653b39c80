import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { migrate } from '../../../agent/store/migrate.ts';
import { MIGRATIONS } from '../../../agent/store/migrations.ts';
import { openDatabase } from '../../../agent/store/sqlite/open-database.ts';

const KILLS = 6;
/** The schema that the till was installed with. */
const OLD_VERSION = 2;
const folder = mkdtempSync(join(tmpdir(), 'tillside-kill-step-'));
const key = randomBytes(32);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a database holds: its version by its own account, its schema, its rows, and whether it agrees with itself. */
function stateOf(file: string) {
  const db = openDatabase(file, key, false);
  const state = {
    version: Number(db.pragma('user_version', { simple: true })),
    schema: db.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all(),
    kept: db.prepare("SELECT value FROM meta WHERE name = 'kept'").get(),
    sound: db.pragma('integrity_check', { simple: true }),
  };
  db.close();
  return state;
}

function tillAt(version: number): string {
  const file = join(folder, `${randomBytes(8).toString('hex')}.db`);
  const db = openDatabase(file, key, true);
  migrate(db, MIGRATIONS.slice(0, version), 1);
  db.exec("INSERT INTO meta VALUES ('kept', 'what the till sold')");
  db.close();
  return file;
}

test('kill -9 during schema migration: the till stands at a whole step, keeps its rows and goes on from there', {
  timeout: 120_000,
}, async () => {
  const old = tillAt(OLD_VERSION);
  const latest = stateOf(tillAt(MIGRATIONS.length));
  const reached = new Set<number>();
  for (let kill = 0; kill < KILLS; kill++) {
    const file = join(folder, `${kill}.db`);
    copyFileSync(old, file);
    const child = spawn(
      process.execPath,
      ['test/support/migrate-until-killed.ts', file, key.toString('hex')],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const ended = once(child, 'exit');
    await once(child.stdout, 'data');
    await setTimeout(kill * 8);
    child.kill('SIGKILL');
    await ended;
    const found = stateOf(file);
    reached.add(found.version);
    expect(found).toEqual(stateOf(tillAt(found.version)));
    const db = openDatabase(file, key, false);
    expect(migrate(db, MIGRATIONS, 2).ok).toBe(true);
    db.close();
    expect(stateOf(file)).toEqual(latest);
  }
  expect(reached.size, 'they were killed at different steps').toBeGreaterThan(1);
});
