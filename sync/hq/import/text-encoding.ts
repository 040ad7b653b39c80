import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { type ImportFailure, importFailure } from './import-failure.ts';

/** Encodings that exports of Chinese systems come in. GBK and GB2312 are parts of GB18030. */
export const IMPORT_ENCODINGS = ['utf-8', 'gb18030', 'utf-16le', 'utf-16be'] as const;
export type ImportEncoding = (typeof IMPORT_ENCODINGS)[number];

const ALIASES: Readonly<Record<string, ImportEncoding>> = {
  utf8: 'utf-8',
  'utf-8-sig': 'utf-8',
  gbk: 'gb18030',
  gb2312: 'gb18030',
  cp936: 'gb18030',
  'utf-16': 'utf-16le',
  utf16: 'utf-16le',
  unicode: 'utf-16le',
};

/** The encoding that a person means by a name; `undefined` where it is none of ours. */
export function namedEncoding(name: string): ImportEncoding | undefined {
  const plain = name.trim().toLowerCase();
  return IMPORT_ENCODINGS.find((encoding) => encoding === plain) ?? ALIASES[plain];
}

const ZIP = [0x50, 0x4b, 0x03, 0x04];
const OLD_EXCEL = [0xd0, 0xcf, 0x11, 0xe0];

/**
 * Tells an encoding by the file's beginning: byte order mark, then zero bytes (UTF-16 without a mark), then strict
 * UTF-8, then strict GB18030.
 * @param head the first bytes of the file
 * @param sample bytes from near the first one that is not ASCII; may end inside a character
 */
export function detectEncoding(
  head: Uint8Array,
  sample: Uint8Array,
): Result<ImportEncoding, ImportFailure> {
  if (startsWith(head, ZIP) || startsWith(head, OLD_EXCEL)) {
    return err(importFailure('not-text', 'Excel / ZIP'));
  }
  if (startsWith(head, [0xef, 0xbb, 0xbf])) return ok('utf-8');
  if (startsWith(head, [0xff, 0xfe])) return ok('utf-16le');
  if (startsWith(head, [0xfe, 0xff])) return ok('utf-16be');
  const utf16 = byZeroBytes(head);
  if (utf16 !== null) return utf16;
  if (decodes(sample, 'utf-8')) return ok('utf-8');
  if (decodes(sample, 'gb18030')) return ok('gb18030');
  return err(importFailure('encoding-unknown', ''));
}

/** Zero bytes stand at odd places in little-endian UTF-16 and at even ones in big-endian; elsewhere they mean binary. */
function byZeroBytes(head: Uint8Array): Result<ImportEncoding, ImportFailure> | null {
  let even = 0;
  let odd = 0;
  for (const [index, byte] of head.entries()) {
    if (byte !== 0) continue;
    if (index % 2 === 0) even += 1;
    else odd += 1;
  }
  if (even + odd === 0) return null;
  if (even === 0) return ok('utf-16le');
  if (odd === 0) return ok('utf-16be');
  return err(importFailure('not-text', 'NUL'));
}

function decodes(sample: Uint8Array, encoding: ImportEncoding): boolean {
  try {
    // `stream` forgives a character that the sample's end cuts through.
    new TextDecoder(encoding, { fatal: true }).decode(sample, { stream: true });
    return true;
  } catch {
    // A fatal decoder throws for exactly that reason: these bytes are not in this encoding.
    return false;
  }
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}
