import { hkdfSync } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { assert, type TemplateId } from '../../contract/index.ts';
import { TEMPLATE_KEY_BYTES } from '../face-seal.ts';
import { BUSY_TIMEOUT_MS, DATABASE_KEY_BYTES } from '../sqlite/open-database.ts';
import { isDamage, toThrown } from '../sqlite/storage-error.ts';
import { destroyFile, overwriteFile } from './overwrite-file.ts';
import type { KeyEnd, KeyEndReason, TemplateKeys } from './template-keys.ts';

/** Sets the key of this file apart from every other that is derived from the database key (RFC 5869, `info`). */
const KEY_INFO = 'tillside/template-keys/1';
const JOURNAL_ENDING = '-journal';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS keys (id TEXT PRIMARY KEY, key BLOB NOT NULL CHECK (length(key) = 32)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS erased (id TEXT PRIMARY KEY, reason TEXT NOT NULL, at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;

/** The key store of templates, and whether a damaged one had to be destroyed first: all keys in it are gone then. */
export interface OpenedTemplateKeys {
  readonly keys: TemplateKeys;
  readonly wasDestroyed: boolean;
}

/**
 * Opens the keys of templates, or makes the file. It is small, and holds nothing but keys and which of them are destroyed.
 * One that is damaged, or of another database, cannot be mended: it is overwritten and made anew, since a copy set aside
 * would keep keys that somebody may yet want destroyed. Throws the errors of the disk.
 * @param file outside the data folder
 * @param databaseKey of the till's database, 32 bytes
 */
export function openTemplateKeys(file: string, databaseKey: Uint8Array): OpenedTemplateKeys {
  const key = Buffer.from(
    hkdfSync('sha256', databaseKey, new Uint8Array(0), KEY_INFO, DATABASE_KEY_BYTES),
  );
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    return { keys: createTemplateKeys(openFile(file, key)), wasDestroyed: false };
  } catch (error) {
    if (!isDamage(error)) throw toThrown(error);
    destroyFile(file + JOURNAL_ENDING);
    destroyFile(file);
    return { keys: createTemplateKeys(openFile(file, key)), wasDestroyed: true };
  }
}

function openFile(file: string, key: Buffer): Database.Database {
  const isFresh = !existsSync(file);
  const db = new Database(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    // Windows keeps rights in lists that the user's own folder already narrows.
    if (isFresh && process.platform !== 'win32') chmodSync(file, 0o600);
    db.pragma(`cipher='sqlcipher'`);
    db.pragma('legacy=4');
    db.pragma(`key="x'${key.toString('hex')}'"`);
    // The journal stays the same file, so that its bytes can be overwritten where they lie.
    db.pragma('journal_mode=PERSIST');
    db.pragma('synchronous=FULL');
    db.pragma('secure_delete=ON');
    db.pragma('temp_store=MEMORY');
    db.pragma('trusted_schema=OFF');
    db.exec(SCHEMA);
    const check = db.pragma('quick_check(1)', { simple: true });
    if (check !== 'ok') throw Object.assign(new Error(String(check)), { code: 'SQLITE_CORRUPT' });
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Over an open file. */
function createTemplateKeys(db: Database.Database): TemplateKeys {
  const find = db.prepare<[string], { key: Buffer }>('SELECT key FROM keys WHERE id = ?');
  const insert = db.prepare('INSERT INTO keys VALUES (?, ?)');
  const overwrite = db.prepare('UPDATE keys SET key = zeroblob(32) WHERE id = ?');
  const remove = db.prepare('DELETE FROM keys WHERE id = ?');
  const findEnd = db.prepare<[string], { reason: KeyEndReason; at_ms: number }>(
    'SELECT reason, at_ms FROM erased WHERE id = ?',
  );
  const note = db.prepare('INSERT INTO erased VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
  const all = db.prepare<[], { id: TemplateId }>('SELECT id FROM keys ORDER BY id');
  const ended = db.prepare<[], { id: TemplateId }>('SELECT id FROM erased ORDER BY id');

  function guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw toThrown(error);
    }
  }

  function erased(id: TemplateId): KeyEnd | undefined {
    const row = findEnd.get(id);
    return row && { reason: row.reason, atMs: row.at_ms };
  }

  const putOne = db.transaction((id: TemplateId, key: Uint8Array): boolean => {
    if (erased(id) !== undefined) return false;
    const known = find.get(id);
    if (known !== undefined) return known.key.equals(key);
    insert.run(id, Buffer.from(key));
    return true;
  });
  const eraseOne = db.transaction((id: TemplateId, reason: KeyEndReason, atMs: number): void => {
    overwrite.run(id);
    remove.run(id);
    note.run(id, reason, atMs);
  });

  function overwriteJournal(): void {
    try {
      overwriteFile(db.name + JOURNAL_ENDING);
    } catch (cause) {
      const error = new Error('storage-failed: the journal of the keys', { cause });
      throw Object.assign(error, { name: 'StorageError', code: 'storage-failed' });
    }
  }

  // What a till that was killed had yet to overwrite; whatever of it counted was rolled back when the file was opened.
  overwriteJournal();

  return {
    get(id) {
      const row = guarded(() => find.get(id));
      return row && new Uint8Array(row.key);
    },
    put(id, key) {
      assert(key.length === TEMPLATE_KEY_BYTES, 'the key of a template has 32 bytes');
      return guarded(() => putOne.immediate(id, key));
    },
    erase(id, reason, atMs) {
      guarded(() => eraseOne.immediate(id, reason, atMs));
      overwriteJournal();
    },
    erased: (id) => guarded(() => erased(id)),
    ids: () => guarded(() => all.all()).map(({ id }) => id),
    erasedIds: () => guarded(() => ended.all()).map(({ id }) => id),
    close: () => void db.close(),
  };
}
