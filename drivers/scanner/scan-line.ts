import { type DriverEnv, momentOf, type TimerHandle } from '../contract/env.ts';
import type { DriverSink, DropReason, ScanEvent } from '../contract/event.ts';
import type { StatisticsTracker } from '../contract/statistics.ts';
import { splitAim, symbologyOf } from '../contract/symbology.ts';
import { createSerialFramer, type Frame, type FramerOptions } from './serial-frame.ts';

/** The same code again within this time is one scan: a reader held still repeats itself. */
export const DUPLICATE_WINDOW_MS = 300;

/** Encodings of text in codes; Chinese readers often send GB 18030. */
export const scanEncodings = ['utf-8', 'gb18030'] as const;
export type ScanEncoding = (typeof scanEncodings)[number];

export type ScanLineOptions = FramerOptions & {
  readonly encoding?: ScanEncoding;
  /** 0 lets every repetition through. */
  readonly duplicateWindowMs?: number;
};

export type ScanLine = {
  /** Bytes from an open, claimed device. */
  receive(bytes: Uint8Array): void;
  /** Bytes from before the claim: they keep the framer in step, and no code comes of them. */
  drain(bytes: Uint8Array): void;
  /** Ends the drain: a code that began before the claim is thrown away to its terminator. */
  claimed(): void;
  /** The line is gone. `unplugged` tells the cashier when that cut a code in two. */
  closed(unplugged: boolean): void;
  bufferedBytes(): number;
};

const dropText: Readonly<Record<DropReason, string>> = {
  garbage: 'control characters in a code; check baud rate, parity and cable',
  'over-long': 'a code longer than the limit, or a reader that sends no terminator',
  unterminated: 'a code stopped in the middle; check that the reader ends each code with CR or LF',
  unplugged: 'the device went away in the middle of a code',
  undecodable: 'a code whose bytes do not fit the configured encoding',
};

type Wiring = {
  readonly deviceId: string;
  readonly source: ScanEvent['source'];
  readonly env: DriverEnv;
  readonly statistics: StatisticsTracker;
  readonly emit: DriverSink;
  /** Sees each scan first; true keeps it from the sink (an interactive health check). */
  readonly intercept: (text: string) => boolean;
};

/**
 * From bytes to scan events: framing, decoding, AIM identifier, repetition, statistics.
 * Lost codes become `error` events with `E_EXTENDED`; their bytes are never repeated or logged.
 */
export const createScanLine = (wiring: Wiring, options: ScanLineOptions = {}): ScanLine => {
  const { deviceId, env, statistics, emit } = wiring;
  const framer = createSerialFramer(options);
  const decoder = new TextDecoder(options.encoding ?? 'utf-8', { fatal: true, ignoreBOM: true });
  const duplicateWindowMs = options.duplicateWindowMs ?? DUPLICATE_WINDOW_MS;
  // Two restarts within the life of a till must not give two scans one id.
  const epoch = Math.floor(env.random() * 0x1_0000_0000)
    .toString(16)
    .padStart(8, '0');
  let sequence = 0;
  let lastSeen: { readonly raw: string; readonly atMs: number } | null = null;
  let timer: TimerHandle | null = null;

  const dropped = (reason: DropReason): void => {
    statistics.count(reason === 'unterminated' || reason === 'unplugged' ? 'partial' : 'dropped');
    emit({
      type: 'error',
      deviceId,
      at: momentOf(env),
      code: 'E_EXTENDED',
      retryable: true,
      detail: dropText[reason],
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

  const code = (bytes: Uint8Array, firstByteAtMs: number): void => {
    const raw = decode(bytes);
    if (raw === null) return dropped('undecodable');
    const at = momentOf(env);
    if (isRepetition(raw, at.monoMs)) return statistics.count('duplicates');
    const { aim, text } = splitAim(raw);
    if (wiring.intercept(text)) return;
    const symbology = aim === undefined ? undefined : symbologyOf(aim);
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
      sizeBytes: bytes.length,
      complete: true,
    });
  };

  const deliver = (frames: readonly Frame[]): void => {
    for (const frame of frames) {
      if (frame.kind === 'code') code(frame.bytes, frame.firstByteAtMs);
      else dropped(frame.reason);
    }
  };

  const stopTimer = (): void => {
    if (timer !== null) env.timers.clear(timer);
    timer = null;
  };

  /** Without it a code that never ends would be reported only when the next one begins. */
  const watchOpenCode = (): void => {
    stopTimer();
    const deadlineMs = framer.deadlineMs();
    if (deadlineMs === null) return;
    timer = env.timers.set(
      () => {
        timer = null;
        deliver(framer.expire(env.clock.monoMs()));
      },
      Math.max(1, Math.ceil(deadlineMs - env.clock.monoMs())),
    );
  };

  return {
    receive(bytes) {
      deliver(framer.push(bytes, env.clock.monoMs()));
      watchOpenCode();
    },
    drain(bytes) {
      for (const frame of framer.push(bytes, env.clock.monoMs())) {
        if (frame.kind === 'code') statistics.count('dropped');
      }
    },
    claimed() {
      if (framer.abandon() > 0) statistics.count('partial');
    },
    closed(unplugged) {
      stopTimer();
      const cutBytes = framer.abandon();
      framer.reset();
      if (cutBytes === 0) return;
      if (unplugged) dropped('unplugged');
      else statistics.count('partial');
    },
    bufferedBytes: () => framer.bufferedBytes(),
  };
};
