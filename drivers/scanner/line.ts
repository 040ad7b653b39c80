import type { DriverEnv } from '../contract/env.ts';
import type { DriverSink, ScanEvent } from '../contract/event.ts';
import type { StatisticsTracker } from '../contract/statistics.ts';

/** What a line reports to and takes from the driver around it. */
export type LineWiring = {
  readonly deviceId: string;
  readonly source: ScanEvent['source'];
  readonly env: DriverEnv;
  readonly statistics: StatisticsTracker;
  readonly emit: DriverSink;
  /** Sees each scan first; true keeps it from the sink (an interactive health check). */
  readonly intercept: (text: string) => boolean;
};

/**
 * From what a transport brings to scan events. Serial lines bring pieces cut anywhere, HID one
 * report at a time; the life of the device around it is the same.
 */
export type ScanLine = {
  /** Bytes from an open, claimed device. */
  receive(bytes: Uint8Array): void;
  /** Bytes from before the claim: they keep the line in step, and no code comes of them. */
  drain(bytes: Uint8Array): void;
  /** Ends the drain: a code that began before the claim is thrown away to its end. */
  claimed(): void;
  /** The line is gone; where that cut a code in two, the cashier is told. `unplugged` says how. */
  closed(unplugged: boolean): void;
  bufferedBytes(): number;
};

/** Makes the line of one driver. */
export type CreateLine = (wiring: LineWiring) => ScanLine;
