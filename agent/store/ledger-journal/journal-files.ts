import { readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { toInstant } from '../../contract/index.ts';
import { HELD_WAIT_MS, renameFile, syncFolder } from '../durable-file.ts';

const SEGMENT_FILE = /^ledger-journal-(\d{8})-([0-9a-f-]{36})$/;
const NO_DIGITS = 8;
/** A journal that was set aside, see {@link setJournalAside}, with the day of it. */
export const JOURNAL_SET_ASIDE = /^damaged-(\d{4}-\d{2}-\d{2})T[0-9Z-]+-ledger-journal-[0-9a-f-]+$/;

/** A file of the journal; the name says which database wrote it, so that no bit of its content has to. */
export interface SegmentFile {
  readonly no: number;
  readonly incarnation: string;
  readonly path: string;
}

export function segmentFile(dataDir: string, no: number, incarnation: string): SegmentFile {
  const name = `ledger-journal-${String(no).padStart(NO_DIGITS, '0')}-${incarnation}`;
  return { no, incarnation, path: join(dataDir, name) };
}

/** The journal's files in the data folder, in the order in which they were written. */
export function segmentFilesIn(dataDir: string): SegmentFile[] {
  return readdirSync(dataDir)
    .flatMap((name) => {
      const [, no, incarnation] = SEGMENT_FILE.exec(name) ?? [];
      return no === undefined || incarnation === undefined
        ? []
        : [segmentFile(dataDir, Number(no), incarnation)];
    })
    .sort((one, other) => one.no - other.no);
}

/**
 * Puts a journal that is damaged or not of this ledger aside, under names with the time; nothing is deleted, and of two within
 * one millisecond the second has the next one. Throws the system's errors.
 * @param heldWaitMs how long is waited for a program that holds a file
 */
export function setJournalAside(
  dataDir: string,
  nowMs: number,
  heldWaitMs: number = HELD_WAIT_MS,
): void {
  const names = readdirSync(dataDir);
  const isTaken = (stamp: string): boolean =>
    names.some((name) => name.startsWith(`damaged-${stamp}-ledger-journal-`));
  let atMs = nowMs;
  while (isTaken(stampOf(atMs))) atMs += 1;
  const stamp = stampOf(atMs);
  for (const { path } of segmentFilesIn(dataDir))
    renameFile(
      path,
      path.replace(/ledger-journal-[^/\\]*$/, (name) => `damaged-${stamp}-${name}`),
      heldWaitMs,
    );
  syncFolder(dataDir);
}

function stampOf(ms: number): string {
  return toInstant(ms).replaceAll(/[:.]/g, '-');
}

/** Writes all of `bytes`, or throws as a full disk does. */
export function writeWhole(handle: number, bytes: Buffer, at: number): void {
  const written = writeSync(handle, bytes, 0, bytes.length, at);
  if (written < bytes.length)
    throw Object.assign(new Error('the disk is full'), { code: 'ENOSPC' });
}
