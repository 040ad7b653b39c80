import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MARK_ENDING } from '../../store/ledger-mark.ts';
import { POINTER_FILE } from '../../store/pointer.ts';
import type { Chance } from './chance.ts';

/** Bytes of a frame's header in SQLite's log, and of its own header; https://sqlite.org/walformat.html */
const FRAME_HEADER_BYTES = 24;
const LOG_HEADER_BYTES = 32;
const PAGE_BYTES = 4_096;

/**
 * Power failed while a transaction was written: behind what was flushed lies a part of it.
 * @returns what it did, for the trace
 */
export function tearLog(dataDir: string, chance: Chance): string {
  const log = `${databaseIn(dataDir)}-wal`;
  if (!existsSync(log)) return 'no log to tear';
  const bytes = readFileSync(log);
  if (bytes.length < LOG_HEADER_BYTES) return 'no log to tear';
  const frame = Buffer.from(chance.bytes(FRAME_HEADER_BYTES + PAGE_BYTES));
  // Of this generation, as far as its salt says; its sum is that of no frame.
  bytes.copy(frame, 8, 16, 24);
  const part = frame.subarray(0, chance.between(1, frame.length));
  appendFileSync(log, part);
  return `log torn ${part.length} bytes behind its end`;
}

/** One bit of the database, its log or the mark flips. @returns what it did, for the trace */
export function flipBit(dataDir: string, chance: Chance): string {
  const database = databaseIn(dataDir);
  const files = ['', '-wal', MARK_ENDING]
    .map((ending) => database + ending)
    .filter((file) => existsSync(file) && readFileSync(file).length > 0);
  const file = chance.pick(files);
  const bytes = readFileSync(file);
  const at = chance.below(bytes.length);
  const bit = chance.below(8);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  writeFileSync(file, bytes);
  return `bit ${bit} of byte ${at} of ${bytes.length} flipped in ${file.slice(database.length) || 'the database'}`;
}

function databaseIn(dataDir: string): string {
  const pointer = JSON.parse(readFileSync(join(dataDir, POINTER_FILE), 'utf8')) as { file: string };
  return join(dataDir, pointer.file);
}
