import type { StorageError } from '../store.ts';

/** SQLite's primary result codes that mean trouble with the disk or the file and not with our own statement. */
const FAILING = [
  'IOERR',
  'READONLY',
  'CORRUPT',
  'NOTADB',
  'CANTOPEN',
  'BUSY',
  'LOCKED',
  'PROTOCOL',
  'NOLFS',
];

/** No room for data, or for the index of the write-ahead log. */
const NO_ROOM = ['SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE'];

/** The extended result code of an error that SQLite raised, such as `SQLITE_IOERR_WRITE`, or nothing. */
export function sqliteCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string')
    return undefined;
  return error.code.startsWith('SQLITE_') ? error.code : undefined;
}

/** What SQLite says of a page that is not ours, not in its place, or not what the pages around it expect. */
const DAMAGED = ['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_IOERR_SHORT_READ'];

/** Whether an error of SQLite says that the file is damaged, which trying again does not mend. */
export function isDamage(error: unknown): boolean {
  const code = sqliteCode(error);
  return DAMAGED.some((name) => code === name || code?.startsWith(`${name}_`) === true);
}

/** The code of an error that says that the file is damaged; throws any other: that says nothing about a page. */
export function damageCode(error: unknown): string {
  if (!isDamage(error)) throw error;
  return String(sqliteCode(error));
}

/** Whether a thrown value is the store's own report of a full or failing disk. */
export function isStorageError(error: unknown): error is StorageError {
  return error instanceof Error && error.name === 'StorageError';
}

/**
 * What to throw for `error`: a {@link StorageError} where the disk or the file is at fault, else the error itself,
 * which then is a broken invariant of ours (a constraint, a misuse) and ends the process.
 */
export function toThrown(error: unknown): unknown {
  const code = sqliteCode(error);
  if (code === undefined) return error;
  if (NO_ROOM.includes(code)) return storageError('storage-full', code, error);
  const failing = FAILING.some(
    (name) => code === `SQLITE_${name}` || code.startsWith(`SQLITE_${name}_`),
  );
  return failing ? storageError('storage-failed', code, error) : error;
}

function storageError(code: StorageError['code'], sqlite: string, cause: unknown): StorageError {
  const error = new Error(`${code}: ${sqlite}`, { cause });
  return Object.assign(error, { name: 'StorageError' as const, code });
}
