import type { IncomingMessage } from 'node:http';
import {
  type ErrorBody,
  err,
  failure,
  ok,
  type Result,
  text,
  toErrorBody,
} from '../contract/index.ts';
import { tooLarge } from './guard.ts';
import { invalidField } from './wire-error.ts';

/**
 * Reads a JSON body whole. Bytes are counted as they come, so a chunked body that announces nothing is cut at the
 * limit too, and a body that trickles is given up at the deadline.
 * @param request a request whose body nobody has begun to read
 * @returns the parsed JSON, or the error body: `body-too-large`, `request-timeout`, `invalid-input`
 */
export async function readJsonBody(
  request: IncomingMessage,
  limits: { readonly bodyMaxBytes: number; readonly bodyTimeoutMs: number },
): Promise<Result<unknown, ErrorBody>> {
  const bytes = await readBytes(request, limits.bodyMaxBytes, limits.bodyTimeoutMs);
  if (!bytes.ok) return bytes;
  try {
    return ok(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.value)));
  } catch {
    // The parser's own message quotes the body, which may hold personal data: the field alone is told.
    return err(invalidField('body', text('不是完整的 UTF-8 JSON', 'is not whole JSON in UTF-8')));
  }
}

function readBytes(
  request: IncomingMessage,
  maxBytes: number,
  timeoutMs: number,
): Promise<Result<Buffer, ErrorBody>> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (result: Result<Buffer, ErrorBody>): void => {
      clearTimeout(timer);
      request.off('data', onData);
      request.off('end', onEnd);
      request.off('error', onGone);
      request.off('close', onGone);
      resolve(result);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBytes) {
        request.pause();
        end(err(toErrorBody(tooLarge(maxBytes))));
      } else {
        chunks.push(chunk);
      }
    };
    const onEnd = (): void => end(ok(Buffer.concat(chunks, size)));
    const onGone = (): void => end(err(toErrorBody(failure('request-timeout', 'body'))));
    const timer = setTimeout(() => {
      request.pause();
      end(err(toErrorBody(failure('request-timeout', 'body', { withinMs: timeoutMs }))));
    }, timeoutMs);
    request.on('data', onData);
    request.on('end', onEnd);
    request.on('error', onGone);
    request.on('close', onGone);
  });
}
