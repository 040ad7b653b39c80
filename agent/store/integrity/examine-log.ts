import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { keptPages } from './first-page.ts';
import { type MendedLog, mendLog } from './mend-log.ts';
import { createPageCode, findSalt, PAGE_BYTES, SALT_BYTES } from './page-code.ts';

/** First pages of a file that are asked for its salt. */
export const SALT_PAGES = 8;

/**
 * What is wrong with the log of a database that nobody has open; nothing where SQLite would read all that was flushed, and
 * where there is no log. Only a till that was killed has one, so most starts cost nothing.
 */
export function examineLog(file: string, key: Uint8Array): MendedLog | undefined {
  const log = `${file}-wal`;
  if (!existsSync(log) || statSync(log).size === 0) return undefined;
  const salt = saltOf(file, key);
  return salt === undefined ? undefined : mendLog(readFileSync(log), createPageCode(key, salt));
}

/** The salt of a database file, see {@link findSalt}. */
export function saltOf(file: string, key: Uint8Array): Uint8Array | undefined {
  return findSalt(key, firstPages(file), keptPages(file).get(1)?.subarray(0, SALT_BYTES));
}

function firstPages(file: string): Uint8Array[] {
  const count = Math.min(SALT_PAGES, Math.floor(statSync(file).size / PAGE_BYTES));
  const handle = openSync(file, 'r');
  try {
    return Array.from({ length: count }, (_, i) => {
      const page = Buffer.alloc(PAGE_BYTES);
      readSync(handle, page, 0, PAGE_BYTES, i * PAGE_BYTES);
      return page;
    });
  } finally {
    closeSync(handle);
  }
}
