import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { MemberId, TillId } from '../../../../agent/contract/index.ts';
import { createStore } from '../../../../agent/store/create-store.ts';
import { migrate } from '../../../../agent/store/migrate.ts';
import { MIGRATIONS } from '../../../../agent/store/migrations.ts';
import { createConnection } from '../../../../agent/store/sqlite/connection.ts';
import { openDatabase } from '../../../../agent/store/sqlite/open-database.ts';
import { isStorageError } from '../../../../agent/store/sqlite/storage-error.ts';
import type { FeedRow } from '../../../../sync/protocol/feed.ts';
import {
  accountRow,
  articleRow,
  cursorAt,
  memberRow,
  staffRow,
} from '../../../support/fed-rows.ts';
import { TEST_NOW_MS } from '../../../support/store.ts';

const HASH = '$argon2id$v=19$m=1024,t=1,p=1$c2FsdHNhbHQ$aGFzaA';

test('Disk full while applying: at whichever write it is, the page is applied whole with its cursor or not at all', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tillside-apply-full-'));
  const db = openDatabase(join(folder, 'till.db'), randomBytes(32), true);
  migrate(db, MIGRATIONS, 0);
  const store = createStore(
    createConnection(db),
    { tillId: 'till-1' as TillId, incarnation: 'incarnation-1' },
    { random: randomBytes, nowMs: () => TEST_NOW_MS },
  );
  const failedIn = new Set<string>();
  for (let page = 1; page <= 40; page++) {
    const at = (i: number) => page * 20 + i;
    const rows = Array.from({ length: 6 }, (_, i): FeedRow[] => [
      memberRow(at(i), at(i)),
      accountRow(`m-${at(i)}`, at(i), { a: 5, b: 6 }),
      articleRow(`sku-${at(i)}`, at(i)),
      staffRow(`s-${at(i)}`, at(i), HASH),
      ['tag', `tag-${at(i)}`, at(i), '{"name":"x"}'],
      ['member', `gone-${at(i)}`, at(i), null],
    ]).flat();
    const stateOf = () => [
      store.sync.cursor(),
      store.members.count(),
      store.staff.list().length,
      store.points.balance(`m-${at(0)}` as MemberId),
      store.sync.fed('tag', `tag-${at(0)}`),
    ];
    for (let room = 0; ; room++) {
      db.pragma(`max_page_count = ${Number(db.pragma('page_count', { simple: true })) + room}`);
      const before = stateOf();
      try {
        store.sync.apply(rows, cursorAt(page));
        break;
      } catch (error) {
        if (!isStorageError(error)) throw error;
        expect(error.code).toBe('storage-full');
        expect(stateOf()).toEqual(before);
        failedIn.add(
          /agent\/store\/(?:sync|repositories)\/([a-z-]+)\.ts/.exec(error.stack ?? '')?.[1] ??
            'commit',
        );
      }
    }
    expect(store.sync.cursor()).toEqual(cursorAt(page));
    expect(store.members.count()).toBe(page * 6);
  }
  expect([...failedIn].sort()).toEqual(
    expect.arrayContaining([
      'article-rows',
      'fed-accounts',
      'fed-staff',
      'feed-rows',
      'member-rows',
      'tombstones',
    ]),
  );
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  store.close();
  rmSync(folder, { recursive: true });
});
