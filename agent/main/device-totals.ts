import {
  type DeviceStatistics,
  deviceCounters,
  type StatisticsGain,
  statisticsGain,
} from '../../drivers/contract/statistics.ts';

/** Counts of a till's devices since the agent started, whichever driver process did the counting. */
export interface DeviceTotals {
  /** Takes what a driver counted so far; gives what that adds to the total. */
  take(deviceId: string, counted: DeviceStatistics): StatisticsGain;
  /** The totals; scan time and latencies are those of the driver's present life. Undefined before the first count. */
  of(deviceId: string): DeviceStatistics | undefined;
}

/** A driver that is started again counts from nought; its totals must not jump back with it. */
export function createDeviceTotals(): DeviceTotals {
  const latest = new Map<string, DeviceStatistics>();
  const totals = new Map<string, DeviceStatistics>();
  return {
    take(deviceId, counted) {
      const gain = statisticsGain(latest.get(deviceId), counted);
      latest.set(deviceId, counted);
      const before = totals.get(deviceId);
      totals.set(deviceId, before === undefined ? counted : added(before, gain, counted));
      return gain;
    },
    of: (deviceId) => totals.get(deviceId),
  };
}

function added(
  before: DeviceStatistics,
  gain: StatisticsGain,
  counted: DeviceStatistics,
): DeviceStatistics {
  const timeInStateMs = { ...before.timeInStateMs };
  for (const [state, ms] of Object.entries(gain.timeInStateMs))
    timeInStateMs[state as keyof typeof timeInStateMs] += ms;
  const sums = Object.fromEntries(deviceCounters.map((name) => [name, before[name] + gain[name]]));
  return {
    ...counted,
    ...(sums as Pick<DeviceStatistics, (typeof deviceCounters)[number]>),
    timeInStateMs,
    lastScanAt: counted.lastScanAt ?? before.lastScanAt,
    latencyMs: counted.latencyMs ?? before.latencyMs,
  };
}
