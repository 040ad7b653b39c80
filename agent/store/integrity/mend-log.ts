import { assert } from '../../contract/index.ts';
import { flip, PAGE_BYTES, type PageCode } from './page-code.ts';

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const FRAME_BYTES = FRAME_HEADER_BYTES + PAGE_BYTES;
const MAGIC = 0x377f0682;
/** The part of a frame's header that its checksum covers: page number and size after a commit. */
const COVERED_BYTES = 8;
/** Frames in whose page a flipped bit is looked for, at most: each takes a third of a second, and somebody waits. */
export const MEND_FRAMES_MAX = 8;

/** What is wrong with a write-ahead log, and the log as it should have been. */
export interface MendedLog {
  /** Ready to be put in the place of the log: what SQLite reads of it is every transaction that was flushed. */
  readonly bytes: Uint8Array;
  /** Frames, or the header (-1), whose single flipped bit was found and put right. */
  readonly mended: readonly number[];
  /**
   * Frames of flushed transactions that cannot be put right: their pages will not be readable. The header (-1) where the
   * log is of another database, of which nothing counts.
   */
  readonly broken: readonly number[];
}

type Sums = readonly [number, number];

/** Pages that a log replaces, once all of its committed frames are read. */
export function pagesOfLog(log: Uint8Array): ReadonlySet<number> {
  const bytes = Buffer.from(log.buffer, log.byteOffset, log.length);
  const frames = Math.floor((bytes.length - HEADER_BYTES) / FRAME_BYTES);
  const committed = new Set<number>();
  if (frames < 1 || !headerFits(bytes)) return committed;
  const open = new Set<number>();
  let sums: Sums = [bytes.readUInt32BE(24), bytes.readUInt32BE(28)];
  for (let frame = 0; frame < frames; frame++) {
    const at = HEADER_BYTES + frame * FRAME_BYTES;
    if (!frameFits(bytes, at, sums)) break;
    open.add(bytes.readUInt32BE(at));
    if (bytes.readUInt32BE(at + 4) !== 0) {
      for (const page of open) committed.add(page);
      open.clear();
    }
    sums = [bytes.readUInt32BE(at + 16), bytes.readUInt32BE(at + 20)];
  }
  return committed;
}

/**
 * SQLite takes the first frame that does not fit for the end of its log and forgets what comes behind it. That is right
 * for the last transaction, which a power cut may have left half written, and wrong for a disk that damaged a frame:
 * with `synchronous=FULL` a transaction is flushed before the next one is written, so whatever another one of the same
 * generation follows was on the disk. This looks behind the break, puts single flipped bits right, proved by the page's
 * code and the log's sums, and chains the rest again.
 *
 * Format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
 * @param log changed in place
 * @returns nothing where SQLite would read all that was flushed
 */
export function mendLog(log: Uint8Array, code: PageCode): MendedLog | undefined {
  const frames = Math.floor((log.length - HEADER_BYTES) / FRAME_BYTES);
  if (frames < 1) return undefined;
  const bytes = Buffer.from(log.buffer, log.byteOffset, HEADER_BYTES + frames * FRAME_BYTES);
  const mended: number[] = [];
  const broken: number[] = [];
  if (!headerFits(bytes)) {
    if (!mendHeader(bytes)) return mendHeaderByFrames(bytes, frames, code);
    mended.push(-1);
  }
  if (isForeign(bytes, code)) return { bytes: new Uint8Array(), mended, broken: [-1] };
  const last = lastOfGeneration(bytes, frames);
  let sums: Sums = [bytes.readUInt32BE(24), bytes.readUInt32BE(28)];
  for (let frame = 0; frame <= last; frame++) {
    const at = HEADER_BYTES + frame * FRAME_BYTES;
    if (!frameFits(bytes, at, sums)) {
      const mayLook = mended.length + broken.length < MEND_FRAMES_MAX;
      if (mayLook && mendFrame(bytes, at, sums, code)) mended.push(frame);
      else if (isTorn(bytes, frame, last)) return answer(bytes.subarray(0, at), mended, broken);
      else broken.push(frame);
    }
    // Each frame's sum goes on from the one before it as that was written, so a broken one does not break the rest.
    sums = [bytes.readUInt32BE(at + 16), bytes.readUInt32BE(at + 20)];
  }
  if (broken.length > 0) sealAll(bytes, last);
  return answer(bytes.subarray(0, HEADER_BYTES + (last + 1) * FRAME_BYTES), mended, broken);
}

function answer(bytes: Uint8Array, mended: number[], broken: number[]): MendedLog | undefined {
  return mended.length + broken.length === 0 ? undefined : { bytes, mended, broken };
}

/** Frames carry the salts of their generation, so a header that is lost is made from them. */
function mendHeaderByFrames(bytes: Buffer, frames: number, code: PageCode): MendedLog | undefined {
  const isOfKey = code.fits(
    bytes.subarray(HEADER_BYTES + FRAME_HEADER_BYTES, HEADER_BYTES + FRAME_BYTES),
    bytes.readUInt32BE(HEADER_BYTES),
  );
  if (frames < 2 || !isOfKey) return undefined;
  bytes.writeUInt32BE(MAGIC, 0);
  bytes.writeUInt32BE(3_007_000, 4);
  bytes.writeUInt32BE(PAGE_BYTES, 8);
  bytes.copy(bytes, 16, HEADER_BYTES + 8, HEADER_BYTES + 16);
  const [one, two] = sumOver(bytes.subarray(0, 24), [0, 0]);
  bytes.writeUInt32BE(one, 24);
  bytes.writeUInt32BE(two, 28);
  const rest = mendLog(bytes, code);
  return rest === undefined
    ? { bytes, mended: [-1], broken: [] }
    : { ...rest, mended: [-1, ...rest.mended] };
}

function headerFits(bytes: Buffer): boolean {
  if (bytes.readUInt32BE(0) !== MAGIC || bytes.readUInt32BE(8) !== PAGE_BYTES) return false;
  const [one, two] = sumOver(bytes.subarray(0, 24), [0, 0]);
  return one === bytes.readUInt32BE(24) && two === bytes.readUInt32BE(28);
}

/** Whether the log is whole and of another database, laid beside this one: no flipped bit leaves the sums as they are. */
function isForeign(bytes: Buffer, code: PageCode): boolean {
  const page = bytes.subarray(HEADER_BYTES + FRAME_HEADER_BYTES, HEADER_BYTES + FRAME_BYTES);
  const sums: Sums = [bytes.readUInt32BE(24), bytes.readUInt32BE(28)];
  return frameFits(bytes, HEADER_BYTES, sums) && !code.fits(page, bytes.readUInt32BE(HEADER_BYTES));
}

function mendHeader(bytes: Buffer): boolean {
  return mendBits(bytes.subarray(0, HEADER_BYTES), () => headerFits(bytes));
}

/** Tries each bit of a few bytes. */
function mendBits(part: Uint8Array, fits: () => boolean): boolean {
  for (let bit = 0; bit < part.length * 8; bit++) {
    flip(part, bit);
    if (fits()) return true;
    flip(part, bit);
  }
  return false;
}

function hasSalts(bytes: Buffer, at: number): boolean {
  return bytes.subarray(at + 8, at + 16).equals(bytes.subarray(16, 24));
}

/** The last frame that carries the header's salts; behind it lie those of a generation before. */
function lastOfGeneration(bytes: Buffer, frames: number): number {
  let last = frames - 1;
  while (last >= 0 && !hasSalts(bytes, HEADER_BYTES + last * FRAME_BYTES)) last -= 1;
  return last;
}

function frameFits(bytes: Buffer, at: number, before: Sums): boolean {
  if (!hasSalts(bytes, at)) return false;
  const [one, two] = sumsOf(bytes, at, before);
  return one === bytes.readUInt32BE(at + 16) && two === bytes.readUInt32BE(at + 20);
}

function sumsOf(bytes: Buffer, at: number, before: Sums): Sums {
  const head = sumOver(bytes.subarray(at, at + COVERED_BYTES), before);
  return sumOver(bytes.subarray(at + FRAME_HEADER_BYTES, at + FRAME_BYTES), head);
}

function mendFrame(bytes: Buffer, at: number, before: Sums, code: PageCode): boolean {
  const header = bytes.subarray(at, at + FRAME_HEADER_BYTES);
  const page = bytes.subarray(at + FRAME_HEADER_BYTES, at + FRAME_BYTES);
  const fits = (): boolean =>
    frameFits(bytes, at, before) && code.fits(page, bytes.readUInt32BE(at));
  if (mendBits(header, fits)) return true;
  const asItWas = Buffer.from(page);
  if (code.mendBit(page, bytes.readUInt32BE(at)) && frameFits(bytes, at, before)) return true;
  page.set(asItWas);
  return false;
}

/** Whether a frame belongs to the last transaction, which may never have been flushed. */
function isTorn(bytes: Buffer, frame: number, last: number): boolean {
  for (let i = frame; i < last; i++) {
    const at = HEADER_BYTES + i * FRAME_BYTES;
    if (hasSalts(bytes, at) && bytes.readUInt32BE(at + 4) !== 0) return false;
  }
  return true;
}

/** Chains every frame to the one before it, whatever lies in it. */
function sealAll(bytes: Buffer, last: number): void {
  let sums: Sums = [bytes.readUInt32BE(24), bytes.readUInt32BE(28)];
  for (let frame = 0; frame <= last; frame++) {
    const at = HEADER_BYTES + frame * FRAME_BYTES;
    bytes.copy(bytes, at + 8, 16, 24);
    sums = sumsOf(bytes, at, sums);
    bytes.writeUInt32BE(sums[0], at + 16);
    bytes.writeUInt32BE(sums[1], at + 20);
  }
}

/** SQLite's checksum over 32-bit words, little-endian as its magic number says. */
function sumOver(part: Buffer, [one, two]: Sums): Sums {
  assert(part.length % 8 === 0, 'sums go over pairs of words');
  let [a, b] = [one, two];
  const view = new DataView(part.buffer, part.byteOffset, part.length);
  for (let at = 0; at < part.length; at += 8) {
    a = (a + view.getUint32(at, true) + b) >>> 0;
    b = (b + view.getUint32(at + 4, true) + a) >>> 0;
  }
  return [a, b];
}
