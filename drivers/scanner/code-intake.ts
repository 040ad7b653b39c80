import { epochOf, momentOf } from '../contract/env.ts';
import type { DropReason } from '../contract/event.ts';
import { splitAim, symbologyOf } from '../contract/symbology.ts';
import type { LineWiring } from './line.ts';

/** The same code again within this time is one scan: a reader held still repeats itself. */
export const DUPLICATE_WINDOW_MS = 300;

/** Encodings of text in codes; Chinese readers often send GB 18030. */
export const scanEncodings = ['utf-8', 'gb18030'] as const;
export type ScanEncoding = (typeof scanEncodings)[number];

export type CodeOptions = {
  readonly encoding?: ScanEncoding;
  /** 0 lets every repetition through. */
  readonly duplicateWindowMs?: number;
};

/** One whole code as its transport brought it. */
export type ReadCode = {
  /** The data without terminator; begins with the AIM identifier where `aim` is absent and the reader sends one. */
  readonly bytes: Uint8Array;
  readonly firstByteAtMs: number;
  /** AIM identifier that came beside the data. */
  readonly aim?: string | undefined;
  /** Family by the maker's own code id, for codes that AIM has no letter for. */
  readonly makerSymbology?: string | undefined;
};

export type CodeIntake = {
  /** Makes a scan event of a code, unless it repeats the last one or does not fit the encoding. */
  take(code: ReadCode): void;
  /** Counts and tells a code that was lost on its way; `detail` says what to look at, in English. */
  dropped(reason: DropReason, detail: string): void;
};

/** Reasons that cut a code short; the others concern codes that came whole and were none. */
const cuts: readonly DropReason[] = ['unterminated', 'unplugged', 'interrupted'];

const UNDECODABLE = 'a code whose bytes do not fit the configured encoding';

/**
 * From whole codes to scan events, the same for every transport: decoding, AIM identifier,
 * repetition, statistics. Lost codes become `error` events with `E_EXTENDED`; their bytes are
 * never repeated or logged.
 */
export const createCodeIntake = (wiring: LineWiring, options: CodeOptions = {}): CodeIntake => {
  const { deviceId, env, statistics, emit } = wiring;
  const decoder = new TextDecoder(options.encoding ?? 'utf-8', { fatal: true, ignoreBOM: true });
  const duplicateWindowMs = options.duplicateWindowMs ?? DUPLICATE_WINDOW_MS;
  // Two restarts within the life of a till must not give two scans one id.
  const epoch = epochOf(env);
  let sequence = 0;
  let lastSeen: { readonly raw: string; readonly atMs: number } | null = null;

  const dropped: CodeIntake['dropped'] = (reason, detail) => {
    statistics.count(cuts.includes(reason) ? 'partial' : 'dropped');
    emit({
      type: 'error',
      deviceId,
      at: momentOf(env),
      code: 'E_EXTENDED',
      retryable: true,
      detail,
      drop: reason,
    });
  };

  /** The text of `bytes`, or null when they do not fit the encoding. */
  const decode = (bytes: Uint8Array): string | null => {
    try {
      return decoder.decode(bytes);
    } catch {
      // `fatal` makes TextDecoder throw on bytes that are not text; that is an answer here.
      return null;
    }
  };

  /** Slides with each repetition, so that a reader left on a code stays one scan. */
  const isRepetition = (raw: string, atMs: number): boolean => {
    const repeated =
      lastSeen !== null && lastSeen.raw === raw && atMs - lastSeen.atMs <= duplicateWindowMs;
    lastSeen = { raw, atMs };
    return repeated && duplicateWindowMs > 0;
  };

  return {
    dropped,
    take({ bytes, firstByteAtMs, aim: besideData, makerSymbology }) {
      const decoded = decode(bytes);
      if (decoded === null) return dropped('undecodable', UNDECODABLE);
      const at = momentOf(env);
      if (isRepetition((besideData ?? '') + decoded, at.monoMs)) {
        statistics.count('duplicates');
        return emit({ type: 'repetition', deviceId });
      }
      const { aim, text } =
        besideData === undefined ? splitAim(decoded) : { aim: besideData, text: decoded };
      if (wiring.intercept(text)) return;
      const symbology = makerSymbology ?? (aim === undefined ? undefined : symbologyOf(aim));
      if (aim !== undefined && symbology === undefined) statistics.count('unknownSymbology');
      statistics.scanned(at.monoMs - firstByteAtMs, at.wall);
      sequence += 1;
      emit({
        type: 'scan',
        id: `${deviceId}-${epoch}-${sequence}`,
        deviceId,
        at,
        source: wiring.source,
        ...(aim === undefined ? {} : { aim }),
        ...(symbology === undefined ? {} : { symbology }),
        text,
        sizeBytes: bytes.length + (besideData?.length ?? 0),
        complete: true,
      });
    },
  };
};
