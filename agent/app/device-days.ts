import type { StatisticsGain } from '../../drivers/contract/statistics.ts';
import {
  DEVICE_DAYS_PAGE_MAX,
  type DeviceDay,
  type DeviceId,
  type Failure,
  ok,
  type Result,
} from '../contract/index.ts';
import { addDays } from '../domain/calendar/day.ts';
import type { TillContext } from './context.ts';

/** Counts are written down so often; a till that loses its power loses no more than these. */
export const DAYS_WRITTEN_EVERY_MS = 60_000;
/** Devices whose counts wait to be written; one more writes them all. A till has at most sixteen at a time. */
export const WAITING_DAYS_MAX = 64;

export interface DeviceDays {
  /** Takes what a device counted since it was last asked. */
  take(deviceId: string, gain: StatisticsGain): void;
  /** Writes what waits. */
  flush(): void;
  /** The last `days` business days, latest first, from `offset` on; `next` = there are more. */
  read(
    days: number,
    offset: number,
  ): Result<{ readonly rows: readonly DeviceDay[]; readonly next: number | null }, Failure>;
  stop(): void;
}

/** Keeps what the devices did, by business day and over restarts. */
export function createDeviceDays(context: TillContext): DeviceDays {
  const { store, deps } = context;
  const waiting = new Map<string, DeviceDay>();
  let timer: unknown;

  function flush(): void {
    deps.timers.clear(timer);
    timer = undefined;
    if (waiting.size === 0) return;
    const done = context.work(() => {
      for (const day of waiting.values()) store.deviceStatistics.add(day);
    });
    if (done.ok) waiting.clear();
    else deps.log('error', 'counts of devices could not be kept', { code: done.error.code });
  }

  return {
    take(deviceId, gain) {
      const day = context.businessDay();
      const key = `${day} ${deviceId}`;
      const fresh = dayOf(day, deviceId, gain);
      const before = waiting.get(key);
      waiting.set(key, before === undefined ? fresh : sum(before, fresh));
      if (waiting.size > WAITING_DAYS_MAX) flush();
      else timer ??= deps.timers.set(DAYS_WRITTEN_EVERY_MS, flush);
    },
    flush,
    read(days, offset) {
      flush();
      const from = addDays(context.businessDay(), 1 - days);
      const rows = store.deviceStatistics.since(from, DEVICE_DAYS_PAGE_MAX + 1, offset);
      const more = rows.length > DEVICE_DAYS_PAGE_MAX;
      return ok({
        rows: rows.slice(0, DEVICE_DAYS_PAGE_MAX),
        next: more ? offset + DEVICE_DAYS_PAGE_MAX : null,
      });
    },
    stop() {
      flush();
      deps.timers.clear(timer);
    },
  };
}

function dayOf(day: string, deviceId: string, gain: StatisticsGain): DeviceDay {
  const { timeInStateMs, ...counts } = gain;
  const { ready, absent: _away, paused: _asleep, ...troubled } = timeInStateMs;
  return {
    day,
    deviceId: deviceId as DeviceId,
    ...counts,
    readyMs: Math.round(ready),
    troubledMs: Math.round(Object.values(troubled).reduce((all, ms) => all + ms, 0)),
  };
}

function sum(before: DeviceDay, gain: DeviceDay): DeviceDay {
  const added = Object.entries(gain).map(([name, value]) => {
    const then = before[name as keyof DeviceDay];
    return [name, typeof value === 'number' ? value + Number(then) : value] as const;
  });
  return Object.fromEntries(added) as DeviceDay;
}
