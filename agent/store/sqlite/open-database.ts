import Database from 'better-sqlite3';
import { LOG_ALONE_PAGES, LOG_KEPT_BYTES } from '../checkpoint/log-pages.ts';

/** Bytes of the database key: AES-256. */
export const DATABASE_KEY_BYTES = 32;

/** How long a statement waits for another process's lock, in milliseconds. */
export const BUSY_TIMEOUT_MS = 2_000;

/** Page cache in KiB: the inner pages of the indexes over a million members stay decrypted in memory. */
const CACHE_KIB = 65_536;

/**
 * Opens the encrypted file and sets up the connection; throws SQLite's own errors.
 *
 * The cipher is SQLCipher 4's: AES-256-CBC with HMAC-SHA512 over each page and its number. The key goes in raw
 * (`x'hex'`), so that no password derivation slows the start; it is random, a derivation would add nothing.
 */
export function openDatabase(file: string, key: Uint8Array, create: boolean): Database.Database {
  const db = new Database(file, { fileMustExist: !create, timeout: BUSY_TIMEOUT_MS });
  try {
    setKey(db, key);
    setUp(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function setKey(db: Database.Database, key: Uint8Array): void {
  db.pragma(`cipher='sqlcipher'`);
  db.pragma('legacy=4');
  db.pragma(`key="x'${Buffer.from(key).toString('hex')}'"`);
}

/** The settings of every connection to a till's database, apart from its key. */
export function setUp(db: Database.Database): void {
  db.pragma('page_size=4096');
  db.pragma('journal_mode=WAL');
  db.pragma('synchronous=FULL');
  db.pragma('foreign_keys=ON');
  db.pragma('secure_delete=ON');
  db.pragma('temp_store=MEMORY');
  // Without it, INSERT OR REPLACE would delete rows behind the back of the triggers that keep the ledger append-only.
  db.pragma('recursive_triggers=ON');
  db.pragma('trusted_schema=OFF');
  db.pragma('cell_size_check=ON');
  db.pragma(`cache_size=-${CACHE_KIB}`);
  db.pragma(`wal_autocheckpoint=${LOG_ALONE_PAGES}`);
  db.pragma(`journal_size_limit=${LOG_KEPT_BYTES}`);
}
