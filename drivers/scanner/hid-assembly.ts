import type { ReportLayout } from './hid-layout.ts';
import { type ReportReading, readReport } from './hid-report.ts';

/** Longest code accepted; also the size of the only buffer. */
export const MAX_CODE_BYTES = 4_096;
/** The rest of a code that goes on is lost when it has not come within this time. */
export const CONTINUED_TIMEOUT_MS = 500;
/**
 * After a pause this long, what comes is a fresh code even though the last one never ended. Before
 * that it may be the tail of the lost one, which looks like a whole, shorter code.
 */
export const REPORT_RESYNC_MS = 1_000;

export type AssembledCode = {
  readonly kind: 'code';
  /** The data of all its reports, without the terminator that a reader may add. */
  readonly bytes: Uint8Array;
  readonly firstByteAtMs: number;
  readonly aim: string | undefined;
  /** The maker's own code id, 0 for none. */
  readonly makerCode: number;
};

export type Assembled =
  | AssembledCode
  | {
      readonly kind: 'dropped';
      readonly reason: 'garbage' | 'over-long' | 'unterminated';
      readonly detail: string;
    };

export type HidAssembler = {
  /** Takes one input report that arrived at `atMs` and gives what it completes. */
  push(report: Uint8Array, atMs: number): Assembled[];
  /** Gives up a code whose rest has not come in time. Call at `deadlineMs`. */
  expire(atMs: number): Assembled[];
  /** When `expire` has something to do, or null while no code is open. */
  deadlineMs(): number | null;
  bufferedBytes(): number;
  /** Forgets the open code and skips its tail. True when there was one. */
  abandon(): boolean;
  /** Back to the beginning, as for a fresh handle. */
  reset(): void;
};

const CR = 0x0d;
const LF = 0x0a;

type Part = Extract<ReportReading, { kind: 'part' }>;
type Open = {
  readonly firstByteAtMs: number;
  readonly aim: string | undefined;
  readonly makerCode: number;
};

/** Without one CR, LF or CR LF at the end: readers add it, though the report has a length. */
const withoutTerminator = (data: Uint8Array): Uint8Array => {
  let end = data.length;
  if (data[end - 1] === LF) end -= 1;
  if (data[end - 1] === CR) end -= 1;
  return data.slice(0, end);
};

/**
 * Joins the reports of a HID scanner into codes. Pure: time comes with the reports, on any clock
 * that does not go back. Never holds more than `MAX_CODE_BYTES`. A code of which any part is in
 * doubt is dropped, and so is what follows up to its end: its tail could pass for a shorter code.
 */
export const createHidAssembler = (layout: () => ReportLayout): HidAssembler => {
  const buffer = new Uint8Array(MAX_CODE_BYTES);
  let length = 0;
  let open: Open | null = null;
  let lastAtMs = Number.NEGATIVE_INFINITY;
  let skipping = false;

  const drop = (
    reason: 'garbage' | 'over-long' | 'unterminated',
    detail: string,
    skip: boolean,
  ): Assembled => {
    open = null;
    length = 0;
    skipping = skip;
    return { kind: 'dropped', reason, detail };
  };

  const settleSilence = (atMs: number): Assembled[] => {
    const silenceMs = atMs - lastAtMs;
    const given: Assembled[] = [];
    if (open !== null && silenceMs > CONTINUED_TIMEOUT_MS) {
      given.push(drop('unterminated', 'the rest of a long code did not come', true));
    }
    if (skipping && silenceMs > REPORT_RESYNC_MS) skipping = false;
    return given;
  };

  const finish = ({ firstByteAtMs, aim, makerCode }: Open): Assembled[] => {
    const bytes = withoutTerminator(buffer.subarray(0, length));
    open = null;
    length = 0;
    return bytes.length === 0 ? [] : [{ kind: 'code', bytes, firstByteAtMs, aim, makerCode }];
  };

  const takePart = (part: Part, atMs: number): Assembled[] => {
    if (open === null && part.blankAim && !layout().declared) {
      return [drop('garbage', 'a report without AIM identifier', part.continued)];
    }
    if (open !== null && !part.blankAim && part.aim !== open.aim) {
      return [drop('garbage', 'two codes run into one another', part.continued)];
    }
    if (length + part.data.length > MAX_CODE_BYTES) {
      return [drop('over-long', `a code longer than ${MAX_CODE_BYTES} bytes`, part.continued)];
    }
    open ??= { firstByteAtMs: atMs, aim: part.aim, makerCode: part.makerCode };
    buffer.set(part.data, length);
    length += part.data.length;
    return part.continued ? [] : finish(open);
  };

  const takeReading = (reading: ReportReading, atMs: number): Assembled[] => {
    if (reading.kind === 'other') return [];
    lastAtMs = atMs;
    // A report too short to say whether its code goes on may be the first of a long one.
    const goesOn = reading.continued ?? true;
    if (skipping) {
      skipping = goesOn;
      return [];
    }
    return reading.kind === 'broken'
      ? [drop('garbage', reading.detail, goesOn)]
      : takePart(reading, atMs);
  };

  return {
    push(report, atMs) {
      const given = settleSilence(atMs);
      given.push(...takeReading(readReport(layout(), report), atMs));
      return given;
    },
    expire: settleSilence,
    deadlineMs: () => (open === null ? null : lastAtMs + CONTINUED_TIMEOUT_MS + 1),
    bufferedBytes: () => length,
    abandon() {
      const wasOpen = open !== null;
      if (wasOpen) skipping = true;
      open = null;
      length = 0;
      return wasOpen;
    },
    reset() {
      open = null;
      length = 0;
      skipping = false;
      lastAtMs = Number.NEGATIVE_INFINITY;
    },
  };
};
