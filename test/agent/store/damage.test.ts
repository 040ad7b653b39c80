import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { MemberId, TillId } from '../../../agent/contract/index.ts';
import { createStore } from '../../../agent/store/create-store.ts';
import { migrate } from '../../../agent/store/migrate.ts';
import { MIGRATIONS } from '../../../agent/store/migrations.ts';
import { createConnection } from '../../../agent/store/sqlite/connection.ts';
import { openDatabase } from '../../../agent/store/sqlite/open-database.ts';
import { isStorageError } from '../../../agent/store/sqlite/storage-error.ts';
import { testMember } from '../../support/ledger.ts';

const MEMBERS = 300;

test('a page that goes bad under a running store is a storage error for what lies on it and nothing else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tillside-damage-'));
  const [file, key] = [join(folder, 'till.db'), randomBytes(32)];
  const open = (create: boolean) => {
    const db = openDatabase(file, key, create);
    migrate(db, MIGRATIONS, 0);
    const identity = { tillId: 'till-1' as TillId, incarnation: 'incarnation-1' };
    return createStore(createConnection(db), identity, { random: randomBytes, nowMs: () => 0 });
  };
  const made = open(true);
  made.members.upsert(Array.from({ length: MEMBERS }, (_, n) => testMember(n)));
  made.close();

  // The last page was added last, so it holds members.
  const handle = openSync(file, 'r+');
  writeSync(handle, randomBytes(16), 0, 16, statSync(file).size - 2_000);
  closeSync(handle);

  const store = open(false);
  const codes = Array.from({ length: MEMBERS }, (_, n) => {
    try {
      return store.members.byId(`m-${n}` as MemberId) === undefined ? 'lost' : 'found';
    } catch (error) {
      return isStorageError(error) ? error.code : String(error);
    }
  });
  expect(new Set(codes)).toEqual(new Set(['found', 'storage-failed']));
  store.close();
  rmSync(folder, { recursive: true });
});
