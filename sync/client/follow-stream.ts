import type { Readable } from 'node:stream';
import type { Result } from '../../agent/contract/result.ts';
import {
  type Cursor,
  PAGE_MAX_BYTES,
  SILENCE_MAX_MS,
  type StreamFrame,
  streamFrameSchema,
} from '../protocol/feed.ts';
import { HQ_ERRORS, type HqErrorCode } from '../protocol/hq-error.ts';
import type { Applier } from './apply.ts';
import type { CallFailure } from './call-failure.ts';
import type { SyncTimers } from './deps.ts';
import { endOfFailure, type FollowEnd } from './follow-end.ts';
import { createLineParser } from './ndjson.ts';
import { parseJson } from './parse-reply.ts';
import type { PageTaker } from './take-page.ts';

/** Bytes of a frame's own words around its page. */
const FRAME_MARGIN_BYTES = 1_024;
export const FRAME_MAX_BYTES = PAGE_MAX_BYTES + FRAME_MARGIN_BYTES;
/** A frame that is under way counts as life where so many bytes of it come within {@link SILENCE_MAX_MS}. */
export const FRAME_PROGRESS_BYTES = 2_048;
/** The code by which HQ says that it restarts; the till comes back at once, elsewhere where it can. */
const RESTARTING = 'restarting';

export interface StreamParts {
  /** Opens the stream from a place in the feed. */
  readonly open: (from: Cursor, signal: AbortSignal) => Promise<Result<Readable, CallFailure>>;
  readonly pages: PageTaker;
  readonly applier: Applier;
  readonly timers: SyncTimers;
  /** A whole frame came. */
  readonly onFrame: () => void;
  readonly onHead: (head: Cursor, at: string) => void;
}

/** Follows the feed over one stream until that ends. The next bytes are read once the frame before them is applied. */
export async function followStream(
  { open, pages, applier, timers, onFrame, onHead }: StreamParts,
  signal: AbortSignal,
): Promise<FollowEnd> {
  const opened = await open(pages.cursor(), signal);
  if (!opened.ok) return endOfFailure(opened.error);
  const body = opened.value;
  const lines = createLineParser(FRAME_MAX_BYTES);
  let silent = false;
  let timer: unknown;
  let sinceProgressBytes = 0;
  const listen = (): void => {
    timers.clear(timer);
    sinceProgressBytes = 0;
    timer = timers.set(SILENCE_MAX_MS, () => {
      silent = true;
      body.destroy(new Error('the stream is silent'));
    });
  };

  async function take(frame: StreamFrame): Promise<FollowEnd | null> {
    switch (frame.t) {
      case 'page':
        return pages.take(frame.page, signal);
      case 'express': {
        const applied = await applier.apply(frame.rows, undefined, signal);
        return applied.ok ? null : { code: 'storage', detail: applied.error.detail };
      }
      case 'beat':
        onHead(frame.head, frame.at);
        return frame.head.timeline === pages.cursor().timeline
          ? null
          : { code: 'snapshot-needed', why: 'other-timeline' };
      case 'end':
        return endOfCode(frame.code);
    }
  }

  listen();
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      sinceProgressBytes += chunk.byteLength;
      const parsed = lines.push(chunk);
      if (!parsed.ok) return { code: 'page-refused', why: 'too-big' };
      if (parsed.value.length === 0 && sinceProgressBytes < FRAME_PROGRESS_BYTES) continue;
      // While we work nobody is silent: what comes meanwhile waits in the socket.
      timers.clear(timer);
      for (const line of parsed.value) {
        const frame = streamFrameSchema.safeParse(parseJson(line));
        if (!frame.success) return { code: 'page-refused', why: 'wrong-form' };
        onFrame();
        const end = await take(frame.data);
        if (end !== null) return end;
        if (signal.aborted) return { code: 'failed', failure: { code: 'cancelled' } };
      }
      listen();
    }
    return { code: 'cut', why: silent ? 'silent' : 'ended' };
  } catch (error) {
    if (signal.aborted) return { code: 'failed', failure: { code: 'cancelled' } };
    if (!isOfStream(error, body)) throw error;
    return { code: 'cut', why: silent ? 'silent' : 'broken' };
  } finally {
    timers.clear(timer);
    body.on('error', () => {});
    body.destroy();
  }
}

/** Tells a connection that broke from an error of our own work on what came. */
function isOfStream(error: unknown, body: Readable): boolean {
  const { code } = error as { code?: unknown };
  return error === body.errored || code === 'ERR_STREAM_PREMATURE_CLOSE';
}

/** HQ ends a stream by a code of its error table, or because it restarts; later ones it may know are a mere end. */
function endOfCode(code: string): FollowEnd {
  if (code === RESTARTING || !Object.hasOwn(HQ_ERRORS, code)) return { code: 'cut', why: code };
  return endOfFailure({
    code: 'refused',
    refusal: code as HqErrorCode,
    detail: {},
    retryAfterMs: null,
  });
}
