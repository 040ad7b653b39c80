import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result, toInstant } from '../../contract/index.ts';
import { classifyOpenFailure } from '../classify-open-failure.ts';
import { COMPANIONS } from '../data-folder.ts';
import { writeDurably } from '../durable-file.ts';
import type { MendedLog } from '../integrity/mend-log.ts';
import { createJournalCipher } from '../ledger-journal/journal-cipher.ts';
import { tryReadJournal } from '../ledger-journal/recover-journal.ts';
import { MARK_ENDING, readMark } from '../ledger-mark.ts';
import { type OpenError, openError } from '../open-error.ts';
import { keyFits, type Pointer, readPointer, writePointer } from '../pointer.ts';
import { createMeta } from '../repositories/meta.ts';
import { createConnection } from '../sqlite/connection.ts';
import { openDatabase } from '../sqlite/open-database.ts';
import { sqliteCode } from '../sqlite/storage-error.ts';
import { readIdentity } from '../store-identity.ts';
import { copyRows } from './copy-rows.ts';
import { isUnreadable } from './copy-table.ts';
import { clearDamage } from './damage-note.ts';
import { mendCopy } from './mend-copy.ts';
import type { SalvageReport } from './salvage-report.ts';
import { LAST_SALVAGE, settleDatabase } from './settle-database.ts';
import type { JournalOf } from './settle-salvaged.ts';

const FILE_ID_BYTES = 8;
/**
 * How long a salvage waits for a program that holds the journal, in milliseconds. Without the journal entries would be lost
 * that it has, so that this is longer than at an ordinary start.
 */
export const SALVAGE_HELD_WAIT_MS = 30_000;

export interface SalvageOptions {
  readonly dataDir: string;
  readonly key: Uint8Array;
  readonly nowMs: number;
  /** Cryptographically strong random bytes. */
  readonly random: (bytes: number) => Uint8Array;
  /** What the opening found in the log. */
  readonly examined?: MendedLog | undefined;
  /** How long is waited for a program that holds the journal; absent = {@link SALVAGE_HELD_WAIT_MS}. */
  readonly heldWaitMs?: number | undefined;
}

/** Another program holds the journal. */
class JournalHeld extends Error {}

/**
 * Brings a damaged database back, in a second file beside it. Where every damaged page can be put right without doubt the
 * mended copy becomes the live database; else a fresh one is made and all that can be read is copied into it, row by row.
 * The damaged file and its log are not touched, and are set aside at the next opening that finds the other one whole. A
 * kill before the pointer is written leaves everything as it was, and so does a journal that another program holds: what it
 * alone has would be lost for good. Only while no till has the folder open.
 */
export function salvageFolder(options: SalvageOptions): Result<SalvageReport, OpenError> {
  const { dataDir, key, random } = options;
  try {
    const read = readPointer(dataDir);
    if (!read.ok) return read;
    const pointer = read.value;
    if (pointer?.state !== 'live') return err(openError('database-missing', dataDir));
    // With another key every page would look damaged.
    if (!keyFits(pointer, key)) return err(openError('key-wrong', join(dataDir, pointer.file)));
    const damaged = join(dataDir, pointer.file);
    if (!existsSync(damaged)) return err(openError('database-missing', damaged));
    const fresh = (): string => `till-${Buffer.from(random(FILE_ID_BYTES)).toString('hex')}.db`;
    const [copy, made] = [fresh(), fresh()];
    try {
      return salvage(options, pointer, copy, made);
    } catch (error) {
      for (const file of [copy, made]) remove(join(dataDir, file));
      if (error instanceof JournalHeld) return err(openError('journal-held', dataDir));
      throw error;
    }
  } catch (error) {
    // The folder was written to a moment ago, so that SQLite lacks room for one more file, not the right to make it.
    if (sqliteCode(error)?.startsWith('SQLITE_CANTOPEN') === true)
      return err(openError('disk-full', `${dataDir}: SQLITE_CANTOPEN`, error));
    return err(classifyOpenFailure(error, dataDir));
  }
}

function salvage(
  { dataDir, key, nowMs, random, examined, heldWaitMs = SALVAGE_HELD_WAIT_MS }: SalvageOptions,
  pointer: Pointer,
  copy: string,
  made: string,
): Result<SalvageReport, OpenError> {
  const at = toInstant(nowMs);
  const damaged = join(dataDir, pointer.file);
  const [copyPath, madePath] = [join(dataDir, copy), join(dataDir, made)];
  const mended = mendCopy(damaged, copyPath, key, examined);
  const common = { at, damagedFile: setAsideName(pointer.file, nowMs), mended };
  const isWhole = !mended.firstPageKept && isSound(copyPath, key);
  const reportFile = `salvage-${stampOf(nowMs)}.json`;
  if (isWhole) {
    const report: SalvageReport = { ...common, outcome: 'mended', tables: [], ledger: null };
    keepReport(copyPath, key, reportFile);
    // What the mark knows and the mended log does not have is found missing at the opening.
    if (existsSync(damaged + MARK_ENDING))
      copyFileSync(damaged + MARK_ENDING, copyPath + MARK_ENDING);
    return finish({ dataDir, pointer, nowMs }, copy, report, reportFile);
  }
  const copied = copyRows(copyPath, madePath, key, nowMs);
  if (!copied.ok) {
    for (const file of [copyPath, madePath]) remove(file);
    return copied;
  }
  const marked = readMark(damaged)?.seq ?? 0;
  const cipher = createJournalCipher(key, random);
  const journal: JournalOf = (isWanted) => {
    const found = tryReadJournal(dataDir, cipher, isWanted, heldWaitMs);
    if (found?.state === 'held') throw new JournalHeld();
    return found?.entries ?? [];
  };
  const options = { key, nowMs, random, marked, reportFile, journal };
  const settled = settleDatabase(madePath, copied.value, options);
  remove(copyPath);
  if (!settled.ok) {
    remove(madePath);
    return settled;
  }
  const report: SalvageReport = {
    ...common,
    outcome: 'salvaged',
    tables: [...copied.value.values()],
    ledger: settled.value,
  };
  return finish({ dataDir, pointer, nowMs }, made, report, reportFile);
}

/** The report lies on the disk before the pointer names the file that it is about. */
function finish(
  { dataDir, pointer, nowMs }: { dataDir: string; pointer: Pointer; nowMs: number },
  file: string,
  report: SalvageReport,
  reportFile: string,
): Result<SalvageReport, OpenError> {
  writeDurably(
    join(dataDir, reportFile),
    `${JSON.stringify({ ...report, reportFile }, undefined, 2)}\n`,
    0o600,
  );
  const { keyCheck, createdAt, previous } = pointer;
  writePointer(dataDir, {
    state: 'live',
    file,
    keyCheck,
    createdAt,
    ...(previous === undefined ? {} : { previous }),
    damaged: { file: pointer.file, aside: setAsideName(pointer.file, nowMs) },
  });
  clearDamage(dataDir);
  return ok({ ...report, reportFile });
}

/** `till-....db` under a name with the time, which no part of the program takes for a database of its own. */
function setAsideName(file: string, nowMs: number): string {
  return `damaged-${stampOf(nowMs)}-${file}`;
}

function stampOf(nowMs: number): string {
  return toInstant(nowMs).replaceAll(/[:.]/g, '-');
}

/** Whether every page can be read and the database agrees with itself. */
function isSound(path: string, key: Uint8Array): boolean {
  try {
    const db = openDatabase(path, key, false);
    try {
      if (db.pragma('integrity_check(1)', { simple: true }) !== 'ok') return false;
      db.pragma('wal_checkpoint(TRUNCATE)');
      return readIdentity(db) !== undefined;
    } finally {
      db.close();
    }
  } catch (error) {
    if (isUnreadable(error) || isNoTable(error)) return false;
    throw error;
  }
}

function isNoTable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'SQLITE_ERROR';
}

function keepReport(path: string, key: Uint8Array, reportFile: string): void {
  const db = openDatabase(path, key, false);
  try {
    createMeta(createConnection(db)).set(LAST_SALVAGE, reportFile);
    db.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    db.close();
  }
}

function remove(path: string): void {
  for (const companion of COMPANIONS) rmSync(path + companion, { force: true });
}
