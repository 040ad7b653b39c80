import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { err, failure, ok, type Result, text, toErrorBody } from '../contract/index.ts';
import { answerV1 } from './answer-v1.ts';
import { describeUnexpected } from './api-log.ts';
import { callerName } from './context.ts';
import type { Api } from './create-api.ts';
import { type GuardPolicy, guardRequest } from './guard.ts';
import { sendError, sendJson, sendRawError } from './http-answer.ts';
import { HEADERS_MAX_BYTES } from './limits.ts';
import { type ListenFailure, listen } from './listen.ts';
import { openApiDocument } from './openapi.ts';
import { createPackFiles, PACK_PATH } from './pack-files.ts';
import { requestFacts } from './request-facts.ts';
import { securityHeaders } from './security-headers.ts';
import { attachSockets } from './serve-ws.ts';
import { createStaticFiles, type StaticFiles } from './static-files.ts';
import { invalidField } from './wire-error.ts';

/** Methods and headers that a paired web POS may use. */
const CORS_METHODS = 'GET, POST, DELETE';
const CORS_HEADERS = 'authorization, content-type, idempotency-key, last-event-id';
const CORS_MAX_AGE_SECONDS = '600';
/** How long an idle connection is kept for the next request. */
const KEEP_ALIVE_MS = 15_000;
/** How often Node looks for requests past their time limits. */
const TIMEOUT_CHECK_MS = 500;

export interface HttpOptions {
  /** 0 = any free port. */
  readonly port: number;
  /** Folder of the built screens; absent = none are served. */
  readonly uiFolder?: string;
  /** Folder of a face model pack, served to the till's own pages; absent = the model that comes with the screens. */
  readonly facePackFolder?: string;
  /** Further JSON documents for the screens by path, e.g. `/demo.json`. */
  readonly documents?: Readonly<Record<string, unknown>>;
  /** Listens at `[::1]` too. */
  readonly ipv6?: boolean;
  /** Answers to the name `localhost` too; off, because names are what DNS rebinding plays with. */
  readonly localhostAlias?: boolean;
}

/** A local API that listens. */
export interface HttpServer {
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly address: string;
  /** Stops listening, lets open requests end until the deadline, then cuts their sockets. */
  close(): Promise<void>;
}

/**
 * Serves the local API at loopback: `/v1` over HTTP, `/ws` for the screens, the screens themselves at `/`.
 * Fails with {@link ListenFailure} where the port cannot be had.
 */
export async function serveHttp(
  api: Api,
  options: HttpOptions,
): Promise<Result<HttpServer, ListenFailure>> {
  const openapi = JSON.stringify(await openApiDocument());
  const none: StaticFiles = async () => undefined;
  const screens = options.uiFolder === undefined ? none : createStaticFiles(options.uiFolder);
  const pack =
    options.facePackFolder === undefined ? none : createPackFiles(options.facePackFolder);
  const files: StaticFiles = (path) => (path.startsWith(PACK_PATH) ? pack : screens)(path);
  const hosts: string[] = [];
  const policy: GuardPolicy = {
    hosts,
    get ownOrigins() {
      return hosts.map((host) => `http://${host}`);
    },
    pairedOrigins: () => api.till.pairedOrigins(),
    bodyMaxBytes: api.limits.bodyMaxBytes,
  };

  const servers: Server[] = [];
  const sockets: { close(): Promise<void> }[] = [];
  const addresses =
    options.ipv6 === true ? (['127.0.0.1', '::1'] as const) : (['127.0.0.1'] as const);
  let port = options.port;
  for (const address of addresses) {
    const server = createServer(
      {
        headersTimeout: api.limits.headersTimeoutMs,
        // The body has a limit of its own with an answer of ours; this one is behind it.
        requestTimeout: api.limits.headersTimeoutMs + 2 * api.limits.bodyTimeoutMs,
        connectionsCheckingInterval: TIMEOUT_CHECK_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
        maxHeaderSize: HEADERS_MAX_BYTES,
      },
      (request, response) => void answer(request, response),
    );
    server.maxConnections = api.limits.connectionsMax;
    server.on('clientError', answerNoHttp);
    server.on('checkExpectation', answerExpectation);
    const listening = await listen(server, address, port);
    if (!listening.ok) {
      await Promise.all(servers.map((other) => new Promise((done) => other.close(done))));
      return err(listening.error);
    }
    port = listening.value;
    servers.push(server);
    sockets.push(attachSockets(api, server, policy));
  }
  for (const name of [
    '127.0.0.1',
    ...(options.ipv6 === true ? ['[::1]'] : []),
    ...(options.localhostAlias === true ? ['localhost'] : []),
  ]) {
    // Browsers leave the default port out of Host and Origin.
    hosts.push(port === 80 ? name : `${name}:${port}`);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await route(request, response);
    } catch (error) {
      api.log.problem({ procedure: 'http', ...describeUnexpected(error) });
      if (!response.headersSent) sendError(request, response, toErrorBody(failure('internal')));
      else response.destroy();
    }
  }

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const ownHost = hosts.find((host) => host === request.headers.host) ?? hosts[0] ?? '';
    const path = URL.parse(request.url ?? '', 'http://till')?.pathname ?? '/';
    for (const [name, value] of Object.entries(securityHeaders(ownHost, path)))
      response.setHeader(name, value);
    response.setHeader('Cache-Control', 'no-store');

    const guarded = guardRequest(requestFacts(request), policy);
    if (!guarded.ok) {
      api.log.access({
        transport: 'http',
        caller: callerName(null),
        procedure: 'guard',
        scope: null,
        outcome: guarded.error.code,
      });
      return sendError(request, response, toErrorBody(guarded.error));
    }
    const passed = guarded.value;
    if (passed.pairedOrigin !== undefined) {
      response.setHeader('Access-Control-Allow-Origin', passed.pairedOrigin);
      response.setHeader('Access-Control-Expose-Headers', 'Retry-After');
    }
    if (passed.preflight) {
      if (passed.pairedOrigin === undefined || !passed.path.startsWith('/v1/')) {
        return sendError(request, response, toErrorBody(failure('wrong-method')));
      }
      response.setHeader('Access-Control-Allow-Methods', CORS_METHODS);
      response.setHeader('Access-Control-Allow-Headers', CORS_HEADERS);
      response.setHeader('Access-Control-Max-Age', CORS_MAX_AGE_SECONDS);
      response.writeHead(204).end();
      return;
    }
    if (passed.path === '/v1' || passed.path.startsWith('/v1/'))
      return answerV1(api, openapi, request, response, passed);
    if (looksLikeApi(passed.path))
      return sendError(request, response, toErrorBody(failure('not-found')));
    return answerPage(request, response, passed.path, files, options.documents ?? {});
  }

  return ok({
    port,
    address: `http://127.0.0.1:${port}`,
    async close() {
      const closed = servers.map(
        (server) => new Promise<void>((done) => server.close(() => done())),
      );
      api.close();
      const socketsClosed = sockets.map((group) => group.close());
      for (const server of servers) server.closeIdleConnections();
      const cut = setTimeout(() => {
        for (const server of servers) server.closeAllConnections();
      }, api.limits.closeDeadlineMs);
      await Promise.all([...closed, ...socketsClosed]);
      clearTimeout(cut);
    },
  });
}

/** An address of the API written otherwise, in capitals or escaped: a program that is told so is helped more than by a page. */
function looksLikeApi(path: string): boolean {
  const plain = path.replace(/%([0-7][0-9a-f])/gi, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return /^\/+v1(\/|$)/i.test(plain);
}

async function answerPage(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  files: StaticFiles,
  documents: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return sendError(request, response, toErrorBody(failure('wrong-method')));
  }
  if (Object.hasOwn(documents, path))
    return sendJson(response, 200, JSON.stringify(documents[path]));
  const file = await files(path);
  if (file === undefined) return sendError(request, response, toErrorBody(failure('not-found')));
  response.writeHead(200, {
    'Content-Type': file.type,
    'Content-Length': file.bytes.length,
    'Cache-Control': file.cacheControl,
  });
  response.end(request.method === 'HEAD' ? undefined : file.bytes);
}

/** `Expect` with anything but `100-continue`: nothing here does what is expected. */
function answerExpectation(request: IncomingMessage, response: ServerResponse): void {
  sendError(
    request,
    response,
    invalidField('expect', text('只支持 100-continue', 'may only be 100-continue')),
  );
}

/** Bytes that never became a request: too slow, too long, or no HTTP at all. */
function answerNoHttp(error: NodeJS.ErrnoException, socket: import('node:stream').Duplex): void {
  switch (error.code) {
    case 'ECONNRESET':
      socket.destroy();
      return;
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return sendRawError(socket, toErrorBody(failure('request-timeout')));
    case 'HPE_HEADER_OVERFLOW':
      return sendRawError(
        socket,
        invalidField(
          'headers',
          text(
            `不能大于 ${HEADERS_MAX_BYTES} 字节`,
            `must have at most ${HEADERS_MAX_BYTES} bytes`,
          ),
        ),
      );
    default:
      return sendRawError(socket, invalidField('', text('不是 HTTP 请求', 'is no HTTP request')));
  }
}
