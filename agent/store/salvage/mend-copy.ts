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
import { keptPages } from '../integrity/first-page.ts';
import { type MendedLog, mendLog, pagesOfLog } from '../integrity/mend-log.ts';
import { createPageCode, PAGE_BYTES, type PageCode, SALT_BYTES } from '../integrity/page-code.ts';

/** Pages whose flipped bit is looked for, at most: each takes half a second, and somebody waits. */
export const MEND_PAGES_MAX = 8;

/** What a copy of a damaged database has become. */
export interface MendedCopy {
  /**
   * Pages and frames of the log whose flipped bit was found and put right, and pages of the schema that were taken from the
   * copy that was kept beside; proved by the page's code.
   */
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
  const pages = mendPages(copy, code, pagesOfLog(whole), salt, keptPages(file));
  return { ...pages, mendedFrames: mended?.mended ?? [], lostFrames: mended?.broken ?? [] };
}

function mendPages(
  copy: string,
  code: PageCode,
  replaced: ReadonlySet<number>,
  salt: Uint8Array,
  kept: ReadonlyMap<number, Buffer>,
): Pick<MendedCopy, 'mendedPages' | 'lostPages' | 'firstPageKept'> {
  const mendedPages: number[] = [];
  const lostPages: number[] = [];
  let isFirstKept = false;
  const handle = openSync(copy, 'r+');
  try {
    const found = Math.floor(fstatSync(handle).size / PAGE_BYTES);
    const page = Buffer.alloc(PAGE_BYTES);
    const read = (no: number): void =>
      void readSync(handle, page, 0, PAGE_BYTES, (no - 1) * PAGE_BYTES);
    const write = (bytes: Uint8Array, no: number): void =>
      void writeSync(handle, bytes, 0, PAGE_BYTES, (no - 1) * PAGE_BYTES);

    read(1);
    const first = mendFirst(page, { code, salt, kept: kept.get(1), found });
    if (first === 'mended') mendedPages.push(1);
    if (first === 'lost') lostPages.push(1);
    else write(page, 1);
    const pages = first === 'lost' ? found : Math.max(found, code.filePages(page));
    const schema = first === 'lost' ? new Map<number, Buffer>() : schemaKept(kept, page, code);

    isFirstKept = first === 'kept';
    let searched = first === 'whole' ? 0 : 1;
    for (let no = 2; no <= pages; no++) {
      if (no <= found) read(no);
      const isThere = no <= found && !(schema.has(no) && page.every((byte) => byte === 0));
      if (isThere && code.fits(page, no)) continue;
      // A newer form lies in the log; what is here was on its way when the power went.
      if (replaced.has(no)) continue;
      const copied = schema.get(no);
      const isMended =
        copied === undefined && isThere && searched++ < MEND_PAGES_MAX && code.mendBit(page, no);
      if (copied === undefined && !isMended) {
        lostPages.push(no);
        continue;
      }
      mendedPages.push(no);
      write(copied ?? page, no);
    }
    // SQLite opens no file that is shorter than it says; what is cut off is lost unless it lies in the log.
    if (pages > found) ftruncateSync(handle, pages * PAGE_BYTES);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  return { mendedPages, lostPages, firstPageKept: isFirstKept };
}

/** Puts page 1 right in place: of a flipped bit, else from the copy of it. */
function mendFirst(
  page: Buffer,
  {
    code,
    salt,
    kept,
    found,
  }: {
    readonly code: PageCode;
    readonly salt: Uint8Array;
    readonly kept: Buffer | undefined;
    readonly found: number;
  },
): 'whole' | 'mended' | 'kept' | 'lost' {
  const saltDiffers = !page.subarray(0, SALT_BYTES).equals(salt);
  if (saltDiffers) page.set(salt);
  if (code.fits(page, 1)) return saltDiffers ? 'mended' : 'whole';
  if (code.mendBit(page, 1)) return 'mended';
  if (kept === undefined || !code.fits(kept, 1)) return 'lost';
  page.set(code.firstPageFor(kept, Math.max(found, code.filePages(kept))));
  return 'kept';
}

/** The copies of the schema's pages, unless they are of another schema than the one that page 1 stands for. */
function schemaKept(
  kept: ReadonlyMap<number, Buffer>,
  first: Uint8Array,
  code: PageCode,
): ReadonlyMap<number, Buffer> {
  const own = kept.get(1);
  const isSame =
    own !== undefined && code.fits(own, 1) && code.schemaVersion(own) === code.schemaVersion(first);
  return new Map(isSame ? [...kept].filter(([no, page]) => code.fits(page, no)) : []);
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
