import { Readable } from 'node:stream';
import type { HttpExchange, HttpRequest, HttpResponse } from '../../../sync/client/transport.ts';
import { assert } from '../../contract/index.ts';
import type { Chance } from './chance.ts';
import type { HqMachine } from './hq-machine.ts';
import { type Injected, inject } from './inject.ts';
import type { Trace } from './trace.ts';
import type { VirtualTime } from './virtual-time.ts';

/** How bad a line is; shares of requests, and milliseconds. */
export interface LineQuality {
  latencyMs: readonly [number, number];
  /** The request never arrives; what is read is a broken connection. */
  lost: number;
  /** Headquarters did the work, and its reply is lost. */
  replyLost: number;
  /** The request arrives a second time, later. */
  repeated: number;
  /** A web page answers in the place of headquarters. */
  portal: number;
  /** The body of the reply ends in the middle. */
  truncated: number;
  /** A chunk of the feed is cut at a byte and the connection with it. */
  cut: number;
  /** A line of the feed comes again, as a proxy that kept it would send it. */
  stale: number;
}

export const GOOD_LINE: LineQuality = {
  latencyMs: [5, 40],
  lost: 0,
  replyLost: 0,
  repeated: 0,
  portal: 0,
  truncated: 0,
  cut: 0,
  stale: 0,
};

/** The line of one till to headquarters. */
export interface Line {
  readonly exchange: HttpExchange;
  quality: LineQuality;
  /** Nothing passes upward, or downward; what is on the way waits. */
  block(ways: { readonly up: boolean; readonly down: boolean }): void;
  /** Ends every connection; half open = headquarters does not hear of it. */
  reset(halfOpen?: boolean): void;
  /** Connections to processes of headquarters that have ended break; silently where its machine lost power. */
  hqGone(silent: boolean): void;
  /** The feed comes slowly from here on: a byte, and the rest after a while. */
  trickle(on: boolean): void;
  readonly isBlocked: boolean;
  /** Replies that were lost although the work was done. */
  readonly counts: Record<string, number>;
}

export interface LineOptions {
  readonly name: string;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly trace: Trace;
  /** Whoever answers at this moment; undefined = nobody. */
  readonly hq: () => HqMachine | undefined;
  /** Bytes came in at the till. */
  readonly onBytes: () => void;
  /** How long the till's process stands still, in milliseconds: it neither sends nor reads. */
  readonly stalledMs: () => number;
}

const PORTAL_PAGE = '<!DOCTYPE html><html><body>Please sign in to the network</body></html>';
/** How lines with rows begin on the wire. */
const ROWS_BEGIN = ['{"t":"page"', '{"t":"express"'].map((text) => Buffer.from(text));
/** On a line that trickles, the first byte of what headquarters sends is so far ahead of the rest, in milliseconds. */
const TRICKLE_MS = 1_000;
/** Lines of the feed that a proxy may repeat. */
const STALE_KEPT = 8;

interface Connection {
  readonly hq: HqMachine;
  readonly body: Readable;
  closeServer(): void;
  /** The till has left it. */
  readonly onClosed: () => void;
  lastAtMs: number;
}

/** A line between one till and headquarters' own routes, in this process. */
export function createLine(options: LineOptions): Line {
  const { name, time, chance, trace, hq, onBytes, stalledMs } = options;
  const connections = new Set<Connection>();
  const waitingUp: (() => void)[] = [];
  const waitingDown: (() => void)[] = [];
  const counts: Record<string, number> = {};
  let blocked = { up: false, down: false };
  let trickling = false;

  const latency = (): number => chance.between(...line.quality.latencyMs);
  const up = (run: () => void): void =>
    void time.after(stalledMs() + latency(), () => (blocked.up ? void waitingUp.push(run) : run()));
  const down = (run: () => void): void => void time.after(latency(), () => arrive(run));
  /** At the till, once its process reads. */
  function arrive(run: () => void): void {
    if (blocked.down) waitingDown.push(run);
    else if (stalledMs() > 0) time.after(stalledMs(), () => arrive(run));
    else run();
  }
  function count(what: string, path: string): void {
    counts[what] = (counts[what] ?? 0) + 1;
    trace.note(name, `${what} ${path}`);
  }

  const exchange: HttpExchange = (request) =>
    new Promise((resolve, reject) => {
      const { pathname } = new URL(request.url);
      const { quality } = line;
      const abort = (): void => reject(brokenBy('ECANCELED'));
      if (request.signal.aborted) return abort();
      request.signal.addEventListener('abort', abort, { once: true });
      const fail = (code: string): void => down(() => reject(brokenBy(code)));
      if (chance.happens(quality.portal)) {
        count('portal', pathname);
        return down(() => resolve(portalPage()));
      }
      if (chance.happens(quality.lost)) {
        count('lost', pathname);
        return fail('ECONNRESET');
      }
      const isRepeated = request.method === 'POST' && chance.happens(quality.repeated);
      up(() => {
        const target = hq();
        if (target === undefined || !target.isUp) return fail('ECONNREFUSED');
        const isReplyLost = chance.happens(line.quality.replyLost);
        inject(time, target, request, pathname).then(
          (answer) => {
            if (!isReplyLost) return hand(target, request, pathname, answer, resolve);
            count('reply-lost', pathname);
            answer.close();
            fail('ECONNRESET');
          },
          () => fail('ECONNRESET'),
        );
      });
      if (isRepeated) {
        count('repeated', pathname);
        const laterMs = chance.between(1, 20_000);
        time.after(laterMs, () => {
          const target = hq();
          if (target?.isUp)
            inject(time, target, request, pathname).then(
              (answer) => answer.close(),
              () => undefined,
            );
        });
      }
    });

  /** Hands an answer on, chunk by chunk, each after its time on the way. */
  function hand(
    target: HqMachine,
    request: HttpRequest,
    pathname: string,
    answer: Injected,
    resolve: (response: HttpResponse) => void,
  ): void {
    const isFeed = String(answer.headers['content-type'] ?? '').includes('ndjson');
    const body = new Readable({ read() {} });
    // Whoever reads it hears of its end; one that nobody reads must not end the process.
    body.on('error', () => undefined);
    const onClosed = (): void => {
      connections.delete(connection);
      up(answer.close);
    };
    const closeServer = answer.close;
    const connection: Connection = { hq: target, body, closeServer, onClosed, lastAtMs: 0 };
    connections.add(connection);
    body.once('close', onClosed);
    request.signal.addEventListener('abort', () => body.destroy(brokenBy('ECANCELED')), {
      once: true,
    });
    const isTruncated = !isFeed && chance.happens(line.quality.truncated);
    const kept: Buffer[] = [];

    function deliver(run: () => void): void {
      // Bytes of one connection come in their order.
      connection.lastAtMs = Math.max(connection.lastAtMs, time.nowMs() + latency());
      time.after(connection.lastAtMs - time.nowMs(), () => arrive(run));
    }
    const push = (bytes: Buffer | null): void => {
      if (body.destroyed) return;
      onBytes();
      body.push(bytes);
    };
    function pushFeed(bytes: Buffer): void {
      if (body.destroyed) return;
      if (chance.happens(line.quality.cut)) {
        const at = chance.below(bytes.length);
        count('cut', `${pathname} at byte ${at} of ${bytes.length}`);
        push(bytes.subarray(0, at));
        body.destroy(brokenBy('ECONNRESET'));
        return;
      }
      push(bytes);
      const hasRows = ROWS_BEGIN.some((begin) => bytes.subarray(0, begin.length).equals(begin));
      if (bytes.at(-1) === 10 && hasRows) {
        kept.push(bytes);
        if (kept.length > STALE_KEPT) kept.shift();
      }
      if (kept.length > 0 && chance.happens(line.quality.stale)) {
        count('stale', pathname);
        push(chance.pick(kept));
      }
    }

    // A process that has ended says nothing, not even that its feed ends; its machine may break the connection.
    const deliverFeed = (run: () => void): void => {
      if (target.isUp) deliver(run);
    };
    if (isFeed) {
      answer.stream.on('error', () => deliverFeed(() => body.destroy(brokenBy('ECONNRESET'))));
      answer.stream.on('data', (bytes: Buffer) => {
        if (!trickling) return deliverFeed(() => pushFeed(bytes));
        deliverFeed(() => push(bytes.subarray(0, 1)));
        // What comes after it waits behind it: bytes of one connection keep their order.
        connection.lastAtMs += TRICKLE_MS;
        deliverFeed(() => pushFeed(bytes.subarray(1)));
      });
      answer.stream.on('end', () => deliverFeed(() => push(null)));
      return down(() => resolve({ ...answer, data: body }));
    }
    answer.stream.on('error', () => deliver(() => body.destroy(brokenBy('ECONNRESET'))));
    const chunks: Buffer[] = [];
    answer.stream.on('data', (bytes: Buffer) => chunks.push(bytes));
    answer.stream.on('end', () => {
      const bytes = Buffer.concat(chunks);
      down(() => {
        resolve({ ...answer, data: body });
        if (!isTruncated) {
          push(bytes);
          push(null);
          return;
        }
        const at = chance.below(Math.max(1, bytes.length));
        count('truncated', `${pathname} at byte ${at} of ${bytes.length}`);
        push(bytes.subarray(0, at));
        if (chance.happens(0.5)) push(null);
        else body.destroy(brokenBy('ECONNRESET'));
      });
    });
  }

  /** Headquarters does not hear how the connection ends; whoever reads it has listeners of its own. */
  function leaveServer(connection: Connection): void {
    connections.delete(connection);
    connection.body.off('close', connection.onClosed);
  }

  const line: Line = {
    exchange,
    quality: GOOD_LINE,
    block(ways) {
      blocked = { ...ways };
      if (!blocked.up) for (const run of waitingUp.splice(0)) run();
      if (!blocked.down) for (const run of waitingDown.splice(0)) run();
    },
    reset(halfOpen = false) {
      for (const connection of [...connections]) {
        leaveServer(connection);
        connection.body.destroy(brokenBy('ECONNRESET'));
        if (!halfOpen) connection.closeServer();
      }
    },
    hqGone(silent) {
      for (const connection of [...connections]) {
        if (connection.hq.isUp) continue;
        leaveServer(connection);
        if (!silent) down(() => connection.body.destroy(brokenBy('ECONNRESET')));
      }
    },
    trickle(on) {
      trickling = on;
    },
    get isBlocked() {
      return blocked.up || blocked.down;
    },
    counts,
  };
  return line;
}

function brokenBy(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function portalPage(): HttpResponse {
  const data = Readable.from([Buffer.from(PORTAL_PAGE)]);
  assert(data.readable, 'a page can be read');
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, data };
}
