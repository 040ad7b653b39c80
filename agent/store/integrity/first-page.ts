import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { writeDurably } from '../durable-file.ts';
import { PAGE_BYTES } from './page-code.ts';

/** Ending of the copy of a database's first page and of its schema's. */
export const FIRST_PAGE_ENDING = '.first';

const KEPT_LINE = /^([1-9]\d*) ([A-Za-z0-9+/]+=*)$/;

/**
 * Keeps the first page of a database and the pages of its schema beside it, encrypted as they are: salt, header, and which
 * tables there are and where each begins, without which nothing of the file can be found. Tables do not move, so that an
 * older copy will do as long as the schema is the same. SQLite has just read and proved these pages. A full disk keeps the
 * copy from being made, and the till sells all the same.
 */
export function keepFirstPage(file: string, db: Database.Database): void {
  try {
    const moved = db.pragma('wal_checkpoint(PASSIVE)') as Checkpointed[];
    // What lies in the log alone cannot be read from the file; the next start keeps it.
    if (moved.some(({ log, checkpointed }) => log !== checkpointed)) return;
    const lines = readPages(file, schemaPagesOf(db));
    const path = `${file}${FIRST_PAGE_ENDING}`;
    if (existsSync(path) && readFileSync(path, 'utf8') === lines) return;
    writeDurably(path, lines, 0o600);
  } catch (error) {
    // The next start tries again; what is wrong with the disk is said where it is written to for a sale.
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}

interface Checkpointed {
  readonly log: number;
  readonly checkpointed: number;
}

/** The copies that were kept, by the number of the page. None is proved: the page's code does that. */
export function keptPages(file: string): ReadonlyMap<number, Buffer> {
  const path = `${file}${FIRST_PAGE_ENDING}`;
  const kept = new Map<number, Buffer>();
  if (!existsSync(path)) return kept;
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [, no, text] = KEPT_LINE.exec(line) ?? [];
    const page = Buffer.from(text ?? '', 'base64');
    if (page.length === PAGE_BYTES) kept.set(Number(no), page);
  }
  return kept;
}

/** Page 1 is the root of the schema's tree. */
function schemaPagesOf(db: Database.Database): number[] {
  return db
    .prepare<[], number>(`SELECT pageno FROM dbstat WHERE name = 'sqlite_schema' ORDER BY pageno`)
    .pluck()
    .all();
}

/** A line for each page. */
function readPages(file: string, pages: readonly number[]): string {
  const page = Buffer.alloc(PAGE_BYTES);
  const handle = openSync(file, 'r');
  try {
    return pages
      .map((no) => {
        readSync(handle, page, 0, PAGE_BYTES, (no - 1) * PAGE_BYTES);
        return `${no} ${page.toString('base64')}\n`;
      })
      .join('');
  } finally {
    closeSync(handle);
  }
}
