import type { Writable } from 'node:stream';
import type { HqTimers } from '../deps.ts';

/** Bytes handed to the socket at a time. */
const SLICE_BYTES = 64 * 1024;

/** How writing to a client went. */
export type Written = 'taken' | 'gone' | 'stalled';

/** Writes to a client no faster than it takes, so that a slow one holds no more than one frame. */
export interface PacedWriter {
  /** Resolves once the system has taken the whole text. One call at a time. */
  write(text: string): Promise<Written>;
}

/** @param stallMs a slice that is not taken within this time counts as stalled */
export function createPacedWriter(
  target: Writable,
  { stallMs, timers }: { readonly stallMs: number; readonly timers: HqTimers },
): PacedWriter {
  function writeSlice(slice: Buffer): Promise<Written> {
    return new Promise((resolve) => {
      if (target.destroyed || target.writableEnded) {
        resolve('gone');
        return;
      }
      const done = (how: Written) => () => {
        timers.clear(timer);
        target.off('close', gone);
        resolve(how);
      };
      const gone = done('gone');
      const timer = timers.set(stallMs, done('stalled'));
      target.once('close', gone);
      target.write(slice, (error) => (error == null ? done('taken')() : gone()));
    });
  }

  return {
    async write(text) {
      const bytes = Buffer.from(text, 'utf8');
      for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
        const how = await writeSlice(bytes.subarray(at, at + SLICE_BYTES));
        if (how !== 'taken') return how;
      }
      return 'taken';
    },
  };
}
