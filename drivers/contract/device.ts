import type { DeviceError } from './error-code.ts';
import type { FingerReader } from './finger.ts';
import type { HealthLevel, HealthReport } from './health.ts';
import type { Result } from './result.ts';
import type { DeviceState } from './state.ts';
import type { DeviceStatistics } from './statistics.ts';

/**
 * Who takes the codes of a scanner. `agent`: this program holds the device and passes on
 * what is not its own. `pos`: the POS program holds it and posts text to the agent.
 * `shared-wedge`: it types into whichever window has the focus.
 */
export const deviceOwners = ['agent', 'pos', 'shared-wedge'] as const;
export type DeviceOwner = (typeof deviceOwners)[number];

/**
 * What tells one device from another. `serial` survives a replug into any socket, `portPath`
 * one into the same socket, `path` (a device node or port name) survives nothing for sure.
 */
export type DeviceIdentity = {
  readonly transport: 'serial' | 'hid' | 'simulated';
  /** USB vendor and product id, four lower-case hex digits. */
  readonly vid?: string;
  readonly pid?: string;
  /** Serial number as the device gives it; two devices may carry the same one. */
  readonly serial?: string;
  /** HID usage page of the interface, 0x8c for a scanner in POS mode. */
  readonly usagePage?: number;
  /** Where it is plugged in: on Linux bus, hub and socket as the kernel names them, `1-1.2`. */
  readonly portPath?: string;
  readonly path?: string;
};

/** The USB ids by which a definition finds its device; each one given must fit. */
export type UsbAddress = {
  readonly vid: string;
  readonly pid?: string;
  readonly serial?: string;
  readonly portPath?: string;
};

/**
 * What can befall a code on its way. `garbage-prefix`: line noise runs into its beginning.
 * `split`: it comes in two pieces with a pause that is still allowed. `duplicate`: it comes
 * twice at once. `unplug-mid-code`: the cable is pulled after its first half and comes back.
 */
export const codeDamages = ['garbage-prefix', 'split', 'duplicate', 'unplug-mid-code'] as const;
export type CodeDamage = (typeof codeDamages)[number];

/** Levers of a simulated device; a real one has none. */
export type Simulation = {
  /** Sends `text` as one whole code, as if it had been scanned; `damage` is what befalls it on the way. */
  inject(text: string, damage?: CodeDamage): void;
  /**
   * Plays a scenario (see `drivers/sim/scenario.ts`) and settles when its last step is done.
   * Refused with `E_ILLEGAL` when the scenario is not valid, `E_BUSY` while one is playing.
   */
  play(scenario: unknown): Promise<Result<{ readonly steps: number }, DeviceError>>;
  /** Takes the device away, as when its cable is pulled. */
  unplug(): void;
  plug(): void;
};

export const deviceKinds = ['scanner', 'finger'] as const;
export type DeviceKind = (typeof deviceKinds)[number];

/** Levers of a simulated fingerprint module. */
export type FingerSimulation = {
  /** A finger lies on the glass from then on; the same name is the same finger. `isPoor` = dry, and hard to read. */
  place(finger: string, isPoor?: boolean): void;
  lift(): void;
  unplug(): void;
  plug(): void;
};

/**
 * A device under the agent. Calls may come at any time and in any order; a driver never
 * throws on them. Events go to the sink given at creation, and none but `state`, `health`
 * and `error` without the state `ready`.
 */
export type Driver = {
  readonly id: string;
  readonly kind: DeviceKind;
  readonly owner: DeviceOwner;
  identity(): DeviceIdentity;
  state(): DeviceState;
  /** Begins to look for the device and keeps looking until `stop`. */
  start(): void;
  /** Releases the device; settles when the handle is closed or has had its time. */
  stop(): Promise<void>;
  /**
   * Releases the device and keeps quiet until `resume`: before the computer sleeps, or to lend it
   * out. Does nothing to a device that was not started.
   */
  pause(): Promise<void>;
  resume(): void;
  health(level: HealthLevel): Promise<HealthReport>;
  statistics(): DeviceStatistics;
  /** Whether a code has begun and not ended. */
  isReading(): boolean;
  /** Sends bytes to the device. `E_NOTCLAIMED` unless `ready`; `E_TIMEOUT` when it takes none. */
  send(bytes: Uint8Array): Promise<Result<void, DeviceError>>;
  readonly simulation?: Simulation;
  /** Of a fingerprint module. */
  readonly finger?: FingerReader;
  readonly fingerSimulation?: FingerSimulation;
};
