import type { DeviceStatistics, StatisticsGain } from '../../drivers/contract/statistics.ts';
import { createDeviceTotals } from './device-totals.ts';
import { flatNumbers } from './flat-numbers.ts';
import type { KnownDevice } from './known-device.ts';

/** Devices are asked for their statistics this often. */
export const STATISTICS_EVERY_MS = 5_000;
/** The last counts before the till closes are waited for no longer: a driver process that hangs must not hold it up. */
export const COUNT_LIMIT_MS = 1_000;

interface CountsDeps {
  readonly known: ReadonlyMap<string, KnownDevice>;
  /** What a device counted so far; undefined where nobody answers. */
  readonly ask: (deviceId: string) => Promise<DeviceStatistics | undefined>;
  /** Runs before each round, with how much later than asked its timer came. */
  readonly onRound: (lateMs: number) => void;
  readonly clock: { now(): number };
  readonly timers: { set(delayMs: number, run: () => void): unknown; clear(handle: unknown): void };
}

/** What the devices count: asked every few seconds, before they are made anew and before the till closes. */
export interface DeviceCounts {
  /** Begins to ask in rounds; the first at once. */
  begin(): void;
  stop(): void;
  /** Asks every device once. */
  askAll(): Promise<void>;
  /** As `askAll`, but waits no longer than `COUNT_LIMIT_MS`. */
  askAllInTime(): Promise<void>;
  onCounted(listener: (deviceId: string, gain: StatisticsGain) => void): () => void;
}

/** Adds up what the devices count over the lives of their drivers and tells each gain. */
export function createDeviceCounts({
  known,
  ask,
  onRound,
  clock,
  timers,
}: CountsDeps): DeviceCounts {
  const listeners = new Set<(deviceId: string, gain: StatisticsGain) => void>();
  const totals = createDeviceTotals();
  let stopped = false;
  let timer: unknown;

  async function askAll(): Promise<void> {
    for (const [deviceId, device] of known) {
      const counted = await ask(deviceId);
      if (counted === undefined) continue;
      const gain = totals.take(deviceId, counted);
      for (const each of listeners) each(deviceId, gain);
      device.statistics = flatNumbers(totals.of(deviceId) ?? counted);
    }
  }

  async function round(): Promise<void> {
    await askAll();
    if (stopped) return;
    const dueMs = clock.now() + STATISTICS_EVERY_MS;
    timer = timers.set(STATISTICS_EVERY_MS, () => {
      onRound(clock.now() - dueMs);
      void round();
    });
  }

  return {
    begin: () => void round(),
    stop() {
      stopped = true;
      timers.clear(timer);
    },
    askAll,
    async askAllInTime() {
      let limit: unknown;
      const late = new Promise<void>((settle) => {
        limit = timers.set(COUNT_LIMIT_MS, settle);
      });
      await Promise.race([askAll(), late]);
      timers.clear(limit);
    },
    onCounted(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
