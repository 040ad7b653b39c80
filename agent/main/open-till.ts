import type { SyncTimers } from '../../sync/client/deps.ts';
import { firstDocuments } from '../../sync/client/first-documents.ts';
import type { FirstSessionOptions } from '../../sync/client/first-session.ts';
import { type FirstSnapshotFailure, firstSnapshot } from '../../sync/client/first-snapshot.ts';
import { describeThrown } from '../../sync/client/keep-running.ts';
import type { SnapshotPort, SnapshotProgress } from '../../sync/client/ports.ts';
import type { Clock, Log } from '../app/deps.ts';
import { assert, err, ok, type Result } from '../contract/index.ts';
import { createCheckpointer } from '../store/checkpoint/create-checkpointer.ts';
import type { KeyStore } from '../store/key-store.ts';
import { adoptSnapshot } from '../store/snapshot/adopt-snapshot.ts';
import { createSnapshotPort } from '../store/snapshot/create-snapshot-port.ts';
import type { Store } from '../store/store.ts';
import type { TemplateKeys } from '../store/template-keys/template-keys.ts';
import type { AgentLock } from './agent-lock.ts';
import type { TillConfig } from './config.ts';
import { keysOfTemplates } from './face/keys-of-templates.ts';
import { createFedDocumentInstaller } from './install-fed-document.ts';
import { openFolder, type StartError } from './open-locked.ts';
import { openOrSalvage } from './salvage-till.ts';
import { systemRandom, systemTimers, waitedTimers } from './system.ts';
import { placeOf } from './till-place.ts';

/** The till opens without the first copy and its rules after so long, in milliseconds; the rest comes beside sales. */
export const FIRST_COPY_MAX_MS = 2 * 60_000;
/** The same for a till that has sold before: somebody waits at it. */
export const FIRST_COPY_AGAIN_MAX_MS = 30_000;

export interface OpenTillOptions {
  readonly dataDir: string;
  readonly keyStore: KeyStore;
  /** Outside the data folder, see `templateKeysFileOf`; absent = this till keeps no faces. */
  readonly templateKeysFile?: string | undefined;
  /** Without a `place` it is whichever till the folder belongs to. */
  readonly config: TillConfig;
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
  /** The file of the thread that builds copies, where it is not the store's own. */
  readonly builderUrl?: URL | undefined;
}

/** An open folder of a till; `close` closes everything in it. */
export interface OpenedTill {
  readonly store: Store;
  readonly lock: AgentLock;
  /** Absent where the till has no headquarters. */
  readonly snapshot?: SnapshotPort;
  /** The key of the database, for threads that read it. */
  readonly key: Uint8Array;
  /** Absent where the till keeps no faces, or its disk does not let it. */
  readonly templateKeys?: TemplateKeys | undefined;
  /** The database is damaged, and there was no room to salvage it. */
  readonly isPostponed: boolean;
  close(): Promise<void>;
}

/**
 * Opens a till's folder. A registered till that never had anything from headquarters takes its first copy and its rules
 * before it opens, where headquarters answers: that is quicker than beside sales. Where it does not, or not in time, the
 * till opens and takes them later, going on from what came.
 */
export async function openTill(options: OpenTillOptions): Promise<Result<OpenedTill, StartError>> {
  const { dataDir, keyStore, config, clock } = options;
  const opened = openOrSalvage({ dataDir, keyStore, place: config.place, clock, log: options.log });
  if (!opened.ok) return opened;
  const { store, lock, salvage, isPostponed = false } = opened.value;
  let open = store;
  try {
    const key = keyOf(keyStore);
    const { sync } = store;
    const isRegistered = sync.registration() !== undefined;
    // Somebody waits at a till whose database was damaged, and much of what it needs was salvaged.
    const isBeside = options.firstCopyBeside === true || salvage !== undefined;
    if (isRegistered && sync.cursor() === undefined && !isBeside) {
      const filled = await fillFirst(options, store, key);
      if (!filled.ok) {
        lock.release();
        return filled;
      }
      open = filled.value;
    }
    return ok({ ...toOpened(options, open, lock, key), isPostponed });
  } catch (error) {
    open.close();
    lock.release();
    throw error;
  }
}

function keyOf(keyStore: KeyStore): Uint8Array {
  const key = keyStore.load();
  assert(key.ok && key.value !== undefined, 'a folder that is open has its key');
  return key.value;
}

/** Takes the first copy, then the documents that it announced, all within one time. @returns the store to go on with */
async function fillFirst(
  options: OpenTillOptions,
  store: Store,
  key: Uint8Array,
): Promise<Result<Store, StartError>> {
  const { dataDir, keyStore, config, clock, version, log, signal, timers = waitedTimers } = options;
  const late = new AbortController();
  const hasSold = store.ledger.head().seq > 0;
  const maxMs = hasSold ? FIRST_COPY_AGAIN_MAX_MS : FIRST_COPY_MAX_MS;
  const timer = timers.set(maxMs, () => late.abort());
  const toSession = ({ sync }: Store): FirstSessionOptions => ({
    store: sync,
    clock,
    timers,
    random: systemRandom,
    log,
    version,
    signal: signal === undefined ? late.signal : AbortSignal.any([late.signal, signal]),
  });
  const why = (code: string): string => (late.signal.aborted ? 'too-slow' : code);
  let open = store;
  try {
    const taken = await orBroken(log, 'the first copy', () =>
      takeFirstCopy(options, store, key, toSession(store)),
    );
    if (!taken.ok) {
      log('warn', 'the till opens without the first copy of headquarters; it comes later', {
        why: why(taken.error.code),
      });
      return ok(store);
    }
    store.close();
    const adopted = adoptSnapshot({ dataDir, key, nowMs: clock.now() });
    if (!adopted.ok) {
      const { code } = adopted.error;
      log('error', 'the first copy could not be taken up; it is merged later', { code });
    }
    const again = openFolder(dataDir, keyStore, config.place, clock);
    if (!again.ok) return again;
    open = again.value;
    if (open.sync.documentsDue().length === 0) return again;
    const brought = await orBroken(log, 'the first documents', () =>
      takeFirstDocuments(options, open, toSession(open)),
    );
    if (!brought.ok)
      log('warn', 'the till opens without all documents of headquarters; they come later', {
        why: why(brought.error.code),
      });
    return again;
  } catch (error) {
    open.close();
    throw error;
  } finally {
    timers.clear(timer);
  }
}

/** What breaks before the till opens is logged and comes later: the next start would meet it again, and nothing be sold. */
async function orBroken<T, E>(
  log: Log,
  what: string,
  take: () => Promise<Result<T, E>>,
): Promise<Result<T, E | { readonly code: 'broken' }>> {
  try {
    return await take();
  } catch (error) {
    log('error', 'a part of sync broke before the till was open', {
      part: what,
      ...describeThrown(error),
    });
    return err({ code: 'broken' });
  }
}

/** A whole and verified copy beside the database, or why there is none. */
async function takeFirstCopy(
  options: OpenTillOptions,
  store: Store,
  key: Uint8Array,
  session: FirstSessionOptions,
): Promise<Result<SnapshotProgress, FirstSnapshotFailure>> {
  const snapshot = snapshotOf(options, store, key);
  try {
    return await firstSnapshot({
      ...session,
      snapshot,
      onProgress: ({ rowsDone, rowsAll }) => options.onFirstCopy?.(rowsDone, rowsAll),
    });
  } finally {
    await snapshot.close();
  }
}

function takeFirstDocuments(
  { config, clock, log }: OpenTillOptions,
  store: Store,
  session: FirstSessionOptions,
): ReturnType<typeof firstDocuments> {
  const installDocument = createFedDocumentInstaller({
    store,
    config,
    clock,
    log,
    currency: () => placeOf(store, config).store.currency,
    // The till reads its rules when it is put together.
    onChanged: () => undefined,
  });
  return firstDocuments({ ...session, installDocument });
}

function snapshotOf(
  { dataDir, clock, builderUrl }: OpenTillOptions,
  store: Store,
  key: Uint8Array,
): ReturnType<typeof createSnapshotPort> {
  const registration = store.sync.registration();
  assert(registration !== undefined, 'a snapshot is of the store of a registered till');
  const { storeId } = registration.place.store;
  return createSnapshotPort({
    dataDir,
    key,
    storeId,
    store,
    clock,
    random: systemRandom,
    workerUrl: builderUrl,
  });
}

function toOpened(
  options: OpenTillOptions,
  store: Store,
  lock: AgentLock,
  key: Uint8Array,
): Omit<OpenedTill, 'isPostponed'> {
  const { log } = options;
  const isRegistered = store.sync.registration() !== undefined;
  const snapshot = isRegistered ? snapshotOf(options, store, key) : undefined;
  const checkpointer = createCheckpointer({ store, key, timers: systemTimers, log });
  const { dataDir, templateKeysFile } = options;
  const templateKeys = keysOfTemplates(templateKeysFile, { dataDir, databaseKey: key, log });
  return {
    store,
    lock,
    key,
    templateKeys,
    ...(snapshot === undefined ? {} : { snapshot }),
    async close() {
      try {
        await snapshot?.close();
      } finally {
        templateKeys?.close();
        await checkpointer.close();
        store.close();
        lock.release();
      }
    },
  };
}
