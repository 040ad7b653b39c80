import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { type FastifyInstance, fastify } from 'fastify';
import { type HqFailure, hqErrorBody, hqFailure } from '../../protocol/hq-error.ts';
import type { HqDeps } from '../deps.ts';
import type { HqTls } from '../keys/tls.ts';
import { answerFailure } from './api-routes.ts';
import { describeError } from './describe-error.ts';
import {
  CALLS_MAX,
  CONNECTIONS_MAX,
  HEADERS_TIMEOUT_MS,
  KEEP_ALIVE_MS,
  REQUEST_TIMEOUT_MS,
  TARGET_MAX_CHARS,
} from './limits.ts';
import type { HqMetrics } from './metrics.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

export interface ServerOptions {
  readonly deps: HqDeps;
  readonly metrics: HqMetrics;
  /** null = plain HTTP, which is for loopback only. */
  readonly tls: HqTls | null;
  /** Where tills and browsers find HQ, if not at the address that they connect to: behind a proxy. */
  readonly url?: string | undefined;
  readonly callsMax?: number;
  readonly connectionsMax?: number;
}

/** The server without its routes: limits, the headers of every answer, and refusals in HQ's form. */
export function createHqServer(options: ServerOptions): FastifyInstance {
  const { deps, tls, callsMax = CALLS_MAX } = options;
  const scheme = tls === null ? 'http' : 'https';
  const named = options.url === undefined ? [] : [new URL(options.url).origin];
  let calls = 0;
  const server = fastify({
    serverFactory(handler) {
      const made = tls === null ? createHttpServer(handler) : overTls(tls, handler);
      made.maxConnections = options.connectionsMax ?? CONNECTIONS_MAX;
      made.headersTimeout = HEADERS_TIMEOUT_MS;
      made.requestTimeout = REQUEST_TIMEOUT_MS;
      made.keepAliveTimeout = KEEP_ALIVE_MS;
      return made;
    },
    bodyLimit: 1_024,
    exposeHeadRoutes: false,
    logger: false,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    clientErrorHandler: refuseRaw,
    frameworkErrors: (_error, _request, reply) =>
      void answerFailure(options, 'unknown', reply, hqFailure('not-found')),
  });
  // Bodies are JSON and nothing else: a form or a text is what a foreign page can send without asking first.
  server.removeContentTypeParser('text/plain');

  server.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    if (request.url.startsWith('/v1/')) reply.header('Cache-Control', 'no-store');
    const own = [`${scheme}://${String(request.headers.host)}`, ...named];
    const refused = foreign(own, request.headers)
      ? hqFailure('forbidden', 'origin')
      : request.url.length > TARGET_MAX_CHARS
        ? hqFailure('not-found')
        : calls >= callsMax
          ? hqFailure('busy')
          : undefined;
    if (refused !== undefined) return answerFailure(options, 'unknown', reply, refused);
    calls++;
    reply.raw.once('close', () => {
      calls--;
    });
  });
  server.setNotFoundHandler((_request, reply) =>
    answerFailure(options, 'unknown', reply, hqFailure('not-found')),
  );
  server.setErrorHandler((error, _request, reply) => {
    const failure = requestFailure(error);
    if (failure.code === 'internal') deps.log('error', 'call broke', describeError(error));
    return answerFailure(options, 'unknown', reply, failure);
  });
  return server;
}

function overTls(tls: HqTls, handler: Parameters<typeof createHttpServer>[1]): Server {
  // Both kinds of server have the limits that are set on them; their types only differ in the sockets.
  return createHttpsServer(secureContextOf(tls), handler) as unknown as Server;
}

/** Shows another certificate to whoever connects from here on; needs a server that was made with one. */
export function showTls({ server }: FastifyInstance, tls: HqTls): void {
  (server as unknown as HttpsServer).setSecureContext(secureContextOf(tls));
}

function secureContextOf({ cert, key }: HqTls) {
  return { cert, key, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' } as const;
}

/**
 * Whether a page of another place sends this. Programs send no Origin; the console's pages send our own. Following a
 * link to the console is no such request: it carries no token and reads nothing.
 */
function foreign(
  own: readonly string[],
  { origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode }: NodeJS.Dict<string | string[]>,
): boolean {
  if (origin !== undefined && !own.includes(String(origin))) return true;
  if (mode === 'navigate') return false;
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

/** What a client is told of a request that the framework could not read. */
function requestFailure(error: unknown): HqFailure {
  switch ((error as { code?: string }).code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return hqFailure('too-large');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return hqFailure('invalid-input', 'Content-Type', { problem: 'send application/json' });
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return hqFailure('invalid-input', 'body', { problem: 'not JSON' });
    default:
      return (error as { statusCode?: number }).statusCode === 400
        ? hqFailure('invalid-input', 'body', { problem: 'not JSON' })
        : hqFailure('internal');
  }
}

/** Answers bytes that are no HTTP at all, and clients that never finish their request. */
function refuseRaw(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(hqErrorBody(hqFailure('invalid-input', 'request')));
  const late = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  socket.end(
    [
      `HTTP/1.1 ${late ? '408 Request Timeout' : '400 Bad Request'}`,
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
    () => socket.destroy(),
  );
}
