import { Worker } from 'node:worker_threads';
import type { LogMover, Store } from '../store.ts';
import { type CheckpointData, CROWDED, LEFT, LOG_FACTS, MOVE_ALL } from './checkpoint-protocol.ts';

/** First and longest wait before a thread that ended is started again, in milliseconds. */
export const CHECKPOINTER_FIRST_MS = 1_000;
export const CHECKPOINTER_LONGEST_MS = 60_000;
/** A thread that lived for so long was well: the waiting starts over. */
export const CHECKPOINTER_WELL_MS = 60_000;

export interface CheckpointerOptions {
  readonly store: Pick<Store, 'file' | 'leaveLog'>;
  /** Of the database. */
  readonly key: Uint8Array;
  readonly timers: { set(delayMs: number, run: () => void): unknown; clear(handle: unknown): void };
  readonly log: (level: 'warn', message: string, fields: Readonly<Record<string, unknown>>) => void;
  /** The thread's file, where it is not the one beside this one. */
  readonly workerUrl?: URL;
}

/** Keeps the write-ahead log of a running till short, off the till's thread. */
export interface Checkpointer {
  /** Settles once the first thread has the database open, or has ended. */
  readonly started: Promise<void>;
  /** Ends the thread; to be called before the store is closed, whose close moves what is left of the log. */
  close(): Promise<void>;
}

/**
 * Starts the thread that moves the log. While it runs the store's own connection leaves the log to it; when it ends,
 * however that comes, the store does it itself again until the thread is back.
 */
export function createCheckpointer(options: CheckpointerOptions): Checkpointer {
  const { store, key, timers, log } = options;
  const facts = new SharedArrayBuffer(LOG_FACTS * Int32Array.BYTES_PER_ELEMENT);
  const shared = new Int32Array(facts);
  const mover: LogMover = {
    isCrowded: () => Atomics.load(shared, CROWDED) === 1,
    moveAll() {
      Atomics.store(shared, MOVE_ALL, 1);
      return Atomics.load(shared, LEFT) === 0;
    },
  };
  const started = Promise.withResolvers<void>();
  let worker: Worker | undefined;
  let closing = false;
  let waitMs = CHECKPOINTER_FIRST_MS;
  let timer: unknown;

  function start(): void {
    const workerData: CheckpointData = { file: store.file, key, facts };
    const thread = new Worker(options.workerUrl ?? besideThis(), { workerData });
    // The till decides how long the process lives.
    thread.unref();
    worker = thread;
    let why = 'it ended by itself';
    thread.on('message', () => {
      if (closing) return;
      store.leaveLog(mover);
      timer = timers.set(CHECKPOINTER_WELL_MS, () => {
        waitMs = CHECKPOINTER_FIRST_MS;
      });
      started.resolve();
    });
    thread.on('error', (error: Error) => {
      why = error.message;
    });
    thread.on('exit', () => {
      worker = undefined;
      timers.clear(timer);
      started.resolve();
      if (closing) return;
      store.leaveLog(undefined);
      log('warn', "the thread that moves the database's log ended; it is started again", {
        why,
        waitMs,
      });
      timer = timers.set(waitMs, start);
      waitMs = Math.min(waitMs * 2, CHECKPOINTER_LONGEST_MS);
    });
  }

  start();
  return {
    started: started.promise,
    async close() {
      if (closing) return;
      closing = true;
      timers.clear(timer);
      store.leaveLog(undefined);
      const ending = worker;
      if (ending === undefined) return;
      const ended = new Promise((settle) => ending.once('exit', settle));
      ending.ref();
      ending.postMessage('close');
      await ended;
    },
  };
}

/** In the built program both files are JavaScript. */
function besideThis(): URL {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./checkpoint-worker.${ending}`, import.meta.url);
}
