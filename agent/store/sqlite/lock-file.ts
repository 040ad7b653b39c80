import Database from 'better-sqlite3';

/** A file held by this process alone, until it lets go or ends. */
export interface LockedFile {
  release(): void;
}

/**
 * Holds a file exclusively, or throws SQLite's own error (`SQLITE_BUSY` where somebody else has it); never waits.
 *
 * An exclusive transaction on an empty SQLite file is a lock of the operating system on every platform: it goes with
 * the process, however that ends, so nobody has to judge whether a lock is stale.
 */
export function lockFile(path: string): LockedFile {
  const db = new Database(path, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    throw error;
  }
  return { release: () => void db.close() };
}
