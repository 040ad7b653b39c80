import { closeSync, openSync, readFileSync } from 'node:fs';
import type { EntryHeader } from '../../contract/index.ts';
import { whileHeld } from '../durable-file.ts';
import {
  BLOCK_BYTES,
  begunBytes,
  type JournalCipher,
  type OpenedRecord,
  type RecordPlace,
} from './journal-cipher.ts';
import { type JournalEntry, parseContent, parseSecret } from './journal-entry.ts';
import { type SegmentFile, segmentFilesIn } from './journal-files.ts';

/** Where an erasure finds what it has to overwrite. */
export interface SecretPlace {
  readonly segment: number;
  readonly at: number;
  readonly bytes: number;
}

/** A file of the journal as it was found. */
export interface Segment extends SegmentFile {
  /** Where the next record goes. */
  readonly end: number;
  /** 0 where it holds none. */
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** A journal as it lies on the disk. */
export interface FoundJournal {
  readonly segments: readonly Segment[];
  /** By the id of the key that is in them, those included that cannot be read; without those that were erased. */
  readonly secrets: ReadonlyMap<string, readonly SecretPlace[]>;
  /** Keys of secrets that are not what was written: an erasure that was cut short leaves them so, and damage does. */
  readonly damagedKeys: ReadonlySet<string>;
  /** Keys of secrets that an erasure overwrote. */
  readonly erasedKeys: ReadonlySet<string>;
  /** The entry that was written last; nothing where it has none. */
  readonly last: { readonly seq: number; readonly hash: string } | undefined;
  /** Numbers that it lacks between two that it has, as the ledger does whose pages were lost. */
  readonly gaps: readonly { readonly fromSeq: number; readonly toSeq: number }[];
  /** The entries that were asked for, by number; of one that was written again, the last record. */
  readonly entries: readonly JournalEntry[];
  /**
   * `torn`: something in the midst of it never reached the disk, as a power cut leaves it. `damaged`: something in it is not
   * what was written, secrets aside, or rubbish lies behind its end. A half-written end is neither, and is written over.
   * `held`: another program keeps a file of it, so that nothing was read.
   */
  readonly state: 'whole' | 'torn' | 'damaged' | 'held';
  /** Of one that is `held`: when it was to be settled. */
  readonly heldSinceMs?: number;
}

/**
 * Reads every record of the journal. One that is damaged ends itself and no other: behind it the next block is looked at
 * until one begins a record that proves itself. Throws the system's errors other than of reading.
 * @param isWanted entries that are answered, by number
 * @param heldWaitMs how long is waited for a program that holds a file
 */
export function readJournal(
  dataDir: string,
  cipher: JournalCipher,
  isWanted: (seq: number) => boolean,
  heldWaitMs = 0,
): FoundJournal {
  const secrets = new Map<string, SecretPlace[]>();
  const damagedKeys = new Set<string>();
  const erasedKeys = new Set<string>();
  const seqs = new Set<number>();
  const entries = new Map<string, JournalEntry>();
  let last: FoundJournal['last'];
  let state: FoundJournal['state'] = 'whole';

  function take(file: SegmentFile, record: OpenedRecord): boolean {
    const content = parseContent(record.content);
    if (content === undefined || content.ledger.seq !== record.seq) return false;
    const secret = Buffer.isBuffer(record.secret) ? parseSecret(record.secret) : undefined;
    const { keyId } = JSON.parse(content.ledger.header) as EntryHeader;
    if (record.secret === 'erased') erasedKeys.add(keyId);
    // One that was written after the erasure has no key in it.
    else if (secret?.key !== null) {
      const places = secrets.get(keyId) ?? [];
      places.push({ segment: file.no, at: record.secretAt, bytes: record.secretBytes });
      secrets.set(keyId, places);
    }
    if (record.secret === 'damaged') damagedKeys.add(keyId);
    if (Buffer.isBuffer(record.secret) && secret === undefined) state = 'damaged';
    if (record.secret === 'torn' && state === 'whole') state = 'torn';
    const { seq, hash } = content.ledger;
    seqs.add(seq);
    last = { seq, hash };
    if (isWanted(seq) && (secret !== undefined || !entries.has(hash)))
      entries.set(hash, { ...content, secret: secret ?? null });
    return true;
  }

  const files = segmentFilesIn(dataDir);
  // One that is held late would cost the reading of all before it.
  for (const { path } of files) whileHeld(() => closeSync(openSync(path, 'r')), heldWaitMs);
  const segments = files.map((file): Segment => {
    const bytes = readSegment(file.path, heldWaitMs);
    if (bytes === undefined) state = 'damaged';
    let [end, firstSeq, lastSeq] = [0, 0, 0];
    for (const { record, gap } of recordsOf(file, bytes ?? Buffer.alloc(0), cipher)) {
      if (gap === 'damaged') state = 'damaged';
      else if (gap === 'torn' && state === 'whole') state = 'torn';
      if (!take(file, record)) state = 'damaged';
      end = Math.ceil((record.secretAt + record.secretBytes) / BLOCK_BYTES) * BLOCK_BYTES;
      firstSeq ||= record.seq;
      lastSeq = record.seq;
    }
    if (bytes !== undefined && !isHalfWritten(bytes, end)) state = 'damaged';
    return { ...file, end, firstSeq, lastSeq };
  });
  return {
    segments,
    secrets,
    damagedKeys,
    erasedKeys,
    last,
    gaps: gapsBetween([...seqs].sort((one, other) => one - other)),
    entries: [...entries.values()].sort((one, other) => one.ledger.seq - other.ledger.seq),
    state,
  };
}

/** @param seqs in their order, each once */
function gapsBetween(seqs: readonly number[]): FoundJournal['gaps'] {
  return seqs.flatMap((seq, n) => {
    const before = seqs[n - 1] ?? seq;
    return seq - before > 1 ? [{ fromSeq: before + 1, toSeq: seq - 1 }] : [];
  });
}

/** The bytes of a file; nothing where the disk does not give them. */
function readSegment(path: string, heldWaitMs: number): Buffer | undefined {
  try {
    return whileHeld(() => readFileSync(path), heldWaitMs);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EIO') return undefined;
    throw error;
  }
}

/**
 * Whether what lies behind the last whole record is what a power cut leaves of the next one: its end or a block of it never
 * reached the disk. Behind such a block anything may lie.
 */
function isHalfWritten(segment: Buffer, end: number): boolean {
  if (end >= segment.length) return true;
  const begun = begunBytes(segment, end);
  const record = segment.subarray(end, end + (begun ?? BLOCK_BYTES));
  if (begun !== undefined && record.length < begun) return true;
  for (let at = 0; at < record.length; at += BLOCK_BYTES)
    if (isZero(record.subarray(at, at + BLOCK_BYTES))) return true;
  return false;
}

function isZero(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

/** The records of a segment, each with what lay between the one before and it. */
function* recordsOf(
  { no, incarnation }: SegmentFile,
  bytes: Buffer,
  cipher: JournalCipher,
): Generator<{ readonly record: OpenedRecord; readonly gap: 'none' | 'torn' | 'damaged' }> {
  let gap: 'none' | 'torn' | 'damaged' = 'none';
  for (let offset = 0; offset < bytes.length; ) {
    const place: RecordPlace = { incarnation, segment: no, offset };
    const record = cipher.open(place, bytes);
    if (record === undefined) {
      const block = bytes.subarray(offset, offset + BLOCK_BYTES);
      if (!isZero(block)) gap = 'damaged';
      else if (gap === 'none') gap = 'torn';
      offset += BLOCK_BYTES;
      continue;
    }
    yield { record, gap };
    gap = 'none';
    offset += record.bytes;
  }
}
