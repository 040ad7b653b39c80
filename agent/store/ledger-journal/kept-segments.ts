import { fstatSync, rmSync, statSync } from 'node:fs';
import { ERASED_BYTE } from './journal-cipher.ts';
import { type JournalLimits, SMALL_SEGMENTS } from './journal-limits.ts';
import { overwriteBoxes } from './overwrite-boxes.ts';
import type { FoundJournal, SecretPlace, Segment } from './read-journal.ts';

/** A segment that grows. */
export type WrittenSegment = { -readonly [Key in keyof Segment]: Segment[Key] };

/** A flush of a segment, and the first entry that no earlier one has flushed. */
export interface Flush {
  readonly no: number;
  readonly from: number;
}

/** The files of a journal in the order in which they were begun, with where the secrets lie in them. */
export interface KeptSegments {
  readonly all: readonly WrittenSegment[];
  /** Takes one that was just begun. */
  add(segment: WrittenSegment, handle: number): void;
  addSecret(keyId: string, place: SecretPlace): void;
  /** Removes one without leaving a secret in its blocks. Throws the system's errors. */
  remove(segment: WrittenSegment): void;
  /** Removes the oldest until they are within the limits, the one that was just begun as if it were full. Likewise. */
  makeRoom(limits: JournalLimits): void;
  /** Whether no file can have gone to make room: one more full one would still be within the limits. */
  isFarFromFull(limits: JournalLimits): boolean;
  /** Overwrites the secrets of keys for good. Throws the system's errors. */
  erase(isErased: (keyId: string) => boolean): void;
  /**
   * Looks whether each file is where it was. One that is gone is dropped, one that was exchanged for another is kept.
   * Throws the system's errors.
   * @returns those that are gone or exchanged, each once
   */
  takeLost(): WrittenSegment[];
  /** The entries that they hold, 0 where they hold none, and their size. */
  extent(): { readonly fromSeq: number; readonly toSeq: number; readonly bytes: number };
}

export function createKeptSegments(found: FoundJournal): KeptSegments {
  let all: WrittenSegment[] = found.segments.map((segment) => ({ ...segment }));
  const secrets = new Map([...found.secrets].map(([keyId, places]) => [keyId, [...places]]));
  const inodes = new Map<number, bigint>();

  function drop(gone: WrittenSegment): void {
    all = all.filter((segment) => segment !== gone);
    inodes.delete(gone.no);
    for (const [keyId, places] of secrets) {
      const kept = places.filter(({ segment }) => segment !== gone.no);
      if (kept.length === 0) secrets.delete(keyId);
      else secrets.set(keyId, kept);
    }
  }

  function cappedBytes(segmentBytes: number): number {
    return all.reduce((sum, { end }) => sum + Math.min(end, segmentBytes), 0);
  }

  function remove(segment: WrittenSegment): void {
    const boxes = [...secrets.values()].flat().filter((place) => place.segment === segment.no);
    try {
      // A later erasure does not reach what lies in the blocks of a file that is gone.
      overwriteBoxes([segment], boxes, 0);
    } finally {
      rmSync(segment.path, { force: true });
      drop(segment);
    }
  }

  return {
    get all() {
      return all;
    },
    add(segment, handle) {
      all.push(segment);
      inodes.set(segment.no, fstatSync(handle, { bigint: true }).ino);
    },
    addSecret(keyId, place) {
      const places = secrets.get(keyId) ?? [];
      places.push(place);
      secrets.set(keyId, places);
    },
    remove,
    makeRoom({ segmentBytes, segments }) {
      for (let [first] = all; first !== undefined; [first] = all) {
        const isWithin = cappedBytes(segmentBytes) <= (segments - 1) * segmentBytes;
        if (isWithin && all.length <= segments * SMALL_SEGMENTS) return;
        remove(first);
      }
    },
    isFarFromFull: ({ segmentBytes, segments }) =>
      cappedBytes(segmentBytes) <= (segments - 2) * segmentBytes &&
      all.length < segments * SMALL_SEGMENTS,
    erase(isErased) {
      const gone = [...secrets].filter(([keyId]) => isErased(keyId));
      const boxes = gone.flatMap(([, places]) => places);
      overwriteBoxes(all, boxes, ERASED_BYTE);
      for (const [keyId] of gone) secrets.delete(keyId);
    },
    takeLost() {
      const seen = all.map((segment) => ({ segment, inode: inodeAt(segment.path) }));
      const lost = seen.filter(({ segment, inode }) => {
        const known = inodes.get(segment.no);
        return inode === undefined || (known !== undefined && known !== inode);
      });
      for (const { segment, inode } of seen)
        if (inode === undefined) drop(segment);
        else inodes.set(segment.no, inode);
      return lost.map(({ segment }) => segment);
    },
    extent() {
      const filled = all.filter(({ firstSeq }) => firstSeq > 0);
      return {
        fromSeq: filled.length === 0 ? 0 : Math.min(...filled.map(({ firstSeq }) => firstSeq)),
        toSeq: Math.max(0, ...filled.map(({ lastSeq }) => lastSeq)),
        bytes: all.reduce((sum, { end }) => sum + end, 0),
      };
    },
  };
}

/** Which file lies at a path; nothing where none does. Throws the system's other errors. */
function inodeAt(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}
