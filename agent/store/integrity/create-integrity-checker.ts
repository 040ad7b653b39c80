import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import type { Store } from '../store.ts';
import type { IntegrityAnswer, IntegrityData } from './integrity-protocol.ts';

/** Every page is read once in so long, in milliseconds. */
export const INTEGRITY_EVERY_MS = 24 * 60 * 60_000;
/** After a start the till has other things to do for so long, in milliseconds. */
export const INTEGRITY_FIRST_MS = 5 * 60_000;
/** Whether it is due, and whether nothing is being sold, is looked at so often, in milliseconds. */
export const INTEGRITY_LOOK_MS = 60_000;
/** Looks for which a busy till is left alone; then it is checked all the same, since the thread is not the till's. */
export const BUSY_LOOKS_MAX = 60;
/** Name under which `meta` keeps the last result. */
const LAST = 'integrity.last';

const resultSchema = z.object({
  atMs: z.number(),
  ok: z.boolean(),
  tables: z.int(),
  faults: z.array(z.string()),
});
/** The last whole reading of the database. */
export type IntegrityResult = z.infer<typeof resultSchema>;

export interface IntegrityCheckerOptions {
  readonly store: Pick<Store, 'file' | 'meta' | 'transaction'>;
  /** Of the database. */
  readonly key: Uint8Array;
  readonly clock: { now(): number };
  readonly timers: { set(delayMs: number, run: () => void): unknown; clear(handle: unknown): void };
  readonly log: (
    level: 'debug' | 'info' | 'warn' | 'error',
    message: string,
    fields?: Readonly<Record<string, unknown>>,
  ) => void;
  /** Whether nothing is being held or committed. */
  readonly idle: () => boolean;
  /** The database has faults; called once for each reading that found some. */
  readonly onFaults: (faults: readonly string[]) => void;
  /** The thread's file, where it is not the one beside this one. */
  readonly workerUrl?: URL;
}

export interface IntegrityChecker {
  /** Reads the whole database as soon as the thread is up, whenever it was read last. */
  checkNow(): Promise<IntegrityResult | undefined>;
  close(): Promise<void>;
}

/** Reads every page of a running till's database daily, in a thread of its own with a connection of its own. */
export function createIntegrityChecker(options: IntegrityCheckerOptions): IntegrityChecker {
  const { store, key, clock, timers, log } = options;
  let running: Promise<IntegrityResult | undefined> | undefined;
  let worker: Worker | undefined;
  let closed = false;
  let busyLooks = 0;
  let timer = timers.set(INTEGRITY_FIRST_MS, look);

  function look(): void {
    timer = timers.set(INTEGRITY_LOOK_MS, look);
    const last = readIntegrity(store);
    const ageMs = last === undefined ? INTEGRITY_EVERY_MS : Math.abs(clock.now() - last.atMs);
    if (ageMs < INTEGRITY_EVERY_MS || running !== undefined) return;
    if (!options.idle() && ++busyLooks < BUSY_LOOKS_MAX) return;
    busyLooks = 0;
    void check();
  }

  function check(): Promise<IntegrityResult | undefined> {
    running ??= read().finally(() => {
      running = undefined;
    });
    return running;
  }

  async function read(): Promise<IntegrityResult | undefined> {
    const answer = await ask();
    if (answer === undefined || closed) return undefined;
    const { tables, faults } = answer;
    const result: IntegrityResult = {
      atMs: clock.now(),
      ok: faults.length === 0,
      tables,
      faults: [...faults],
    };
    if (!result.ok) {
      log('error', 'the database has faults', { faults });
      options.onFaults(faults);
    }
    try {
      store.meta.set(LAST, JSON.stringify(result));
    } catch (error) {
      // A damaged or full disk takes no note; the faults were told, and the next look reads again.
      log('warn', 'the integrity check was not noted', { why: String(error) });
    }
    return result;
  }

  function ask(): Promise<IntegrityAnswer | undefined> {
    const workerData: IntegrityData = { file: store.file, key };
    const thread = new Worker(options.workerUrl ?? besideThis(), { workerData });
    thread.unref();
    worker = thread;
    return new Promise((settle) => {
      let answer: IntegrityAnswer | undefined;
      thread.on('message', (said: IntegrityAnswer) => {
        answer = said;
      });
      thread.on('error', (error: Error) => {
        const code = 'code' in error ? String(error.code) : '';
        if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB')
          answer = { tables: 0, faults: [code] };
        else log('warn', 'the integrity check broke off', { why: error.message });
      });
      thread.on('exit', () => {
        worker = undefined;
        settle(answer);
      });
    });
  }

  return {
    checkNow: check,
    async close() {
      closed = true;
      timers.clear(timer);
      // It only reads, so it may be ended at any moment.
      await worker?.terminate();
      await running;
    },
  };
}

/** What the last whole reading found; nothing where there was none. */
export function readIntegrity(store: Pick<Store, 'meta'>): IntegrityResult | undefined {
  const text = store.meta.get(LAST);
  return text === undefined ? undefined : resultSchema.parse(JSON.parse(text));
}

/** In the built program both files are JavaScript. */
function besideThis(): URL {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./integrity-worker.${ending}`, import.meta.url);
}
