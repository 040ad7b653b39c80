import { createSyncClient } from '../../sync/client/create-sync-client.ts';
import { describeThrown } from '../../sync/client/keep-running.ts';
import type { FacePorts, HeadquartersPort, SnapshotPort } from '../../sync/client/ports.ts';
import type { HttpExchange } from '../../sync/client/transport.ts';
import type { Clock, Log, Timers } from '../app/deps.ts';
import { noHeadquarters } from '../app/no-headquarters.ts';
import { createNoAllowance, createOwnPoints, createSelfAllowance } from '../app/self-allowance.ts';
import type { Till } from '../app/till.ts';
import { assert, type TillPlace } from '../contract/index.ts';
import type { Store } from '../store/store.ts';
import type { TillConfig } from './config.ts';
import { createFedDocumentInstaller } from './install-fed-document.ts';

/** The way from one till to its headquarters. */
export interface HeadquartersLink {
  readonly headquarters: HeadquartersPort;
  /** Begins to sync; the till is there. */
  start(): void;
  /** Something may wait for headquarters. */
  notify(): void;
  stop(): Promise<void>;
}

export interface ConnectOptions {
  readonly store: Store;
  readonly config: TillConfig;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: (bytes: number) => Uint8Array;
  readonly version: string;
  readonly log: Log;
  readonly snapshot?: SnapshotPort | undefined;
  /** The way of its requests; absent = HTTP over a socket of this machine. */
  readonly exchange?: HttpExchange | undefined;
  /** See `SyncDeps.onOutdated`. */
  readonly onOutdated?: (() => void) | undefined;
  /** Where the till stands at this moment. */
  readonly place: () => TillPlace;
  /** The till that is synced; asked once sync has begun. */
  readonly till: () => Till;
  /** Face templates and their keys; absent = this till keeps none. */
  readonly faces?: FacePorts | undefined;
}

/** Connects a registered till to its headquarters; one that is not registered has none. */
export function connectHeadquarters(options: ConnectOptions): HeadquartersLink {
  return options.store.sync.registration() === undefined ? standAlone(options) : connect(options);
}

function standAlone({ store, config, clock, place }: ConnectOptions): HeadquartersLink {
  return {
    headquarters: noHeadquarters({
      sinceMs: clock.now(),
      allowance:
        config.allowance === 'self'
          ? createSelfAllowance(store, clock, place().store.timeZone)
          : createNoAllowance(),
    }),
    start: () => {},
    notify: () => {},
    stop: () => Promise.resolve(),
  };
}

function connect(options: ConnectOptions): HeadquartersLink {
  const { store, config, clock, timers, random, version, log, snapshot, place, till } = options;
  assert(snapshot !== undefined, 'a registered till has a place for its snapshot');
  return createSyncClient({
    store: store.sync,
    clock,
    timers: { immediate: (run) => void setImmediate(run), ...timers },
    random,
    log,
    version,
    installDocument: createFedDocumentInstaller({
      store,
      config,
      clock,
      log,
      currency: () => place().store.currency,
      onChanged: () =>
        void Promise.resolve()
          .then(() => till().reloadRules())
          .catch((error: unknown) =>
            log('error', 'the rules were not loaded anew', describeThrown(error)),
          ),
    }),
    onApplied: (changed) => till().applied(changed),
    onJoined: (joined) => till().joined(joined),
    onFacts: () => till().headquartersChanged(),
    localPoints: createOwnPoints(store, clock, place().store.timeZone),
    localCoupon: (code, times = 1) => store.coupons.state(code, { times }).state,
    idle: () => till().isIdle(),
    snapshot,
    exchange: options.exchange,
    onOutdated: options.onOutdated,
    faces: options.faces,
  });
}
