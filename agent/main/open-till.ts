import type { SyncTimers } from '../../sync/client/deps.ts';
import { firstSnapshot } from '../../sync/client/first-snapshot.ts';
import type { SnapshotPort } from '../../sync/client/ports.ts';
import type { Clock, Log } from '../app/deps.ts';
import { assert, ok, type Result, type TillPlace } from '../contract/index.ts';
import type { KeyStore } from '../store/key-store.ts';
import { adoptSnapshot } from '../store/snapshot/adopt-snapshot.ts';
import { createSnapshotPort } from '../store/snapshot/create-snapshot-port.ts';
import type { Store } from '../store/store.ts';
import type { AgentLock } from './agent-lock.ts';
import { openFolder, openLocked, type StartError } from './open-locked.ts';
import { systemRandom, waitedTimers } from './system.ts';

/** The till opens without the first copy after so long, in milliseconds; what is missing comes beside sales. */
export const FIRST_COPY_MAX_MS = 2 * 60_000;
/** The same for a till that has sold before: somebody waits at it. */
export const FIRST_COPY_AGAIN_MAX_MS = 30_000;

export interface OpenTillOptions {
  readonly dataDir: string;
  readonly keyStore: KeyStore;
  /** Absent = whichever till the folder belongs to. */
  readonly place: TillPlace | undefined;
  readonly clock: Clock;
  readonly version: string;
  readonly log: Log;
  /** Told of rows taken and rows in all while the first copy comes down. */
  readonly onFirstCopy?: ((rowsDone: number, rowsAll: number) => void) | undefined;
  /** Opens at once and takes the first copy beside sales: slower, and its progress is on the screen. */
  readonly firstCopyBeside?: boolean | undefined;
  /** Ends the wait for the first copy; the till opens without it. */
  readonly signal?: AbortSignal | undefined;
  /** Absent = those of this machine. */
  readonly timers?: SyncTimers;
}

/** An open folder of a till; `close` closes everything in it. */
export interface OpenedTill {
  readonly store: Store;
  readonly lock: AgentLock;
  /** Absent where the till has no headquarters. */
  readonly snapshot?: SnapshotPort;
  close(): Promise<void>;
}

/**
 * Opens a till's folder. A registered till that never had anything from headquarters takes its first copy before it opens,
 * where headquarters answers: that is quicker than beside sales. Where it does not, or not in time, the till opens and
 * takes it later, going on from what came.
 */
export async function openTill(options: OpenTillOptions): Promise<Result<OpenedTill, StartError>> {
  const { dataDir, keyStore, place, clock } = options;
  const opened = openLocked(dataDir, undefined, place, clock, keyStore);
  if (!opened.ok || opened.value.store.sync.registration() === undefined)
    return opened.ok ? ok(withoutHeadquarters(opened.value)) : opened;
  const { store, lock } = opened.value;
  const key = keyOf(keyStore);
  const due = store.sync.cursor() === undefined && options.firstCopyBeside !== true;
  if (!due || !(await takeFirstCopy(options, store, key)))
    return ok(withHeadquarters(options, store, lock, key));
  store.close();
  const adopted = adoptSnapshot({ dataDir, key, nowMs: clock.now() });
  if (!adopted.ok) {
    const { code } = adopted.error;
    options.log('error', 'the first copy could not be taken up; it is merged later', { code });
  }
  const again = openFolder(dataDir, keyStore, place, clock);
  if (again.ok) return ok(withHeadquarters(options, again.value, lock, key));
  lock.release();
  return again;
}

function keyOf(keyStore: KeyStore): Uint8Array {
  const key = keyStore.load();
  assert(key.ok && key.value !== undefined, 'a folder that is open has its key');
  return key.value;
}

/** Whether a whole and verified copy lies beside the database. */
async function takeFirstCopy(
  options: OpenTillOptions,
  store: Store,
  key: Uint8Array,
): Promise<boolean> {
  const { clock, version, log, onFirstCopy, signal, timers = waitedTimers } = options;
  const snapshot = snapshotOf(options, store, key);
  const late = new AbortController();
  const hasSold = store.ledger.head().seq > 0;
  const timer = timers.set(hasSold ? FIRST_COPY_AGAIN_MAX_MS : FIRST_COPY_MAX_MS, () =>
    late.abort(),
  );
  const taken = await firstSnapshot({
    store: store.sync,
    clock,
    timers,
    random: systemRandom,
    log,
    version,
    snapshot,
    onProgress: ({ rowsDone, rowsAll }) => onFirstCopy?.(rowsDone, rowsAll),
    signal: signal === undefined ? late.signal : AbortSignal.any([late.signal, signal]),
  });
  timers.clear(timer);
  await snapshot.close();
  if (!taken.ok)
    log('warn', 'the till opens without the first copy of headquarters; it comes later', {
      why: late.signal.aborted ? 'too-slow' : taken.error.code,
    });
  return taken.ok;
}

function snapshotOf(
  { dataDir, clock }: OpenTillOptions,
  store: Store,
  key: Uint8Array,
): ReturnType<typeof createSnapshotPort> {
  const registration = store.sync.registration();
  assert(registration !== undefined, 'a snapshot is of the store of a registered till');
  const { storeId } = registration.place.store;
  return createSnapshotPort({ dataDir, key, storeId, store, clock, random: systemRandom });
}

function withoutHeadquarters({ store, lock }: { store: Store; lock: AgentLock }): OpenedTill {
  return {
    store,
    lock,
    async close() {
      store.close();
      lock.release();
    },
  };
}

function withHeadquarters(
  options: OpenTillOptions,
  store: Store,
  lock: AgentLock,
  key: Uint8Array,
): OpenedTill {
  const snapshot = snapshotOf(options, store, key);
  return {
    store,
    lock,
    snapshot,
    async close() {
      await snapshot.close();
      store.close();
      lock.release();
    },
  };
}
