import { createDecipheriv } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';

/** SQLCipher 4, as `openDatabase` sets it up: pages of 4 KiB that end with IV (16) and HMAC (64); page 1 begins with a salt. */
const PAGE_BYTES = 4_096;
const TAIL_BYTES = 80;
const IV_BYTES = 16;
const SALT_BYTES = 16;
const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/**
 * Everything that the pages of a database and of its write-ahead log hold, decrypted: also what SQLite itself does not
 * look at any more, such as frames of the log that were moved. Each page is cut off from the next.
 */
export function openPages(file: string, key: Uint8Array): Buffer[] {
  const pages: Buffer[] = [];
  const content = readFileSync(file);
  for (let at = 0; at + PAGE_BYTES <= content.length; at += PAGE_BYTES)
    pages.push(openPage(content.subarray(at, at + PAGE_BYTES), at === 0, key));
  const log = existsSync(`${file}-wal`) ? readFileSync(`${file}-wal`) : Buffer.alloc(0);
  const frameBytes = FRAME_HEADER_BYTES + PAGE_BYTES;
  for (let at = WAL_HEADER_BYTES; at + frameBytes <= log.length; at += frameBytes) {
    const page = log.subarray(at + FRAME_HEADER_BYTES, at + frameBytes);
    pages.push(openPage(page, log.readUInt32BE(at) === 1, key));
  }
  return pages;
}

function openPage(page: Buffer, isFirst: boolean, key: Uint8Array): Buffer {
  const end = PAGE_BYTES - TAIL_BYTES;
  const cipher = createDecipheriv('aes-256-cbc', key, page.subarray(end, end + IV_BYTES));
  cipher.setAutoPadding(false);
  return cipher.update(page.subarray(isFirst ? SALT_BYTES : 0, end));
}
