import type { IncomingMessage } from 'node:http';
import type { RequestFacts } from './guard.ts';

/** Puts a Node request into the form that the guard judges. */
export function requestFacts(request: IncomingMessage): RequestFacts {
  const { headers } = request;
  return {
    method: request.method ?? '',
    target: request.url ?? '',
    hosts: request.headersDistinct['host'] ?? [],
    origin: headers.origin,
    fetchSite: first(headers['sec-fetch-site']),
    authorization: headers.authorization,
    contentType: headers['content-type'],
    contentEncoding: headers['content-encoding'],
    contentLength: headers['content-length'],
    chunked: headers['transfer-encoding'] !== undefined,
  };
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
