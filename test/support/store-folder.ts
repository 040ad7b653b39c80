import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { assert, ok, type TillPlace, tillPlaceSchema } from '../../agent/contract/index.ts';
import type { KeyStore } from '../../agent/store/key-store.ts';
import { openStore } from '../../agent/store/open-store.ts';
import { openDatabase } from '../../agent/store/sqlite/open-database.ts';
import type { Store } from '../../agent/store/store.ts';

/** 2026-11-21 08:30 UTC, 16:30 in Shanghai. */
export const TEST_NOW_MS = Date.UTC(2026, 10, 21, 8, 30);

/** A till in a standard store in Shanghai. */
export const TEST_PLACE: TillPlace = tillPlaceSchema.parse({
  tillId: 'till-1',
  store: {
    storeId: 'store-1',
    name: { 'zh-CN': '人民广场店', en: "People's Square" },
    storeTier: 'standard',
    timeZone: 'Asia/Shanghai',
    currency: 'CNY',
  },
});

/** A key store in memory; `key` is what it holds. */
export function memoryKeyStore(key?: Uint8Array): KeyStore & { key: Uint8Array | undefined } {
  const keyStore = {
    key,
    load: () => ok(keyStore.key),
    save(fresh: Uint8Array) {
      keyStore.key = fresh;
      return ok(undefined);
    },
  };
  return keyStore;
}

export interface TestStore {
  /** The store as last opened. */
  store: Store;
  readonly dataDir: string;
  readonly keyStore: KeyStore & { key: Uint8Array | undefined };
  /** Stands still unless a test moves `nowMs`. */
  readonly clock: { nowMs: number; now(): number };
  /** Closes and opens again, as after a restart. */
  reopen(): Store;
  /** Runs `use` on a second connection to the same file, for what no repository would do. */
  withSql<T>(use: (db: Database.Database) => T): T;
}

export interface StoreFolder extends TestStore {
  /** Closes the store and removes the folder. */
  close(): void;
}

/** A store of its own on a real encrypted file in a temporary folder; whoever opens it closes it. */
export function openStoreFolder({ place = TEST_PLACE }: { place?: TillPlace } = {}): StoreFolder {
  const dataDir = mkdtempSync(join(tmpdir(), 'tillside-store-'));
  const keyStore = memoryKeyStore();
  const clock = { nowMs: TEST_NOW_MS, now: () => clock.nowMs };
  const open = (): Store => {
    const result = openStore({ dataDir, keyStore, clock, random: randomBytes, place });
    assert(
      result.ok,
      `the test store opens: ${result.ok ? '' : `${result.error.code} ${result.error.detail}`}`,
    );
    return result.value;
  };
  const till: StoreFolder = {
    store: open(),
    dataDir,
    keyStore,
    clock,
    reopen() {
      till.store.close();
      till.store = open();
      return till.store;
    },
    withSql(use) {
      const { file } = JSON.parse(readFileSync(join(dataDir, 'live.json'), 'utf8')) as {
        file: string;
      };
      const db = openDatabase(join(dataDir, file), keyStore.key ?? new Uint8Array(), false);
      try {
        return use(db);
      } finally {
        db.close();
      }
    },
    close() {
      till.store.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
  return till;
}
