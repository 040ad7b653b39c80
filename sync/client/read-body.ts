import type { Readable } from 'node:stream';
import { err, ok, type Result } from '../../agent/contract/result.ts';
import type { SyncTimers } from './deps.ts';

/** A body must bring {@link STALL_MIN_BYTES} in each window of so long, in milliseconds, or it is given up. */
export const STALL_WINDOW_MS = 5_000;
export const STALL_MIN_BYTES = 4_096;

export type BodyFailure =
  | { readonly code: 'too-big' | 'too-slow' }
  | { readonly code: 'broken'; readonly cause: unknown };

/**
 * Reads a body to its end. One that trickles (a byte a second) ends by itself: each window must bring something worth
 * waiting for, and the whole has a limit too.
 * @param maxBytes after decompression
 * @param wholeMs longest time for all of it
 */
export async function readBody(
  body: Readable,
  limits: { readonly maxBytes: number; readonly wholeMs: number },
  timers: SyncTimers,
  onBytes: () => void = () => {},
): Promise<Result<Buffer, BodyFailure>> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  let windowBytes = 0;
  let slow = false;
  const giveUp = (): void => {
    slow = true;
    body.destroy(new Error('the answer comes too slowly'));
  };
  const whole = timers.set(limits.wholeMs, giveUp);
  let stall = timers.set(STALL_WINDOW_MS, watch);
  function watch(): void {
    if (windowBytes < STALL_MIN_BYTES) return giveUp();
    windowBytes = 0;
    stall = timers.set(STALL_WINDOW_MS, watch);
  }
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      onBytes();
      sizeBytes += chunk.byteLength;
      windowBytes += chunk.byteLength;
      if (sizeBytes > limits.maxBytes) return err({ code: 'too-big' });
      chunks.push(chunk);
    }
    return slow ? err({ code: 'too-slow' }) : ok(Buffer.concat(chunks, sizeBytes));
  } catch (cause) {
    return err(slow ? { code: 'too-slow' } : { code: 'broken', cause });
  } finally {
    timers.clear(whole);
    timers.clear(stall);
    // Leaving the loop early destroys the stream; its last error has no other listener.
    body.on('error', () => {});
    body.destroy();
  }
}
