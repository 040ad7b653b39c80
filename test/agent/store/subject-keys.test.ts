import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { MemberId } from '../../../agent/contract/index.ts';
import { migrate } from '../../../agent/store/migrate.ts';
import { MIGRATIONS } from '../../../agent/store/migrations.ts';
import { createSubjectKeys } from '../../../agent/store/repositories/subject-keys.ts';
import { createConnection } from '../../../agent/store/sqlite/connection.ts';
import { setUp } from '../../../agent/store/sqlite/open-database.ts';
import { findInClear } from '../../support/byte-search.ts';
import { openTestStore } from '../../support/store.ts';

const member = 'm-1' as MemberId;

describe('the key of a subject', () => {
  test('is made on first use and then stays, one for each member and one for all guests', () => {
    const till = openTestStore();
    const first = till.store.keys.forSubject(member);
    expect(first.key).toHaveLength(32);
    expect(till.reopen().keys.forSubject(member)).toEqual(first);
    expect(till.store.keys.byId(first.keyId)).toEqual(first);
    const others = [
      till.store.keys.forSubject('m-2' as MemberId),
      till.store.keys.forSubject('guest'),
    ];
    expect(new Set([first, ...others].map(({ keyId }) => keyId)).size).toBe(3);
  });

  test('is gone after erasure, and a member who comes back gets another', () => {
    const { keys } = openTestStore().store;
    const first = keys.forSubject(member);
    keys.erase(member);
    expect(keys.byId(first.keyId)).toBeUndefined();
    const second = keys.forSubject(member);
    expect(second.keyId).not.toBe(first.keyId);
    expect(second.key).not.toEqual(first.key);
  });

  test('of nobody known is erased without effect', () => {
    const { keys } = openTestStore().store;
    keys.erase(member);
    expect(keys.byId('anything')).toBeUndefined();
  });

  test.each([false, true])(
    'leaves no trace in the pages or the log once erased (inside a transaction: %s)',
    (inside) => {
      // The same store without the encryption around it, so that what the pages hold can be read.
      const folder = mkdtempSync(join(tmpdir(), 'tillside-erase-'));
      const data = join(folder, 'data');
      cpSync(mkdtempSync(join(folder, 'empty-')), data, { recursive: true });
      const db = new Database(join(data, 'plain.db'));
      setUp(db);
      migrate(db, MIGRATIONS, 0);
      const connection = createConnection(db);
      const keys = createSubjectKeys(connection, { random: randomBytes, nowMs: () => 0 });
      const { key } = keys.forSubject(member);
      const search = () => findInClear(data, [key]).map(({ encoding }) => encoding);

      expect(search()).toContain('bytes');
      if (inside) connection.transaction(() => keys.erase(member));
      else keys.erase(member);
      expect(search()).toEqual([]);

      connection.close();
      rmSync(folder, { recursive: true });
    },
  );
});
