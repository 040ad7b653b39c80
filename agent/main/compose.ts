import type { HeadquartersPort } from '../../sync/client/ports.ts';
import { defaultTillConfig } from '../app/config.ts';
import { createTill } from '../app/create-till.ts';
import type { Clock, Log, Timers } from '../app/deps.ts';
import { createPinHasher } from '../app/pin-hash.ts';
import { createNoAllowance, createSelfAllowance } from '../app/self-allowance.ts';
import type { Till } from '../app/till.ts';
import { defaultCodeRouteConfig } from '../domain/identify/route-config.ts';
import { createLedgerCrypto } from '../store/ledger-crypto.ts';
import type { Store } from '../store/store.ts';
import type { TillConfig } from './config.ts';
import { type DeviceSupervisor, superviseDevices } from './device-supervisor.ts';
import type { Host } from './host.ts';

/** Everything a till takes from outside; simulators enter here, by the same ports as the real thing. */
export interface ComposeOptions {
  readonly host: Host;
  readonly store: Store;
  readonly config: TillConfig;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Cryptographically strong random bytes. */
  readonly random: (bytes: number) => Uint8Array;
  readonly version: string;
  readonly log: Log;
}

/** A till that runs: its use cases and its devices. */
export interface ComposedTill {
  readonly till: Till;
  readonly devices: DeviceSupervisor;
  /** Stops devices and timers. The store stays open. */
  close(): Promise<void>;
}

/** Puts a till together: the one place that picks implementations. */
export function compose({
  host,
  store,
  config,
  clock,
  timers,
  random,
  version,
  log,
}: ComposeOptions): ComposedTill {
  const devices = superviseDevices({ host, devices: config.devices, clock, timers, log });
  const startedMs = clock.now();
  const headquarters: HeadquartersPort = {
    state: () => ({ state: 'not-configured', sinceMs: startedMs }),
    allowance:
      config.allowance === 'self'
        ? createSelfAllowance(store, clock, config.place.store.timeZone)
        : createNoAllowance(),
  };
  const till = createTill({
    store,
    clock,
    timers,
    random,
    crypto: createLedgerCrypto(random),
    pins: createPinHasher(random),
    place: config.place,
    config: {
      ...defaultTillConfig,
      idleLockMs: config.idleLockSeconds * 1_000,
      identificationTtlMs: config.identificationSeconds * 1_000,
      holdDeadlineMs: config.holdSeconds * 1_000,
      codes: {
        ...defaultCodeRouteConfig,
        ...(config.cards === undefined ? {} : { cards: config.cards }),
        ...(config.couponPrefixes === undefined
          ? {}
          : { coupons: config.couponPrefixes.map((prefix) => ({ prefix })) }),
      },
    },
    headquarters,
    devices,
    log,
    version,
    demo: config.demo,
    language: config.language,
  });
  return {
    till,
    devices,
    async close() {
      till.close();
      await devices.close();
    },
  };
}
