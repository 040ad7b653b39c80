import type { DriverEvent } from '../../drivers/contract/event.ts';
import type { Looked } from '../../drivers/contract/found-device.ts';
import type { StatisticsGain } from '../../drivers/contract/statistics.ts';
import type { HeadquartersPort } from '../../sync/client/ports.ts';
import type {
  DeviceBinding,
  DeviceCheck,
  DeviceCheckLevel,
  DeviceView,
  Language,
  Result,
  SyncReason,
  TillPlace,
} from '../contract/index.ts';
import type { CredentialCrypto } from '../domain/credential/credential-crypto.ts';
import type { CodeRouteConfig } from '../domain/identify/route-config.ts';
import type { LedgerCrypto } from '../domain/ledger/ledger-crypto.ts';
import type { VoucherCrypto } from '../domain/vouchers/voucher-crypto.ts';
import type { Store } from '../store/store.ts';
import type { FaceDeps } from './faces/ports.ts';

export interface Clock {
  /** Wall time in epoch milliseconds; may jump. */
  now(): number;
  /** Milliseconds on a clock that never goes back; only differences mean anything. */
  monoMs(): number;
}

/** Opaque handle of a running timer. */
export type TimerHandle = unknown;

export interface Timers {
  set(delayMs: number, run: () => void): TimerHandle;
  clear(handle: TimerHandle): void;
}

/** argon2id in PHC string form. */
export interface PinHasher {
  hash(pin: string): Promise<string>;
  verify(pin: string, pinHash: string): Promise<boolean>;
}

/** The devices of this till, wherever their drivers run. */
export interface DevicePort {
  list(): readonly DeviceView[];
  /** Makes a simulated device read `text`. */
  simulate(
    deviceId: string,
    text: string,
  ): Promise<Result<void, 'device-unknown' | 'device-not-simulated'>>;
  /** Pulls the cable of a simulated device, or plugs it in again. */
  plug(
    deviceId: string,
    plugged: boolean,
  ): Promise<Result<void, 'device-unknown' | 'device-not-simulated'>>;
  /** What is plugged in and may be a scanner, used or not. Opens nothing. */
  discover(): Promise<Result<Looked, 'devices-unreachable'>>;
  /**
   * Takes these bindings instead of those before, over restarts of the driver process too. Refused where the devices
   * of the settings leave no room, or no command is taken; then those before go on.
   */
  bind(
    bindings: readonly DeviceBinding[],
  ): Promise<Result<void, 'device-not-bindable' | 'devices-unreachable'>>;
  /** Checks a device. An `interactive` check answers once it waits for a scan; what comes of it stands in the list. */
  check(
    deviceId: string,
    level: DeviceCheckLevel,
  ): Promise<Result<DeviceCheck, 'device-unknown' | 'devices-unreachable'>>;
  /** Calls `listener` with every driver event until the answer is called. */
  onEvent(listener: (event: DriverEvent) => void): () => void;
  /** Calls `listener` with what a device counted since it was last asked, until the answer is called. */
  onCounted(listener: (deviceId: string, gain: StatisticsGain) => void): () => void;
}

/** Makes the open till one of a headquarters. */
export interface RegistrationPort {
  /** Registers at headquarters and writes down what it answered. @param ticket as read from its file, not checked yet */
  register(ticket: unknown): Promise<Result<TillPlace, SyncReason>>;
  /** Starts the till again soon, once whoever asked has the answer. */
  restart(): void;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Fields never carry a name, a phone, a card, a payment code, a PIN or a token. */
export type Log = (
  level: LogLevel,
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

export interface TillConfig {
  /** The screen locks itself after so long without a touch. */
  readonly idleLockMs: number;
  /** An identification that no basket has taken is cleared after so long. */
  readonly identificationTtlMs: number;
  /** An identification of a sale that nobody touches is cleared after so long. */
  readonly parkedTtlMs: number;
  readonly evaluationTtlMs: number;
  readonly holdDeadlineMs: number;
  /** Which codes are cards, coupons and payment codes. */
  readonly codes: CodeRouteConfig;
}

/** The till's database was damaged, or lacked what had been committed, and was brought back before it opened. */
export interface Repair {
  readonly atMs: number;
  /** Ledger entries that could not be brought back and that headquarters had not confirmed. */
  readonly lostEntries: number;
}

export interface TillDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  /** `bytes` random bytes from the operating system. */
  random(bytes: number): Uint8Array;
  readonly crypto: LedgerCrypto;
  /** Verifies the vouchers of partners. */
  readonly vouchers: VoucherCrypto;
  /** Verifies passes and wallet cards. */
  readonly credentials: CredentialCrypto;
  readonly pins: PinHasher;
  /** Where the till stands; headquarters may change the store's name, tier and calendar while it runs. */
  readonly place: TillPlace;
  readonly config: TillConfig;
  readonly headquarters: HeadquartersPort;
  /** Called after each transaction: something may wait for headquarters. */
  readonly onWritten?: () => void;
  /** Absent = this program cannot start itself again; the operator's tool registers. */
  readonly registration?: RegistrationPort | undefined;
  readonly devices: DevicePort;
  /** Absent = this till cannot use faces. */
  readonly faces?: FaceDeps | undefined;
  readonly log: Log;
  readonly version: string;
  /** Labelled demo data. */
  readonly demo: boolean;
  /** The last time that its database was brought back; absent = never. */
  readonly repair?: Repair | undefined;
  readonly language: Language;
}
