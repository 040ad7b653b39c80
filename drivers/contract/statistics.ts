import { type DeviceState, deviceStates } from './state.ts';

/** Latencies kept for the percentiles; older ones are forgotten. */
export const LATENCY_SAMPLES = 256;

/** Counters of one device since its driver was created. */
export type DeviceStatistics = {
  /** Names this count; a driver that was created again counts from nought under another name. */
  readonly epoch: string;
  readonly scans: number;
  /** Codes that began and never ended: no terminator, or unplugged in the middle. */
  readonly partial: number;
  /** Codes thrown away for what they were: garbage, too long, not decodable, or read before the claim. */
  readonly dropped: number;
  readonly duplicates: number;
  readonly unknownSymbology: number;
  readonly commErrors: number;
  readonly unplugs: number;
  readonly reopens: number;
  readonly claimFailures: number;
  readonly timeInStateMs: Readonly<Record<DeviceState, number>>;
  /** ISO 8601 in UTC. */
  readonly lastScanAt: string | null;
  /** First byte received to event emitted; null before the first scan. */
  readonly latencyMs: { readonly p50: number; readonly p99: number } | null;
};

/** The counters of a device that only ever grow. */
export const deviceCounters = [
  'scans',
  'partial',
  'dropped',
  'duplicates',
  'unknownSymbology',
  'commErrors',
  'unplugs',
  'reopens',
  'claimFailures',
] as const;
type Counter = (typeof deviceCounters)[number];

/** What was added between two looks at one device. */
export type StatisticsGain = Pick<DeviceStatistics, Counter | 'timeInStateMs'>;

/**
 * What `after` counted that `before` had not. A driver that was created again counts from nought,
 * so all of it is gain; nothing of a gain is ever negative.
 */
export const statisticsGain = (
  before: DeviceStatistics | undefined,
  after: DeviceStatistics,
): StatisticsGain => {
  const base = before?.epoch === after.epoch ? before : undefined;
  const grown = (now: number, then: number | undefined): number => Math.max(0, now - (then ?? 0));
  const counters = Object.fromEntries(
    deviceCounters.map((name) => [name, grown(after[name], base?.[name])]),
  ) as Record<Counter, number>;
  const timeInStateMs = Object.fromEntries(
    deviceStates.map((state) => [
      state,
      grown(after.timeInStateMs[state], base?.timeInStateMs[state]),
    ]),
  ) as Record<DeviceState, number>;
  return { ...counters, timeInStateMs };
};

export type StatisticsTracker = {
  count(counter: Counter, by?: number): void;
  scanned(latencyMs: number, wallIso: string): void;
  entered(state: DeviceState, monoMs: number): void;
  snapshot(monoMs: number): DeviceStatistics;
};

/** Nearest-rank percentile; `sorted` is ascending and not empty. */
const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;

/** Counts what happens to one device; `startMonoMs` begins the time in `absent`, `epoch` names the count. */
export const createStatistics = (startMonoMs: number, epoch: string): StatisticsTracker => {
  const counters = Object.fromEntries(deviceCounters.map((name) => [name, 0])) as Record<
    Counter,
    number
  >;
  const timeInStateMs = Object.fromEntries(deviceStates.map((state) => [state, 0])) as Record<
    DeviceState,
    number
  >;
  const latencies: number[] = [];
  let latencyIndex = 0;
  let lastScanAt: string | null = null;
  let state: DeviceState = 'absent';
  let sinceMonoMs = startMonoMs;

  return {
    count(counter, by = 1) {
      counters[counter] += by;
    },
    scanned(latencyMs, wallIso) {
      counters.scans += 1;
      lastScanAt = wallIso;
      latencies[latencyIndex] = latencyMs;
      latencyIndex = (latencyIndex + 1) % LATENCY_SAMPLES;
    },
    entered(next, monoMs) {
      timeInStateMs[state] += monoMs - sinceMonoMs;
      state = next;
      sinceMonoMs = monoMs;
    },
    snapshot(monoMs) {
      const sorted = [...latencies].sort((a, b) => a - b);
      return {
        epoch,
        ...counters,
        timeInStateMs: { ...timeInStateMs, [state]: timeInStateMs[state] + monoMs - sinceMonoMs },
        lastScanAt,
        latencyMs:
          sorted.length === 0
            ? null
            : { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) },
      };
    },
  };
};
