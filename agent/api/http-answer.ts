import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { ERRORS, type ErrorBody } from '../contract/index.ts';

/** Time that a caller whose body is not read to its end gets to read the answer before the socket is cut. */
const LINGER_MS = 500;

/** Sends JSON. */
export function sendJson(response: ServerResponse, status: number, json: string): void {
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(json),
  });
  response.end(json);
}

/**
 * Sends an error. Where the request's body was not read to its end the connection is ended too: what is left on it is
 * not the next request.
 */
export function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  body: ErrorBody,
): void {
  const { status } = ERRORS[body.code];
  const wait = retryAfterSeconds(body);
  if (wait !== undefined) response.setHeader('Retry-After', wait);
  if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  if (!request.complete) {
    response.setHeader('Connection', 'close');
    response.once('finish', () => {
      // Reading on for a moment lets the answer arrive before a reset does.
      request.resume();
      const cut = setTimeout(() => request.socket.destroy(), LINGER_MS);
      request.socket.once('close', () => clearTimeout(cut));
    });
  }
  sendJson(response, status, JSON.stringify(body));
}

/** Seconds that a body of `too-many-requests` or a lock asks the caller to wait. */
export function retryAfterSeconds(body: ErrorBody): number | undefined {
  const wait = body.data?.['retryAfterSeconds'];
  return typeof wait === 'number' ? wait : undefined;
}

/** Sends an error over a socket that has no response object: a refused upgrade, a request that is no HTTP. */
export function sendRawError(socket: Duplex, body: ErrorBody): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { status } = ERRORS[body.code];
  const json = JSON.stringify(body);
  const wait = retryAfterSeconds(body);
  const head = [
    `HTTP/1.1 ${status} ${body.code}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(json)}`,
    'X-Content-Type-Options: nosniff',
    'Cache-Control: no-store',
    'Connection: close',
    ...(wait === undefined ? [] : [`Retry-After: ${wait}`]),
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${json}`, () => socket.destroy());
}
