/** Longest code accepted, AIM identifier included, terminator not; also the size of the only buffer. */
export const MAX_FRAME_BYTES = 4096;
/** A pause this long inside a code means that the rest of it is lost. */
export const INTER_BYTE_TIMEOUT_MS = 100;
/**
 * After a pause this long, what comes is a fresh code even though the last one never ended.
 * Shorter than that, it may be the tail of the lost code and is thrown away up to its terminator:
 * a tail can look exactly like a valid shorter code.
 */
export const RESYNC_SILENCE_MS = 500;

/** Which bytes end a code. `any` takes CR, LF or both, and is right for nearly every reader. */
export const frameTerminators = ['any', 'cr', 'lf', 'crlf'] as const;
export type FrameTerminator = (typeof frameTerminators)[number];

export type FramerOptions = {
  readonly terminator?: FrameTerminator;
  readonly maxFrameBytes?: number;
  readonly interByteTimeoutMs?: number;
  readonly resyncSilenceMs?: number;
};

export type Frame =
  | { readonly kind: 'code'; readonly bytes: Uint8Array; readonly firstByteAtMs: number }
  | {
      readonly kind: 'dropped';
      readonly reason: 'garbage' | 'over-long' | 'unterminated';
      /** Bytes held when the code was given up; the rest of it is discarded unseen. */
      readonly sizeBytes: number;
    };

export type SerialFramer = {
  /**
   * Takes bytes that were read at `atMs` and gives the codes that they complete, in order.
   * `goesOn`: no pause was seen before them, so they belong to the open code however late they were read.
   */
  push(bytes: Uint8Array, atMs: number, goesOn?: boolean): Frame[];
  /** Gives up a code whose next byte has not come in time. Call at `deadlineMs`. */
  expire(atMs: number): Frame[];
  /** When `expire` has something to do, or null while no code is open. */
  deadlineMs(): number | null;
  bufferedBytes(): number;
  /** Forgets the open code and skips its tail. Gives the bytes thrown away. */
  abandon(): number;
  /** Back to the beginning, as for a fresh line. */
  reset(): void;
};

const CR = 0x0d;
const LF = 0x0a;
/** FNC1 inside GS1 data arrives as GS; every other control character is line noise. */
const GS = 0x1d;
const SPACE = 0x20;
const DELETE = 0x7f;

/**
 * Cuts a byte stream into codes. Pure: time comes with the bytes, on any clock that does
 * not go back. Never holds more than `maxFrameBytes`. Works byte by byte, so how the
 * stream was cut into chunks cannot change the codes.
 */
export const createSerialFramer = (options: FramerOptions = {}): SerialFramer => {
  const terminator = options.terminator ?? 'any';
  const maxFrameBytes = options.maxFrameBytes ?? MAX_FRAME_BYTES;
  const interByteTimeoutMs = options.interByteTimeoutMs ?? INTER_BYTE_TIMEOUT_MS;
  const resyncSilenceMs = options.resyncSilenceMs ?? RESYNC_SILENCE_MS;

  const buffer = new Uint8Array(maxFrameBytes);
  let length = 0;
  let firstByteAtMs = 0;
  let lastByteAtMs = Number.NEGATIVE_INFINITY;
  let discarding = false;
  let pendingCr = false;

  const open = (): boolean => length > 0 || pendingCr;

  const giveUp = (reason: 'garbage' | 'over-long' | 'unterminated', frames: Frame[]): void => {
    if (!discarding) frames.push({ kind: 'dropped', reason, sizeBytes: length });
    discarding = true;
    length = 0;
    pendingCr = false;
  };

  const endCode = (frames: Frame[]): void => {
    if (!discarding && length > 0) {
      frames.push({ kind: 'code', bytes: buffer.slice(0, length), firstByteAtMs });
    }
    length = 0;
    pendingCr = false;
    discarding = false;
  };

  /** Whether `byte` ended the code; may give it up when half of a CRLF is missing. */
  const terminates = (byte: number, frames: Frame[]): boolean => {
    if (terminator !== 'crlf') {
      return (byte === CR && terminator !== 'lf') || (byte === LF && terminator !== 'cr');
    }
    if (pendingCr && byte === LF) return true;
    if (pendingCr) giveUp('garbage', frames);
    pendingCr = byte === CR;
    return false;
  };

  const take = (byte: number, atMs: number, frames: Frame[]): void => {
    if (terminates(byte, frames)) {
      endCode(frames);
    } else if (!discarding && !pendingCr) {
      if ((byte < SPACE && byte !== GS) || byte === DELETE) {
        giveUp('garbage', frames);
      } else if (length === maxFrameBytes) {
        giveUp('over-long', frames);
      } else {
        if (length === 0) firstByteAtMs = atMs;
        buffer[length] = byte;
        length += 1;
      }
    }
  };

  const settleSilence = (atMs: number, frames: Frame[]): void => {
    const silenceMs = atMs - lastByteAtMs;
    if (open() && silenceMs > interByteTimeoutMs) giveUp('unterminated', frames);
    if (discarding && silenceMs > resyncSilenceMs) {
      discarding = false;
      pendingCr = false;
    }
  };

  return {
    push(bytes, atMs, goesOn = false) {
      const frames: Frame[] = [];
      if (bytes.length === 0) return frames;
      if (!goesOn) settleSilence(atMs, frames);
      for (const byte of bytes) take(byte, atMs, frames);
      lastByteAtMs = atMs;
      return frames;
    },
    expire(atMs) {
      const frames: Frame[] = [];
      settleSilence(atMs, frames);
      return frames;
    },
    deadlineMs: () => (open() ? lastByteAtMs + interByteTimeoutMs + 1 : null),
    bufferedBytes: () => length,
    abandon() {
      const thrownAway = length;
      if (open()) discarding = true;
      length = 0;
      pendingCr = false;
      return thrownAway;
    },
    reset() {
      length = 0;
      pendingCr = false;
      discarding = false;
      lastByteAtMs = Number.NEGATIVE_INFINITY;
    },
  };
};
