import type { Readable } from 'node:stream';
import axios from 'axios';
import { assert, err, ok, type Result, unreachable } from '../../agent/contract/result.ts';
import { type HqCall, type HqInput, type HqReply, hqApi } from '../protocol/hq-api.ts';
import { createAgents, isLoopback } from './agents.ts';
import { type CallFailure, unreachableBy } from './call-failure.ts';
import { judgeCertificateTime, readCertificateTimes } from './certificate-time.ts';
import { classifyError, errorCode, isStale } from './classify-error.ts';
import type { SyncClock, SyncTimers } from './deps.ts';
import { parseReply } from './parse-reply.ts';
import { type BodyFailure, readBody } from './read-body.ts';
import { looksLikePortal, refusalOf } from './read-refusal.ts';
import { readRetryAfter } from './retry-after.ts';
import type { ProxySetting } from './sync-client.ts';

/** Longest wait for the first byte of an answer beyond what the call itself takes, in milliseconds. */
export const FIRST_BYTE_MS = 10_000;
/** Longest time for a whole answer with JSON, in milliseconds. */
export const ANSWER_MS = 60_000;
/** Bytes of an answer that is no success, at most: it names a code and two sentences. */
export const REFUSAL_MAX_BYTES = 64 * 1024;
/** Bytes of a JSON answer, at most, where the call does not say otherwise. */
export const REPLY_MAX_BYTES = 1024 * 1024;

const FORM_JSON = 'application/json';

export interface CallOptions {
  /** Bearer token of the session. */
  readonly token?: string;
  readonly signal?: AbortSignal;
  /** The answer may take so long to begin, in milliseconds. */
  readonly firstByteMs?: number;
  readonly maxBytes?: number;
}

export interface GetOptions {
  readonly token: string;
  readonly query?: Readonly<Record<string, string | number>>;
  /** Content types that may be answered; the first is asked for. */
  readonly forms: readonly string[];
  readonly signal?: AbortSignal;
  readonly firstByteMs?: number;
}

/** Everything that crosses the wire to headquarters. Never rejects. */
export interface Transport {
  call<Call extends HqCall>(
    name: Call,
    input: HqInput<Call>,
    options?: CallOptions,
  ): Promise<Result<HqReply<Call>, CallFailure>>;
  /** Opens a body that the caller reads as it comes. */
  open(path: string, options: GetOptions): Promise<Result<Readable, CallFailure>>;
  /** Posts bytes in the first of `forms` and fetches the answer whole, which has one of them. */
  callBytes(
    path: string,
    body: Uint8Array,
    options: GetOptions & { readonly maxBytes: number; readonly wholeMs: number },
  ): Promise<Result<Buffer, CallFailure>>;
  /** Fetches a body whole. */
  download(
    path: string,
    options: GetOptions & { readonly maxBytes: number; readonly wholeMs: number },
  ): Promise<Result<Buffer, CallFailure>>;
  close(): void;
}

/** A request as it leaves the till. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of the address. */
  readonly params?: Readonly<Record<string, unknown>>;
  readonly data?: string | Uint8Array;
  readonly signal: AbortSignal;
}

/** The head of an answer, and its body to be read. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: object;
  readonly data: Readable;
}

/** Carries one request; throws what a socket throws, with its `code`. */
export type HttpExchange = (request: HttpRequest) => Promise<HttpResponse>;

export interface TransportOptions {
  readonly url: string;
  /** Certificate of the pinned authority as PEM; `null` only for plain HTTP on loopback. */
  readonly ca: string | null;
  readonly clock: SyncClock;
  readonly timers: SyncTimers;
  readonly proxy?: ProxySetting | undefined;
  /** Headquarters' time as far as this run has heard, in epoch milliseconds. */
  readonly hqNowMs?: () => number | null;
  /** Bytes of headquarters came. */
  readonly onHeard?: () => void;
  /** Absent = HTTP over a socket of this machine. */
  readonly exchange?: HttpExchange | undefined;
}

interface Wanted {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: string | Uint8Array;
  readonly token?: string | undefined;
  readonly forms: readonly string[];
  readonly signal?: AbortSignal | undefined;
  readonly firstByteMs: number;
}

interface Opened {
  readonly body: Readable;
  /** Aborts where our own side ends the call. */
  readonly ours: AbortSignal;
}

/** HTTP to one headquarters over its pinned authority. */
export function createTransport({
  url,
  ca,
  clock,
  timers,
  proxy,
  hqNowMs = () => null,
  onHeard = () => {},
  exchange,
}: TransportOptions): Transport {
  const base = new URL(url);
  const loopback = isLoopback(base.hostname);
  assert(base.protocol === 'https:' || loopback, 'plain HTTP is for loopback only');
  const agents = createAgents(ca, timers);
  const closing = new AbortController();
  const http = axios.create({
    httpAgent: agents.http,
    httpsAgent: agents.https,
    // Absent, axios reads the environment's proxy settings; nothing on this machine is behind a proxy.
    ...(loopback ? { proxy: false as const } : proxy === undefined ? {} : { proxy }),
    maxRedirects: 0,
    responseType: 'stream',
    maxBodyLength: Number.POSITIVE_INFINITY,
    validateStatus: () => true,
    transformRequest: [(data: unknown) => data],
  });
  const send: HttpExchange =
    exchange ??
    (({ headers, ...wanted }) => http.request<Readable>({ ...wanted, headers: { ...headers } }));

  /** Sends a request and waits for the head of its answer; a success of the wanted form is handed on unread. */
  async function request(wanted: Wanted, again = true): Promise<Result<Opened, CallFailure>> {
    const ours = AbortSignal.any([closing.signal, ...(wanted.signal ? [wanted.signal] : [])]);
    if (ours.aborted) return err({ code: 'cancelled' });
    const late = new AbortController();
    const timer = timers.set(wanted.firstByteMs, () => late.abort());
    const signal = AbortSignal.any([late.signal, ours]);
    let response: HttpResponse;
    try {
      response = await send({
        method: wanted.method,
        url: new URL(wanted.path, base).href,
        signal,
        headers: {
          Accept: wanted.forms[0] ?? FORM_JSON,
          // Bodies of other forms are packed by themselves, or must not wait in a packer.
          ...(wanted.forms[0] === FORM_JSON ? {} : { 'Accept-Encoding': 'identity' }),
          ...(wanted.body === undefined ? {} : { 'Content-Type': wanted.forms[0] ?? FORM_JSON }),
          ...(wanted.token === undefined ? {} : { Authorization: `Bearer ${wanted.token}` }),
        },
        ...(wanted.query === undefined ? {} : { params: wanted.query }),
        ...(wanted.body === undefined ? {} : { data: wanted.body }),
      });
    } catch (error) {
      if (ours.aborted) return err({ code: 'cancelled' });
      if (late.signal.aborted)
        return err(unreachableBy('timed-out', `no answer within ${wanted.firstByteMs} ms`));
      // A kept connection that headquarters had closed says nothing about headquarters.
      if (again && isStale(error) && wasReused(error)) return request(wanted, false);
      return err(await describe(error));
    } finally {
      timers.clear(timer);
    }
    const { status } = response;
    const form = headerOf(response, 'content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
    if (status >= 200 && status < 300 && wanted.forms.includes(form))
      return ok({ body: response.data, ours });
    return err(await refused(response, form));
  }

  /** An answer that is no success, or one of another form than headquarters gives. */
  async function refused(response: HttpResponse, form: string): Promise<CallFailure> {
    const { status } = response;
    const retryAfterMs = readRetryAfter(
      headerOf(response, 'retry-after'),
      headerOf(response, 'date'),
      clock.now(),
    );
    const limits = { maxBytes: REFUSAL_MAX_BYTES, wholeMs: FIRST_BYTE_MS };
    const body = await readBody(response.data, limits, timers);
    const text = body.ok ? body.value.toString('utf8') : '';
    if (looksLikePortal(status, form, text))
      return unreachableBy(
        'captive-portal',
        `a web page answers with ${status} in place of headquarters`,
      );
    const refusal = status >= 400 ? refusalOf(text) : null;
    if (refusal !== null) {
      onHeard();
      return { code: 'refused', ...refusal, retryAfterMs };
    }
    const reason = status >= 500 || status === 429 ? 'server-error' : 'wrong-answer';
    return unreachableBy(reason, `status ${status}, content type ${form || 'none'}`, {
      retryAfterMs,
    });
  }

  async function describe(error: unknown): Promise<CallFailure> {
    const { reason, mayHaveArrived } = classifyError(error);
    const message = errorCode(error) || (error instanceof Error ? error.name : 'unknown error');
    if (reason !== 'certificate-time') return unreachableBy(reason, message, { mayHaveArrived });
    const times = await readCertificateTimes(base, timers);
    return unreachableBy(judgeCertificateTime(times, clock.now(), hqNowMs()), message, {
      mayHaveArrived,
    });
  }

  async function whole(
    { body, ours }: Opened,
    limits: { readonly maxBytes: number; readonly wholeMs: number },
    onBytes?: () => void,
  ): Promise<Result<Buffer, CallFailure>> {
    const read = await readBody(body, limits, timers, onBytes);
    if (read.ok) return read;
    return err(ours.aborted ? { code: 'cancelled' } : bodyFailure(read.error, limits.maxBytes));
  }

  return {
    async call(name, input, options = {}) {
      const { method, path, reply: replySchema } = hqApi[name];
      const opened = await request({
        method,
        path: pathOf(path, input as Readonly<Record<string, unknown>>),
        ...(method === 'GET'
          ? { query: input as Readonly<Record<string, unknown>> }
          : { body: JSON.stringify(input) }),
        token: options.token,
        forms: [FORM_JSON],
        signal: options.signal,
        firstByteMs: options.firstByteMs ?? FIRST_BYTE_MS,
      });
      if (!opened.ok) return opened;
      const limits = { maxBytes: options.maxBytes ?? REPLY_MAX_BYTES, wholeMs: ANSWER_MS };
      const bytes = await whole(opened.value, limits);
      if (!bytes.ok) return bytes;
      const reply = parseReply(replySchema, bytes.value, name);
      // Only what has headquarters' form was said by it.
      if (reply.ok) onHeard();
      return reply as Result<HqReply<typeof name>, CallFailure>;
    },
    async open(path, options) {
      const opened = await request({
        method: 'GET',
        firstByteMs: FIRST_BYTE_MS,
        ...options,
        path,
      });
      if (!opened.ok) return opened;
      onHeard();
      return ok(opened.value.body);
    },
    async callBytes(path, body, { maxBytes, wholeMs, ...options }) {
      const opened = await request({
        method: 'POST',
        firstByteMs: FIRST_BYTE_MS,
        ...options,
        path,
        body,
      });
      if (!opened.ok) return opened;
      return whole(opened.value, { maxBytes, wholeMs }, onHeard);
    },
    async download(path, { maxBytes, wholeMs, ...options }) {
      const opened = await request({
        method: 'GET',
        firstByteMs: FIRST_BYTE_MS,
        ...options,
        path,
      });
      if (!opened.ok) return opened;
      return whole(opened.value, { maxBytes, wholeMs }, onHeard);
    },
    close() {
      closing.abort();
      agents.close();
    },
  };
}

function bodyFailure(failure: BodyFailure, maxBytes: number): CallFailure {
  switch (failure.code) {
    case 'too-big':
      return unreachableBy('wrong-answer', `the answer is larger than ${maxBytes} bytes`);
    case 'too-slow':
      return unreachableBy('timed-out', 'the answer comes too slowly');
    case 'broken':
      return unreachableBy('network', errorCode(failure.cause) || 'the answer broke off');
    default:
      return unreachable(failure);
  }
}

function pathOf(path: string, input: Readonly<Record<string, unknown>>): string {
  return path.replace(/:([A-Za-z]+)/g, (_, field: string) =>
    encodeURIComponent(String(input[field])),
  );
}

function headerOf({ headers }: HttpResponse, name: string): string | undefined {
  const value: unknown = (headers as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' ? value : undefined;
}

function wasReused(error: unknown): boolean {
  return axios.isAxiosError(error) && error.request?.reusedSocket === true;
}
