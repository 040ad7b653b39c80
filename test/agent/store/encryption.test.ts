import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findInClear } from '../../support/byte-search.ts';
import { appendEntry, testMember } from '../../support/ledger.ts';
import { openTestStore, type TestStore } from '../../support/store.ts';

const root = mkdtempSync(join(tmpdir(), 'tillside-search-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A copy by another process: reading the live files here would give up the locks that this process has on them. */
function copyOf(folder: string, name: string): string {
  const copy = join(root, name);
  expect(spawnSync('cp', ['-r', folder, copy]).status).toBe(0);
  return copy;
}

/** A store with members in its file and in its write-ahead log, and the words that must not lie in clear. */
function filledStore(): { till: TestStore; secrets: (string | Uint8Array)[] } {
  const till = openTestStore();
  const members = Array.from({ length: 200 }, (_, n) =>
    testMember(n, { name: n % 2 ? `欧阳娜娜${n}` : `Wei Zhang ${n}` }),
  );
  till.store.members.upsert(members.slice(0, 100));
  till.reopen().members.upsert(members.slice(100));
  till.store.staff.upsert(
    { staffId: 's-1' as never, name: '收银员林', role: 'cashier', active: true },
    'argon2id-hash',
  );
  till.store.transaction(() =>
    appendEntry(till.store, 1, {
      memberId: members[0]?.memberId,
      body: { note: '喜欢喝茶的会员' },
    }),
  );
  const keys = [
    till.keyStore.key ?? '',
    till.store.keys.forSubject(members[0]?.memberId ?? 'guest').key,
  ];
  const words = members.flatMap(({ name, phone, gsrn, cards }) => [
    name,
    phone ?? '',
    gsrn ?? '',
    ...cards,
  ]);
  return {
    till,
    secrets: [
      ...words,
      '收银员林',
      'argon2id-hash',
      '喜欢喝茶的会员',
      'likes-tea',
      'CREATE TABLE',
      ...keys,
    ],
  };
}

describe('a byte search over the data folder', () => {
  const { till, secrets } = filledStore();

  test('finds no name, phone, card, word or key while the store runs, its log included', () => {
    const copy = copyOf(till.dataDir, 'running');
    expect(
      readdirSync(copy)
        .map((name) =>
          name.replace(/^till-[0-9a-f]+|(?<=^ledger-journal)-.*/, (own) =>
            own.startsWith('till') ? 'till' : '',
          ),
        )
        .sort(),
    ).toEqual([
      'ledger-journal',
      'live.json',
      'till.db',
      'till.db-shm',
      'till.db-wal',
      'till.db.first',
      'till.db.mark',
    ]);
    expect(findInClear(copy, secrets)).toEqual([]);
  });

  test('finds all of them in an unencrypted copy, so that it would have seen them', () => {
    const plain = mkdtempSync(join(root, 'plain-'));
    const file = join(plain, 'plain.db');
    writeFileSync(file, '');
    till.withSql((db) => {
      db.exec(`ATTACH '${file}' AS plain KEY ''`);
      for (const table of ['members', 'member_cards', 'staff', 'subject_keys', 'points_lots']) {
        db.exec(`CREATE TABLE plain.${table} AS SELECT * FROM main.${table}`);
      }
      db.exec('DETACH plain');
    });
    const found = new Set(findInClear(plain, secrets).map(({ secret }) => secret));
    const [databaseKey, subjectKey] = secrets
      .slice(-2)
      .map((key) => Buffer.from(key as Uint8Array).toString('hex'));
    const sealed = new Set(['喜欢喝茶的会员', databaseKey]);
    const expected = secrets.filter((s) => typeof s === 'string').filter((s) => !sealed.has(s));
    expect(expected.filter((secret) => !found.has(secret))).toEqual([]);
    expect(found.has(subjectKey ?? '')).toBe(true);
  });

  test('finds no trace after the store was closed', () => {
    till.reopen();
    expect(findInClear(copyOf(till.dataDir, 'closed'), secrets)).toEqual([]);
  });
});
