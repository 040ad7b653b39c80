import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { saltOf } from '../integrity/examine-log.ts';
import { keptFirstPage } from '../integrity/first-page.ts';
import { type MendedLog, mendLog, pagesOfLog } from '../integrity/mend-log.ts';
import { createPageCode, PAGE_BYTES, type PageCode, SALT_BYTES } from '../integrity/page-code.ts';

/** Pages whose flipped bit is looked for, at most: each takes half a second, and somebody waits. */
export const MEND_PAGES_MAX = 8;

/** What a copy of a damaged database has become. */
export interface MendedCopy {
  /** Pages and frames of the log whose flipped bit was found and put right, proved by the page's code. */
  readonly mendedPages: readonly number[];
  readonly mendedFrames: readonly number[];
  /** Pages that cannot be read. */
  readonly lostPages: readonly number[];
  readonly lostFrames: readonly number[];
  /** Whether page 1 was taken from the copy that was kept beside. */
  readonly firstPageKept: boolean;
}

/**
 * Copies a damaged database and its log to `copy` and puts right there what can be put right without doubt. The original is
 * not touched. A page that the disk does not give is copied as zeros. Throws the system's errors other than of reading.
 * @param examined the log, where it was put right already
 */
export function mendCopy(
  file: string,
  copy: string,
  key: Uint8Array,
  examined?: MendedLog,
): MendedCopy {
  copyReadable(file, copy);
  const salt = saltOf(file, key);
  const log = existsSync(`${file}-wal`) ? readFileSync(`${file}-wal`) : Buffer.alloc(0);
  if (salt === undefined) {
    writeFileSync(`${copy}-wal`, log, { mode: 0o600 });
    return {
      mendedPages: [],
      mendedFrames: [],
      lostPages: [1],
      lostFrames: [],
      firstPageKept: false,
    };
  }
  const code = createPageCode(key, salt);
  const mended = examined ?? mendLog(log, code);
  const whole = mended?.bytes ?? log;
  if (whole.length > 0) writeFileSync(`${copy}-wal`, whole, { mode: 0o600 });
  const pages = mendPages(copy, code, pagesOfLog(whole), salt, keptFirstPage(file));
  return { ...pages, mendedFrames: mended?.mended ?? [], lostFrames: mended?.broken ?? [] };
}

function mendPages(
  copy: string,
  code: PageCode,
  replaced: ReadonlySet<number>,
  salt: Uint8Array,
  kept: Buffer | undefined,
): Pick<MendedCopy, 'mendedPages' | 'lostPages' | 'firstPageKept'> {
  const mendedPages: number[] = [];
  const lostPages: number[] = [];
  let firstPageKept = false;
  const handle = openSync(copy, 'r+');
  try {
    const pages = Math.floor(fstatSync(handle).size / PAGE_BYTES);
    const page = Buffer.alloc(PAGE_BYTES);
    let stated = pages;
    for (let no = 1; no <= pages; no++) {
      readSync(handle, page, 0, PAGE_BYTES, (no - 1) * PAGE_BYTES);
      const saltDiffers = no === 1 && !page.subarray(0, SALT_BYTES).equals(salt);
      if (saltDiffers) page.set(salt);
      const fits = code.fits(page, no);
      if (no === 1 && fits) stated = code.filePages(page);
      if (fits && !saltDiffers) continue;
      const tries = mendedPages.length + lostPages.length < MEND_PAGES_MAX;
      // A newer form lies in the log; what is here was on its way when the power went.
      if (!fits && replaced.has(no) && no !== 1) continue;
      if (fits || (tries && code.mendBit(page, no))) mendedPages.push(no);
      else if (no === 1 && kept !== undefined && code.fits(kept, 1)) {
        page.set(code.firstPageFor(kept, pages));
        firstPageKept = true;
      } else {
        lostPages.push(no);
        continue;
      }
      writeSync(handle, page, 0, PAGE_BYTES, (no - 1) * PAGE_BYTES);
    }
    // SQLite opens no file that is shorter than it says; what is cut off is lost unless it lies in the log.
    if (stated > pages) ftruncateSync(handle, stated * PAGE_BYTES);
    for (let no = pages + 1; no <= stated; no++) if (!replaced.has(no)) lostPages.push(no);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  return { mendedPages, lostPages, firstPageKept };
}

/** Copies a file, page by page where the disk refuses some of it. */
function copyReadable(from: string, to: string): void {
  try {
    return copyFileSync(from, to);
  } catch (error) {
    const isReading = error instanceof Error && 'code' in error && error.code === 'EIO';
    if (!isReading) throw error;
  }
  const source = openSync(from, 'r');
  const target = openSync(to, 'w', 0o600);
  try {
    const page = Buffer.alloc(PAGE_BYTES);
    for (let at = 0; at < fstatSync(source).size; at += PAGE_BYTES) {
      try {
        readSync(source, page, 0, PAGE_BYTES, at);
      } catch {
        // A sector that is gone: its page will not fit its code, and is told as lost.
        page.fill(0);
        page[0] = 1;
      }
      writeSync(target, page, 0, PAGE_BYTES, at);
    }
  } finally {
    closeSync(source);
    closeSync(target);
  }
}
