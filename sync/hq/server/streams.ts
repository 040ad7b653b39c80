import type { ServerResponse } from 'node:http';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { toInstant } from '../../../agent/contract/time.ts';
import {
  type Cursor,
  HEARTBEAT_MS,
  PAGE_MAX_ROWS,
  type Page,
  type StreamFrame,
} from '../../protocol/feed.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import { CHECKS_SINCE } from '../../protocol/version.ts';
import type { HqDeps, HqTimers } from '../deps.ts';
import type { FeedReader } from '../feed/create-feed-reader.ts';
import { type AuthenticTill, refusedTills } from '../tills/authenticate-till.ts';
import { describeError, failureOf } from './describe-error.ts';
import type { FeedHub } from './feed-hub.ts';
import { STREAM_STALL_MS, STREAMS_MAX } from './limits.ts';
import type { HqMetrics } from './metrics.ts';
import { createPacedWriter } from './paced-writer.ts';

export interface StreamLimits {
  readonly streamsMax: number;
  readonly stallMs: number;
  readonly heartbeatMs: number;
  /** Rows of a page, at most; a batch of the sequencer stays whole. */
  readonly pageRows: number;
}
export const STREAM_LIMITS: StreamLimits = {
  streamsMax: STREAMS_MAX,
  stallMs: STREAM_STALL_MS,
  heartbeatMs: HEARTBEAT_MS,
  pageRows: PAGE_MAX_ROWS,
};

interface Parts {
  readonly deps: HqDeps;
  readonly hub: FeedHub;
  readonly reader: FeedReader;
  readonly metrics: HqMetrics;
  readonly limits: StreamLimits;
}

/** Why a stream ends: a code of hq-error.ts, or one of the stream's own. */
type EndCode = HqFailure['code'] | 'restarting' | 'replaced';

/** The streams of this process: pages as they come, a heartbeat with the head, and an end that says why. */
export interface Streams {
  /** Reads the first page: a till whose cursor is none of ours is refused before anything is sent. */
  prepare(till: AuthenticTill, cursor: Cursor): Promise<Result<Page, HqFailure>>;
  /** Sends frames from the prepared page on, until either side ends. */
  run(till: AuthenticTill, first: Page, target: ServerResponse): Promise<void>;
  readonly open: number;
  /** Ends every stream with `restarting`. */
  stop(): Promise<void>;
}

interface OpenStream {
  readonly till: AuthenticTill;
  end(code: EndCode): void;
  readonly ended: Promise<void>;
}

/** A stream whose feed stands still reads at every so many heartbeats, should a notification have been lost. */
const IDLE_BEATS = 5;

const HEADERS = {
  'Content-Type': 'application/x-ndjson; charset=utf-8',
  'Cache-Control': 'no-store, no-transform',
  // Proxies that gather answers before they pass them on would make every page late.
  'X-Accel-Buffering': 'no',
};

export function createStreams(parts: Parts): Streams {
  const { deps, hub, metrics, limits } = parts;
  const streams = new Map<string, OpenStream>();
  let stopping = false;

  const watch = deps.timers.every(limits.heartbeatMs, () => {
    void endRefused().catch((error: unknown) =>
      deps.log('warn', 'streams were not looked at', describeError(error)),
    );
  });

  /** One question for all streams: which tills were revoked, copied or registered anew, and whose session has ended. */
  async function endRefused(): Promise<void> {
    const open = [...streams.values()];
    if (open.length === 0) return;
    const refused = await refusedTills(
      deps,
      open.map(({ till }) => till),
    );
    const nowMs = deps.nowMs();
    for (const { till, end } of open) {
      const failure = refused.get(till);
      if (failure !== undefined) end(failure.code);
      else if (till.endsMs <= nowMs) end('unauthenticated');
    }
  }

  return {
    async prepare(till, cursor) {
      const { storeId, protocol, tillId } = till.caller;
      if (stopping || (streams.size >= limits.streamsMax && !streams.has(tillId)))
        return err(hqFailure('busy'));
      const page = await hub.page({
        storeId,
        protocol,
        cursor,
        roots: 'all',
        maxRows: limits.pageRows,
      });
      return page.ok ? ok(page.value) : page;
    },

    async run(till, first, target) {
      const { tillId } = till.caller;
      // A till has one stream: the one before is a connection that died without a word.
      streams.get(tillId)?.end('replaced');
      const endings = Promise.withResolvers<EndCode | 'gone'>();
      const ended = Promise.withResolvers<void>();
      const stream: OpenStream = { till, end: endings.resolve, ended: ended.promise };
      streams.set(tillId, stream);
      metrics.streamOpened();
      target.once('close', () => endings.resolve('gone'));
      if (stopping) endings.resolve('restarting');
      target.writeHead(200, HEADERS);
      let code: EndCode | 'gone' | 'stalled' = 'gone';
      try {
        code = await sendFrames(parts, till, first, target, endings.promise);
      } catch (error) {
        code = failureOf(error).code;
        deps.log('warn', 'stream broke', { tillId, ...describeError(error) });
      } finally {
        if (streams.get(tillId) === stream) streams.delete(tillId);
        metrics.streamEnded(code);
        deps.log('debug', 'stream ended', { tillId, outcome: code });
        finish(target, code);
        ended.resolve();
      }
    },

    get open() {
      return streams.size;
    },

    async stop() {
      stopping = true;
      deps.timers.clear(watch);
      const open = [...streams.values()];
      for (const { end } of open) end('restarting');
      await Promise.all(open.map(({ ended }) => ended));
    },
  };
}

/** Sends pages and heartbeats; answers why it ended. Only one frame at a time is in memory. */
async function sendFrames(
  { deps, hub, reader, metrics, limits }: Parts,
  { caller }: AuthenticTill,
  first: Page,
  target: ServerResponse,
  ending: Promise<EndCode | 'gone'>,
): Promise<EndCode | 'gone' | 'stalled'> {
  const { storeId, protocol } = caller;
  const writer = createPacedWriter(target, { stallMs: limits.stallMs, timers: deps.timers });
  let over: EndCode | 'gone' | undefined;
  let woken = Promise.withResolvers<void>();
  let committedMs: number | undefined;
  void ending.then((code) => {
    over = code;
    woken.resolve();
  });
  const unlisten = hub.listen({
    storeId,
    wake(atMs) {
      committedMs = Math.min(committedMs ?? atMs, atMs);
      woken.resolve();
    },
  });
  let page: Page = first;
  // What lies behind comes in its turn: only what happens from here on goes ahead of it.
  let expressedTo = hub.head().pos;
  let at: Cursor = first.from;
  let beatAtMs = 0;
  let movedAtMs = 0;
  let idle = 0;
  // The first page that ends at the head tells what the till should hold of every table, also where nothing came.
  let rootsDue = protocol >= CHECKS_SINCE;

  const send = (frame: StreamFrame) => writer.write(`${JSON.stringify(frame)}\n`);
  try {
    while (over === undefined) {
      // A page without rows only moves the cursor: once a heartbeat is enough for that.
      const waits =
        page.rows.length === 0 &&
        page.exact &&
        Math.abs(deps.nowMs() - movedAtMs) < limits.heartbeatMs;
      const tellsAll = rootsDue && page.exact;
      if ((page.to.pos > page.from.pos && !waits) || tellsAll) {
        if (!page.exact) {
          const express = await reader.readExpress({
            storeId,
            protocol,
            afterPos: Math.max(page.to.pos, expressedTo),
          });
          expressedTo = express.toPos;
          if (express.rows.length > 0) {
            metrics.rowsSent('express', express.rows.length);
            const how = await send({ t: 'express', rows: [...express.rows] });
            if (how !== 'taken') return over ?? how;
          }
        }
        const how = await send({ t: 'page', page });
        if (how !== 'taken') return over ?? how;
        at = page.to;
        movedAtMs = deps.nowMs();
        if (tellsAll) rootsDue = false;
        metrics.rowsSent('page', page.count);
        if (page.exact && committedMs !== undefined) {
          metrics.pageLatency(deps.nowMs() - committedMs);
          committedMs = undefined;
        }
      }
      if (over !== undefined) break;
      const nowMs = deps.nowMs();
      if (Math.abs(nowMs - beatAtMs) >= limits.heartbeatMs) {
        beatAtMs = nowMs;
        const how = await send({ t: 'beat', head: hub.head(), at: toInstant(nowMs) });
        if (how !== 'taken') return over ?? how;
      }
      const caughtUp = page.exact || page.to.pos === page.from.pos;
      const heard = caughtUp && (await firstOf(deps.timers, woken.promise, limits.heartbeatMs));
      if (over !== undefined) break;
      woken = Promise.withResolvers<void>();
      // Nothing came and the head stands still: reading would find nothing. Now and then it is done all the same.
      if (caughtUp && !heard && hub.head().pos === at.pos && ++idle % IDLE_BEATS !== 0) {
        page = { ...page, from: at, to: at, rows: [], count: 0 };
        continue;
      }
      const roots = rootsDue ? 'all' : 'changed';
      const next = await hub.page({
        storeId,
        protocol,
        cursor: at,
        roots,
        maxRows: limits.pageRows,
      });
      if (!next.ok) {
        over = next.error.code;
        break;
      }
      page = next.value;
    }
    if (over !== 'gone') await send({ t: 'end', code: over });
    return over;
  } finally {
    unlisten();
  }
}

/** Waits for `woken`, but no longer than `waitMs`. @returns whether it was woken */
async function firstOf(timers: HqTimers, woken: Promise<void>, waitMs: number): Promise<boolean> {
  let timer: unknown;
  const heard = await Promise.race([
    woken.then(() => true),
    new Promise<boolean>((resolve) => {
      timer = timers.set(waitMs, () => resolve(false));
    }),
  ]);
  timers.clear(timer);
  return heard;
}

function finish(target: ServerResponse, code: string): void {
  // A client that takes nothing would keep its last bytes here for ever.
  if (code === 'stalled' || code === 'gone') target.destroy();
  else target.end();
}
