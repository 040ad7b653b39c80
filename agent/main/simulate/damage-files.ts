import {
  appendFileSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { segmentFilesIn } from '../../store/ledger-journal/journal-files.ts';
import { MARK_ENDING } from '../../store/ledger-mark.ts';
import { POINTER_FILE } from '../../store/pointer.ts';
import type { Chance } from './chance.ts';

/** Bytes of a frame's header in SQLite's log, and of its own header; https://sqlite.org/walformat.html */
const FRAME_HEADER_BYTES = 24;
const LOG_HEADER_BYTES = 32;
const PAGE_BYTES = 4_096;
const FRAME_BYTES = FRAME_HEADER_BYTES + PAGE_BYTES;
/** Where SQLite's index of the log says how many frames were moved into the database; https://sqlite.org/walformat.html */
const MOVED_AT = 96;
/** Share of the cuts that take the latest commits only, and how many frames they take at most. */
const CUT_SHORT = 0.6;
const SHORT_FRAMES = 60;

/**
 * Power failed while a transaction was written: behind what was flushed lies a part of it.
 * @returns what it did, for the trace
 */
export function tearLog(dataDir: string, chance: Chance): string {
  const log = `${databaseIn(dataDir)}-wal`;
  if (!existsSync(log)) return 'no log to tear';
  const bytes = readFileSync(log);
  if (bytes.length < LOG_HEADER_BYTES) return 'no log to tear';
  const frame = Buffer.from(chance.bytes(FRAME_BYTES));
  // Of this generation, as far as its salt says; its sum is that of no frame.
  bytes.copy(frame, 8, 16, 24);
  const part = frame.subarray(0, chance.between(1, frame.length));
  appendFileSync(log, part);
  return `log torn ${part.length} bytes behind its end`;
}

/**
 * The disk said that the log was flushed, and its end is gone, at the end of a frame or within one. Not what was moved into
 * the database: that lies there.
 * @returns what it did, for the trace
 */
export function cutLog(dataDir: string, chance: Chance): string {
  const database = databaseIn(dataDir);
  const log = `${database}-wal`;
  const frames = existsSync(log) ? framesOf(readFileSync(log)) : 0;
  const most = frames - framesMoved(database);
  if (most <= 0) return 'no log to cut';
  const lost = chance.between(1, chance.happens(CUT_SHORT) ? Math.min(SHORT_FRAMES, most) : most);
  const part = chance.happens(0.5) ? 0 : chance.below(FRAME_BYTES);
  truncateSync(log, LOG_HEADER_BYTES + (frames - lost) * FRAME_BYTES + part);
  return `log cut behind its flush: ${lost} of ${frames} frames are gone, ${part} bytes of the first one stay`;
}

/** Frames of the log's present generation: those that carry its salts. */
function framesOf(log: Buffer): number {
  let frames = 0;
  for (let at = LOG_HEADER_BYTES; at + FRAME_BYTES <= log.length; at += FRAME_BYTES) {
    if (!log.subarray(at + 8, at + 16).equals(log.subarray(16, 24))) break;
    frames += 1;
  }
  return frames;
}

function framesMoved(database: string): number {
  const index = `${database}-shm`;
  if (!existsSync(index) || statSync(index).size < MOVED_AT + 4) return 0;
  return readFileSync(index).readUInt32LE(MOVED_AT);
}

/** The ledger's journal loses its end, a bit or a file. @returns what it did, for the trace */
export function damageJournal(dataDir: string, chance: Chance): string {
  const paths = segmentFilesIn(dataDir)
    .map(({ path }) => path)
    .filter((path) => statSync(path).size > 0);
  if (paths.length === 0) return 'no journal to damage';
  const path = chance.pick(paths);
  const name = basename(path);
  switch (chance.pick(['torn', 'flipped', 'gone'] as const)) {
    case 'torn': {
      const last = paths.at(-1) ?? path;
      const { size } = statSync(last);
      const lost = chance.between(1, size);
      truncateSync(last, size - lost);
      return `${lost} of ${size} bytes torn off the end of ${basename(last)}`;
    }
    case 'flipped':
      return `${flipBitOf(path, chance)} in ${name}`;
    case 'gone':
      rmSync(path);
      return `${name} is gone`;
  }
}

/** One bit of the database, its log or the mark flips. @returns what it did, for the trace */
export function flipBit(dataDir: string, chance: Chance): string {
  const database = databaseIn(dataDir);
  const files = ['', '-wal', MARK_ENDING]
    .map((ending) => database + ending)
    .filter((file) => existsSync(file) && readFileSync(file).length > 0);
  const file = chance.pick(files);
  return `${flipBitOf(file, chance)} in ${file.slice(database.length) || 'the database'}`;
}

function flipBitOf(file: string, chance: Chance): string {
  const bytes = readFileSync(file);
  const at = chance.below(bytes.length);
  const bit = chance.below(8);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  writeFileSync(file, bytes);
  return `bit ${bit} of byte ${at} of ${bytes.length} flipped`;
}

function databaseIn(dataDir: string): string {
  const pointer = JSON.parse(readFileSync(join(dataDir, POINTER_FILE), 'utf8')) as { file: string };
  return join(dataDir, pointer.file);
}
