import { closeSync, existsSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type OpenError, type OpenErrorCode, openError } from './open-error.ts';

const BY_SYSTEM_CODE: Readonly<Record<string, OpenErrorCode>> = {
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EROFS: 'disk-read-only',
  EACCES: 'folder-not-writable',
  EPERM: 'folder-not-writable',
  // The path leads through a file, a dead link or a name that is too long.
  ENOTDIR: 'folder-not-writable',
  EEXIST: 'folder-not-writable',
  ENOENT: 'folder-not-writable',
  ENAMETOOLONG: 'folder-not-writable',
  ELOOP: 'folder-not-writable',
  EIO: 'disk-failing',
  // A scanner or a backup program holds the file.
  EBUSY: 'locked',
};

const BY_SQLITE_CODE: readonly (readonly [string, OpenErrorCode])[] = [
  ['SQLITE_FULL', 'disk-full'],
  ['SQLITE_READONLY', 'folder-not-writable'],
  ['SQLITE_BUSY', 'locked'],
  ['SQLITE_LOCKED', 'locked'],
  ['SQLITE_NOTADB', 'database-damaged'],
  ['SQLITE_CORRUPT', 'database-damaged'],
  // Growing the index of the write-ahead log found no room.
  ['SQLITE_IOERR_SHMSIZE', 'disk-full'],
  // A page whose authentication code does not fit is reported like a failed read.
  ['SQLITE_IOERR_SHORT_READ', 'database-damaged'],
  ['SQLITE_IOERR', 'disk-failing'],
];

/**
 * The open error behind what the file system or SQLite threw; an error of neither is a broken invariant and is thrown.
 * @param path what was being worked on, for the detail
 */
export function classifyOpenFailure(error: unknown, path: string): OpenError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const isSqlite = (name: string): boolean => code === name || code.startsWith(`${name}_`);
  const known =
    BY_SYSTEM_CODE[code] ??
    BY_SQLITE_CODE.find(([name]) => isSqlite(name))?.[1] ??
    (isSqlite('SQLITE_CANTOPEN') ? whyNoFile(path) : undefined);
  if (known === undefined) throw error;
  return openError(known, `${path}: ${code}`, error);
}

/** SQLite does not say why it could not open or make a file; the system says it of one that is tried beside. */
function whyNoFile(path: string): OpenErrorCode {
  const folder = existsSync(path) && statSync(path).isDirectory() ? path : dirname(path);
  const probe = join(folder, '.tillside-probe');
  try {
    closeSync(openSync(probe, 'w', 0o600));
    rmSync(probe);
    return 'folder-not-writable';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return BY_SYSTEM_CODE[code] ?? 'folder-not-writable';
  }
}
