import type { ConfigProblem } from './config-problem.ts';
import type { CodeDamage, DeviceIdentity, DeviceKind, DeviceOwner } from './device.ts';
import type { DeviceError } from './error-code.ts';
import type { DriverEvent } from './event.ts';
import type { FingerAct, FingerFailure, FingerResults } from './finger.ts';
import type { Looked } from './found-device.ts';
import type { HealthLevel, HealthReport } from './health.ts';
import type { Result } from './result.ts';
import type { DeviceState } from './state.ts';
import type { DeviceStatistics } from './statistics.ts';

/** A device as the host lists it. */
export type DeviceSummary = {
  readonly id: string;
  readonly kind: DeviceKind;
  readonly owner: DeviceOwner;
  readonly state: DeviceState;
  readonly identity: DeviceIdentity;
  readonly simulated: boolean;
};

/** What each command of the host takes beside `command`, and what it answers. */
export type HostCommands = {
  /** Stops what runs and takes this device list instead; starts nothing. */
  configure: {
    readonly takes: { readonly devices: unknown };
    readonly gives: readonly DeviceSummary[];
  };
  list: { readonly takes: Record<never, never>; readonly gives: readonly DeviceSummary[] };
  start: { readonly takes: { readonly deviceId: string }; readonly gives: null };
  stop: { readonly takes: { readonly deviceId: string }; readonly gives: null };
  pause: { readonly takes: { readonly deviceId: string }; readonly gives: null };
  resume: { readonly takes: { readonly deviceId: string }; readonly gives: null };
  health: {
    readonly takes: { readonly deviceId: string; readonly level: HealthLevel };
    readonly gives: HealthReport;
  };
  statistics: { readonly takes: { readonly deviceId: string }; readonly gives: DeviceStatistics };
  /** What is plugged into this computer and may be a scanner, bound or not. Opens nothing. */
  discover: { readonly takes: Record<never, never>; readonly gives: Looked };
  /** Before the computer sleeps: every device is released. Answers when none is held. */
  suspend: { readonly takes: Record<never, never>; readonly gives: null };
  /** After it slept: every device that was not paused by hand is opened afresh. */
  wake: { readonly takes: Record<never, never>; readonly gives: null };
  inject: {
    readonly takes: {
      readonly deviceId: string;
      readonly text: string;
      readonly damage?: CodeDamage;
    };
    readonly gives: null;
  };
  play: {
    readonly takes: { readonly deviceId: string; readonly scenario: unknown };
    readonly gives: { readonly steps: number };
  };
  /** One act of a fingerprint module; a failure of the act itself is part of the answer. */
  finger: {
    readonly takes: { readonly deviceId: string; readonly act: FingerAct };
    readonly gives: Result<FingerResults[FingerAct['act']], FingerFailure>;
  };
  'cancel-finger': { readonly takes: { readonly deviceId: string }; readonly gives: null };
  /** A finger on the glass of a simulated module. */
  place: {
    readonly takes: {
      readonly deviceId: string;
      readonly finger: string;
      readonly isPoor?: boolean;
    };
    readonly gives: null;
  };
  lift: { readonly takes: { readonly deviceId: string }; readonly gives: null };
  unplug: { readonly takes: { readonly deviceId: string }; readonly gives: null };
  plug: { readonly takes: { readonly deviceId: string }; readonly gives: null };
  /** Stops everything; the host answers and closes its port. */
  shutdown: { readonly takes: Record<never, never>; readonly gives: null };
};
export type HostCommand = keyof HostCommands;

/** Why a command failed; `problems` with a refused configuration. */
export type HostError = DeviceError & { readonly problems?: readonly ConfigProblem[] };

export type HostRequest = {
  readonly type: 'request';
  readonly requestId: number;
  readonly command: HostCommand;
} & Readonly<Record<string, unknown>>;

/** What the host sends: that it is up, answers, events in the order they happened. */
export type HostMessage =
  | { readonly type: 'up' }
  | {
      readonly type: 'reply';
      readonly requestId: number;
      readonly result: Result<unknown, HostError>;
    }
  | { readonly type: 'event'; readonly event: DriverEvent };
