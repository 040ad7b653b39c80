import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { MemberId, TillId } from '../../../agent/contract/index.ts';
import { verifyChain } from '../../../agent/domain/ledger/chain.ts';
import { createStore } from '../../../agent/store/create-store.ts';
import { migrate } from '../../../agent/store/migrate.ts';
import { MIGRATIONS } from '../../../agent/store/migrations.ts';
import { openStore } from '../../../agent/store/open-store.ts';
import { createConnection } from '../../../agent/store/sqlite/connection.ts';
import { openDatabase } from '../../../agent/store/sqlite/open-database.ts';
import { isStorageError } from '../../../agent/store/sqlite/storage-error.ts';
import type { Store } from '../../../agent/store/store.ts';
import { commitSale, ledgerCrypto } from '../../support/ledger.ts';
import { memoryKeyStore, TEST_NOW_MS } from '../../support/store.ts';
import { canMount, withTmpfs } from '../../support/tmpfs.ts';

const member = 'm-1' as MemberId;

/** So many that also the table with the smallest rows begins another page. */
const SALES = 320;

/** Everything that a sale writes, counted. */
function stateOf(store: Omit<Store, 'journal'>) {
  return {
    head: store.ledger.head(),
    event: store.events.head(),
    waiting: store.outbox.waiting(),
    balance: store.points.balance(member),
  };
}

/** Tries one sale: `undefined` when it is booked whole, else the storage error, with nothing changed. */
function trySale(store: Omit<Store, 'journal'>, n: number): Error | undefined {
  const before = stateOf(store);
  try {
    commitSale(store, n, member);
  } catch (error) {
    if (!isStorageError(error)) throw error;
    expect(error.code).toBe('storage-full');
    expect(stateOf(store)).toEqual(before);
    expect(store.replies.get('pos-1', `key-${n}-12345678`)).toBeUndefined();
    return error;
  }
  expect(stateOf(store)).toMatchObject({ head: { seq: n }, event: n, waiting: n, balance: n * 90 });
  expect(store.replies.get('pos-1', `key-${n}-12345678`)?.reply.seq).toBe(n);
  return undefined;
}

describe('a disk that fills up during a sale', () => {
  test('fails the sale whole at whichever write it is, and the same sale works once there is room', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tillside-full-'));
    const db = openDatabase(join(folder, 'till.db'), randomBytes(32), true);
    migrate(db, MIGRATIONS, 0);
    const store = createStore(
      createConnection(db),
      { tillId: 'till-1' as TillId, incarnation: 'incarnation-1' },
      { random: randomBytes, nowMs: () => TEST_NOW_MS },
    );
    const failedIn = new Set<string>();
    for (let n = 1; n <= SALES; n++) {
      for (let room = 0; ; room++) {
        db.pragma(`max_page_count = ${Number(db.pragma('page_count', { simple: true })) + room}`);
        const error = trySale(store, n);
        if (error === undefined) break;
        failedIn.add(/repositories\/([a-z-]+)\.ts/.exec(error.stack ?? '')?.[1] ?? 'commit');
      }
    }
    expect([...failedIn].sort()).toEqual(['events', 'ledger', 'outbox', 'points', 'replies']);
    expect(verifyChain(ledgerCrypto.hash, store.ledger.after(0, SALES))).toMatchObject({
      ok: true,
      value: { seq: SALES },
    });
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    store.close();
    rmSync(folder, { recursive: true });
  });

  test('takes nothing more in a transaction that lost a write, even from work that ignores the error', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tillside-full-'));
    const db = openDatabase(join(folder, 'till.db'), randomBytes(32), true);
    migrate(db, MIGRATIONS, 0);
    const connection = createConnection(db);
    const set = connection.statement('INSERT INTO meta VALUES (?, ?)');
    db.pragma(`max_page_count = ${Number(db.pragma('page_count', { simple: true }))}`);
    const work = () =>
      connection.transaction(() => {
        expect(() => set.run('big', 'x'.repeat(100_000))).toThrow('storage-full');
        expect(() => set.run('small', 'x')).toThrow('storage-full');
      });
    expect(work).toThrow('storage-full');
    expect(db.prepare('SELECT count(*) AS n FROM meta').get()).toEqual({ n: 0 });
    connection.transaction(() => set.run('small', 'x'));
    connection.close();
    rmSync(folder, { recursive: true });
  });
});

describe.skipIf(!canMount())('a real disk that is full, needing the right to mount', () => {
  test('fails sales whole at every amount of room, keeps the store usable, and a restart finds every sale', () => {
    withTmpfs('4m', (mount) => {
      const dataDir = join(mount, 'data');
      const keyStore = memoryKeyStore();
      const open = () => {
        const opened = openStore({
          dataDir,
          keyStore,
          clock: { now: () => TEST_NOW_MS },
          random: randomBytes,
        });
        if (!opened.ok) throw new Error(`${opened.error.code} ${opened.error.detail}`);
        return opened.value;
      };
      let store = open();
      const ballast = join(mount, 'ballast');
      let [n, failures] = [0, 0];
      for (let kib = 0; kib <= 120; kib += 4) {
        fillBut(ballast, kib);
        while (trySale(store, n + 1) === undefined) n++;
        failures++;
        // A restart on the full disk: the sales so far are there.
        if (kib % 40 === 0) {
          rmSync(ballast);
          store.close();
          store = open();
          expect(store.ledger.head().seq).toBe(n);
        }
        rmSync(ballast, { force: true });
        expect(trySale(store, n + 1)).toBeUndefined();
        n++;
      }
      expect(failures).toBe(31);
      expect(verifyChain(ledgerCrypto.hash, store.ledger.after(0, 10_000))).toMatchObject({
        ok: true,
        value: { seq: n },
      });
      store.close();
    });
  });
});

/** Fills the disk until only `kib` KiB are left. */
function fillBut(ballast: string, kib: number): void {
  rmSync(ballast, { force: true });
  try {
    for (;;) writeFileSync(ballast, Buffer.alloc(4096), { flag: 'a' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
  truncateSync(ballast, Math.max(0, statSync(ballast).size - kib * 1024));
}
