import type { FastifyReply } from 'fastify';
import { HQ_ERRORS, type HqFailure, hqErrorBody } from '../../protocol/hq-error.ts';
import { RETRY_AFTER_SECONDS } from './limits.ts';

/** Answers a refusal in the form that every client of HQ knows, with `Retry-After` where waiting helps. */
export function sendFailure(reply: FastifyReply, failure: HqFailure): FastifyReply {
  const { status } = HQ_ERRORS[failure.code];
  if (status === 429 || status === 503) {
    const seconds = failure.detail?.['retryAfterSeconds'];
    reply.header(
      'Retry-After',
      String(typeof seconds === 'number' ? seconds : RETRY_AFTER_SECONDS),
    );
  }
  if (status === 401) reply.header('WWW-Authenticate', 'Bearer');
  // The framework would close the connection: the rest of the body would then meet a reset, and the client might never
  // see this answer. Left open, Node reads the rest and throws it away.
  if (status === 413) reply.removeHeader('Connection');
  return reply
    .code(status)
    .header('Content-Type', 'application/json; charset=utf-8')
    .send(JSON.stringify(hqErrorBody(failure)));
}
