import { DEFAULT_MODEL } from '../../drivers/face/default-model.ts';
import type { SnapshotPort } from '../../sync/client/ports.ts';
import { defaultTillConfig } from '../app/config.ts';
import { createTill } from '../app/create-till.ts';
import type { Clock, Log, RegistrationPort, Repair, Timers } from '../app/deps.ts';
import { createPinHasher } from '../app/pin-hash.ts';
import type { Till } from '../app/till.ts';
import { assert } from '../contract/index.ts';
import { defaultCodeRouteConfig } from '../domain/identify/route-config.ts';
import { createCredentialCrypto } from '../store/credential-crypto.ts';
import { createLedgerCrypto } from '../store/ledger-crypto.ts';
import type { Store } from '../store/store.ts';
import type { TemplateKeys } from '../store/template-keys/template-keys.ts';
import { createVoucherCrypto } from '../store/voucher-crypto.ts';
import type { TillConfig } from './config.ts';
import {
  type ConnectOptions,
  connectHeadquarters,
  type HeadquartersLink,
} from './connect-headquarters.ts';
import { type DeviceSupervisor, superviseDevices } from './device-supervisor.ts';
import { composeFaces } from './face/compose-faces.ts';
import type { ConfiguredModel } from './face/configured-model.ts';
import type { Host } from './host.ts';
import { placeOf } from './till-place.ts';

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
  /** Builds the first copy of what headquarters has. */
  readonly snapshot?: SnapshotPort | undefined;
  /** Keys of face templates; absent = this till keeps none and uses no faces. */
  readonly templateKeys?: TemplateKeys | undefined;
  /** See `configuredModel`; absent = the shipped model. */
  readonly faceModel?: ConfiguredModel | undefined;
  /** The way to headquarters; absent = by the registration in the store. */
  readonly headquarters?: (options: ConnectOptions) => HeadquartersLink;
  /** See `SyncDeps.onOutdated`. */
  readonly onOutdated?: (() => void) | undefined;
  readonly repair?: Repair | undefined;
  /** Absent = the till cannot be registered at its screen. */
  readonly registration?: RegistrationPort | undefined;
}

/** A till that runs: its use cases, its devices and its sync. */
export interface ComposedTill {
  readonly till: Till;
  readonly devices: DeviceSupervisor;
  /** Stops sync, devices and timers. The store stays open. */
  close(): Promise<void>;
}

/** Puts a till together: the one place that picks implementations. */
export function compose(options: ComposeOptions): ComposedTill {
  const { host, store, config, clock, timers, random, version, log, snapshot } = options;
  const devices = superviseDevices({
    host,
    devices: config.devices,
    bindings: store.deviceBindings.list(),
    clock,
    timers,
    log,
  });
  let place = placeOf(store, config);
  let made: Till | undefined;
  let linked: HeadquartersLink | undefined;
  const faceModel = options.faceModel ?? { ok: true, manifest: DEFAULT_MODEL };
  if (!faceModel.ok) log('error', faceModel.message.en, { code: faceModel.error.code });
  const faces =
    options.templateKeys &&
    composeFaces({
      store,
      keys: options.templateKeys,
      manifest: faceModel.ok ? faceModel.manifest : undefined,
      isPack: faceModel.packFolder !== undefined,
      livenessDetector: config.livenessDetector,
      isCameraSimulated: config.faceCamera !== undefined,
      clock,
      timers,
      random,
      place: () => place,
      log,
      // What was cut off before the start is put right at once, before there is a link; it sends all that waits.
      onWritten: () => linked?.notify(),
    });
  const link = (options.headquarters ?? connectHeadquarters)({
    store,
    config,
    clock,
    timers,
    random,
    version,
    log,
    snapshot,
    onOutdated: options.onOutdated,
    place: () => place,
    faces: faces?.desk.sync,
    till() {
      assert(made !== undefined, 'sync begins once the till is there');
      return made;
    },
  });
  linked = link;
  const till = createTill({
    store,
    clock,
    timers,
    random,
    crypto: createLedgerCrypto(random),
    vouchers: createVoucherCrypto(),
    credentials: createCredentialCrypto(),
    pins: createPinHasher(random),
    get place() {
      return place;
    },
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
    headquarters: link.headquarters,
    onWritten: () => link.notify(),
    faces: faces?.deps,
    registration: options.registration,
    devices,
    log,
    version,
    demo: config.demo,
    repair: options.repair,
    language: config.language,
  });
  made = {
    ...till,
    applied(changed) {
      if (changed.some(({ table }) => table === 'store')) place = placeOf(store, config);
      if (changed.some(({ table }) => table === 'setting')) void faces?.desk.switch.look();
      till.applied(changed);
    },
  };
  link.start();
  return {
    till: made,
    devices,
    async close() {
      await link.stop();
      // The till writes them down while it closes.
      await devices.countNow();
      till.close();
      await faces?.close();
      await devices.close();
    },
  };
}
