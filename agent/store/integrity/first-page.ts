import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { writeDurably } from '../durable-file.ts';
import { PAGE_BYTES } from './page-code.ts';

/** Ending of the copy of a database's first page. */
export const FIRST_PAGE_ENDING = '.first';

/**
 * Keeps the first page of a database beside it, encrypted as it is: salt, header and where each table begins, without
 * which nothing of the file can be found. Tables do not move, so that an older copy will do as long as the schema is the
 * same. A full disk keeps the copy from being made, and the till sells all the same.
 */
export function keepFirstPage(file: string, db: Database.Database): void {
  try {
    db.pragma('wal_checkpoint(PASSIVE)');
    const page = readFirstPage(file);
    const kept = keptFirstPage(file);
    if (kept?.equals(page) === true) return;
    writeDurably(`${file}${FIRST_PAGE_ENDING}`, page.toString('base64'), 0o600);
  } catch (error) {
    // The next start tries again; what is wrong with the disk is said where it is written to for a sale.
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}

/** The copy of a first page; nothing where there is none that is whole. */
export function keptFirstPage(file: string): Buffer | undefined {
  const path = `${file}${FIRST_PAGE_ENDING}`;
  if (!existsSync(path)) return undefined;
  const page = Buffer.from(readFileSync(path, 'utf8'), 'base64');
  return page.length === PAGE_BYTES ? page : undefined;
}

function readFirstPage(file: string): Buffer {
  const page = Buffer.alloc(PAGE_BYTES);
  const handle = openSync(file, 'r');
  try {
    readSync(handle, page, 0, PAGE_BYTES, 0);
  } finally {
    closeSync(handle);
  }
  return page;
}
