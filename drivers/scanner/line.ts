import type { DeviceLine } from '../claim/device-line.ts';
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

/** From what a transport brings to scan events. */
export type ScanLine = DeviceLine & { bufferedBytes(): number };

/** Makes the line of one driver. */
export type CreateLine = (wiring: LineWiring) => ScanLine;
