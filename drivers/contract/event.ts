import type { Moment } from './env.ts';
import type { DeviceErrorCode } from './error-code.ts';
import type { FingerEvent } from './finger.ts';
import type { HealthReport } from './health.ts';
import type { DeviceSignal, DeviceState } from './state.ts';
import type { Remedy } from './state-advice.ts';
import type { LocalText } from './text.ts';

/**
 * One code that was read. Whose code it is - member, article, payment - is not known
 * here; treat `text` as a payment code until a router has said otherwise: never log it.
 */
export type ScanEvent = {
  readonly type: 'scan';
  /** Unique over devices and restarts. */
  readonly id: string;
  readonly deviceId: string;
  readonly at: Moment;
  readonly source: 'serial' | 'hid' | 'simulated';
  /** AIM symbology identifier with its bracket, `]E0`; absent when the reader sends none. */
  readonly aim?: string;
  /** Family named by the AIM identifier, for people and statistics. */
  readonly symbology?: string;
  /** The data after the AIM identifier, without terminator. */
  readonly text: string;
  /** Bytes on the wire, AIM identifier included, terminator not. */
  readonly sizeBytes: number;
  /** False only for a device that reports pieces; an incomplete code must not be used. */
  readonly complete: boolean;
};

export type StateEvent = {
  readonly type: 'state';
  readonly deviceId: string;
  readonly from: DeviceState;
  readonly to: DeviceState;
  readonly cause: DeviceSignal;
  /** What the system said, in English, for IT. */
  readonly detail?: string;
  readonly at: Moment;
  readonly hint: LocalText;
  readonly remedy: Remedy;
};

export type HealthEvent = {
  readonly type: 'health';
  readonly deviceId: string;
  readonly at: Moment;
  readonly report: HealthReport;
};

/**
 * Why bytes were read and no code came of them. `interrupted`: the device was let go or failed in the middle of a code,
 * with its cable in.
 */
export type DropReason =
  | 'garbage'
  | 'over-long'
  | 'unterminated'
  | 'unplugged'
  | 'interrupted'
  | 'undecodable';

export type ErrorEvent = {
  readonly type: 'error';
  readonly deviceId: string;
  readonly at: Moment;
  readonly code: DeviceErrorCode;
  /** True when doing the same again (scanning once more) may succeed. */
  readonly retryable: boolean;
  readonly detail: string;
  /** Set when a code was lost on the way; then `code` is `E_EXTENDED`. */
  readonly drop?: DropReason;
  /** How many errors of its kind this event stands for; absent = one. */
  readonly count?: number;
};

/** The last scan of the device was read once more and dropped: a reader is held on its code. */
export type RepetitionEvent = { readonly type: 'repetition'; readonly deviceId: string };

/**
 * A call to the device does not come home, and the device cannot be used before it has. Told once a call and between
 * codes; only the end of the process ends such a call for sure.
 */
export type HangEvent = {
  readonly type: 'hang';
  readonly deviceId: string;
  readonly at: Moment;
  /** Which call, in English, for the log. */
  readonly call: string;
};

export type DriverEvent =
  | ScanEvent
  | StateEvent
  | HealthEvent
  | ErrorEvent
  | RepetitionEvent
  | HangEvent
  | FingerEvent;

/** Where a driver puts its events. Must not throw. */
export type DriverSink = (event: DriverEvent) => void;
