import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { type ImportFailure, importFailure } from './import-failure.ts';
import { IMPORT_CHUNK_BYTES, IMPORT_MARK_BYTES, IMPORT_SAMPLE_BYTES } from './limits.ts';
import { detectEncoding, type ImportEncoding } from './text-encoding.ts';

/** A text file opened for reading from its start. */
export interface FileText {
  readonly encoding: ImportEncoding;
  readonly sizeBytes: number;
  /** SHA-256 over the first and last part and the size: tells whether this is the same file as before. */
  readonly mark: string;
  /** Bytes read so far. */
  bytesRead(): number;
  /** Decoded text, piece by piece; damaged characters come as U+FFFD. */
  chunks(): AsyncGenerator<string>;
  close(): Promise<void>;
}

/**
 * Opens a file and tells its encoding, unless `encoding` names it.
 * @returns why not, in a form that says what to do
 */
export async function openFileText(
  path: string,
  encoding?: ImportEncoding,
): Promise<Result<FileText, ImportFailure>> {
  let file: FileHandle;
  let sizeBytes: number;
  try {
    file = await open(path, 'r');
    sizeBytes = (await file.stat()).size;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return err(importFailure('file-unreadable', why));
  }
  const opened = await read(file, sizeBytes, encoding);
  if (!opened.ok) await file.close();
  return opened;
}

async function read(
  file: FileHandle,
  sizeBytes: number,
  named: ImportEncoding | undefined,
): Promise<Result<FileText, ImportFailure>> {
  if (sizeBytes === 0) return err(importFailure('file-empty', ''));
  let head: Uint8Array;
  let tail: Uint8Array;
  let sample: Uint8Array;
  try {
    head = await readAt(file, 0, IMPORT_MARK_BYTES);
    tail = await readAt(file, Math.max(0, sizeBytes - IMPORT_MARK_BYTES), IMPORT_MARK_BYTES);
    sample = named === undefined ? await firstOddBytes(file, sizeBytes) : new Uint8Array();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return err(importFailure('file-unreadable', why));
  }
  const encoding = named === undefined ? detectEncoding(head, sample) : ok(named);
  if (!encoding.ok) return encoding;
  let bytesRead = 0;
  return ok({
    encoding: encoding.value,
    sizeBytes,
    mark: createHash('sha256').update(head).update(tail).update(String(sizeBytes)).digest('hex'),
    bytesRead: () => bytesRead,
    async *chunks() {
      // Not fatal: a row with damaged characters is refused by itself, with its number.
      const decoder = new TextDecoder(encoding.value);
      const buffer = Buffer.allocUnsafe(IMPORT_CHUNK_BYTES);
      for (;;) {
        const { bytesRead: got } = await file.read(buffer, 0, buffer.length, bytesRead);
        if (got === 0) break;
        bytesRead += got;
        yield decoder.decode(buffer.subarray(0, got), { stream: true });
      }
      yield decoder.decode();
    },
    close: () => file.close(),
  });
}

/** A sample from the first byte that is not ASCII; a table may hold plain digits for megabytes before its first name. */
async function firstOddBytes(file: FileHandle, sizeBytes: number): Promise<Uint8Array> {
  for (let at = 0; at < sizeBytes; at += IMPORT_SAMPLE_BYTES) {
    const bytes = await readAt(file, at, IMPORT_SAMPLE_BYTES);
    const odd = bytes.findIndex((byte) => byte >= 0x80);
    if (odd >= 0) return readAt(file, at + odd, IMPORT_SAMPLE_BYTES);
  }
  return new Uint8Array();
}

async function readAt(file: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, at + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
