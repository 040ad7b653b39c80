import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { SnapshotPort, SnapshotProgress } from '../../../sync/client/ports.ts';
import { assert, type Result } from '../../contract/index.ts';
import type { Store } from '../store.ts';
import type { BuildAnswers } from './build-answers.ts';
import { type SnapshotMerge, startMerge } from './merge-snapshot.ts';
import type { SegmentRefusal, SnapshotRefusal } from './snapshot-build.ts';
import { discardBuild, readNote } from './snapshot-note.ts';
import type { BuilderData, BuildReply, BuildRequest } from './worker-protocol.ts';

const FILE_ID_BYTES = 8;

export interface SnapshotPortOptions {
  readonly dataDir: string;
  /** Of the live database; both files have the same. */
  readonly key: Uint8Array;
  /** Of the till's registration: a build of another store is not gone on with. */
  readonly storeId: string;
  /** The running till's store, for a merge. */
  readonly store: Pick<Store, 'sync' | 'transaction'>;
  readonly clock: { now(): number; monoMs(): number };
  /** Cryptographically strong random bytes. */
  readonly random: (bytes: number) => Uint8Array;
  /** The thread's file, where it is not the one beside this one. */
  readonly workerUrl?: URL | undefined;
  /** Builds where it is called, in the place of the thread. */
  readonly build?: ((data: BuilderData) => BuildAnswers) | undefined;
}

/** Builds snapshots in a thread of their own and merges them. `close` ends the thread and keeps what was built. */
export function createSnapshotPort(
  options: SnapshotPortOptions,
): SnapshotPort & { close(): Promise<void> } {
  const { dataDir, key, storeId, store, clock, random } = options;
  let builder: Builder | undefined;
  let merging: SnapshotMerge | undefined;
  /** One question at a time: each waits for the one before. */
  let last: Promise<unknown> = Promise.resolve();

  function ask(request: BuildRequest): Promise<BuildReply> {
    const next = last.then(() => askNow(request));
    // Whoever asked hears of a failure; the next question is asked all the same.
    last = next.catch(() => undefined);
    return next;
  }

  function askNow(request: BuildRequest): Promise<BuildReply> {
    builder ??= startBuilder(options, (lost) => {
      if (builder === lost) builder = undefined;
    });
    return builder.ask(request);
  }

  async function end(): Promise<void> {
    merging?.close();
    merging = undefined;
    await last;
    const ending = builder;
    if (ending === undefined) return;
    // A thread that dies over it has ended all the same, and what it built is kept.
    await ask({ call: 'close' }).catch(() => undefined);
    builder = undefined;
    await ending.end();
  }

  return {
    async begin(start) {
      merging?.close();
      merging = undefined;
      const fileId = Buffer.from(random(FILE_ID_BYTES)).toString('hex');
      const digestKey = store.sync.checks.key();
      const nowMs = clock.now();
      const cursor = store.sync.cursor();
      const about = { storeId, nowMs, fileId, digestKey, cursor };
      return progressOf(await ask({ call: 'begin', start, ...about }));
    },
    async segment(wanted, bytes) {
      return resultOf<SegmentRefusal>(await ask({ call: 'segment', wanted, bytes }));
    },
    async finish() {
      const result = resultOf<SnapshotRefusal>(await ask({ call: 'finish' }));
      await end();
      return result;
    },
    merge(budgetMs, mode) {
      if (merging === undefined) {
        const file = readNote(dataDir);
        assert(file !== undefined, 'there is a finished build to merge');
        const path = join(dataDir, file);
        merging = startMerge({ path, key, store, monoMs: clock.monoMs, mode });
      }
      const slice = merging.step(budgetMs);
      if (slice.done) {
        merging.close();
        merging = undefined;
      }
      return slice;
    },
    async discard() {
      await end();
      discardBuild(dataDir);
    },
    close: end,
  };
}

/** The thread, which is asked one question at a time. */
interface Builder {
  /** Rejects where the thread dies over the question. */
  ask(request: BuildRequest): Promise<BuildReply>;
  end(): Promise<unknown>;
}

/** @param onLost the thread ended, between two questions or over one; it is not to be asked again */
function startBuilder(
  { dataDir, key, workerUrl, build }: SnapshotPortOptions,
  onLost: (lost: Builder) => void,
): Builder {
  const workerData: BuilderData = { dataDir, key };
  if (build !== undefined) {
    const answer = build(workerData);
    return { ask: async (request) => answer(request), end: async () => {} };
  }
  const worker = new Worker(workerUrl ?? besideThis(), { workerData });
  // Only while it is asked does the thread keep the process alive.
  worker.unref();
  let asked: PromiseWithResolvers<BuildReply> | undefined;
  const builder: Builder = {
    end: () => worker.terminate(),
    ask(request) {
      asked = Promise.withResolvers<BuildReply>();
      worker.ref();
      worker.postMessage(request);
      return asked.promise;
    },
  };
  function lost(error: Error): void {
    onLost(builder);
    asked?.reject(error);
  }
  worker.on('message', (reply: BuildReply) => {
    worker.unref();
    asked?.resolve(reply);
  });
  worker.on('error', lost);
  worker.on('exit', (code) => lost(new Error(`the builder's thread ended with ${code}`)));
  return builder;
}

/** In the built program both files are JavaScript. */
function besideThis(): URL {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./snapshot-worker.${ending}`, import.meta.url);
}

function progressOf(reply: BuildReply): SnapshotProgress {
  if ('thrown' in reply) throw toError(reply.thrown);
  assert('value' in reply && reply.value !== null, 'a build that was begun has a progress');
  return reply.value;
}

function resultOf<E>(reply: BuildReply): Result<SnapshotProgress, E> {
  if ('thrown' in reply) throw toError(reply.thrown);
  assert('result' in reply, 'the builder answers what it was asked');
  return reply.result as Result<SnapshotProgress, E>;
}

/** The error as the other thread threw it: a StorageError stays one. */
function toError({
  name,
  message,
  code,
}: {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
}): Error {
  return Object.assign(new Error(message), { name, ...(code === undefined ? {} : { code }) });
}
