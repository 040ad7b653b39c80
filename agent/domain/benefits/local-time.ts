import type { LocalTime } from '../../contract/evaluation-input.ts';
import { businessDay } from '../ledger/business-day.ts';

export const FORMATTERS_MAX = 64;
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const formatters = new Map<string, Intl.DateTimeFormat>();

/** The day that a moment counts for. */
export type BusinessDate = NonNullable<LocalTime['businessDay']>;

/** The business day of a moment; the calendar day where they are the same. */
export function businessDate(now: LocalTime): BusinessDate {
  return now.businessDay ?? now;
}

/**
 * The wall clock of a store at an instant, with its business day while that is still the calendar day before. The
 * business day ends by the wall clock, also where clocks change: an hour that comes twice belongs to one day.
 * @param epochMs milliseconds since 1970-01-01T00:00:00Z
 * @param timeZone IANA name; an unknown one throws a RangeError
 * @param dayEndsAtMinute minute of the local day at which the business day ends, 0-719
 */
export function localTime(epochMs: number, timeZone: string, dayEndsAtMinute = 0): LocalTime {
  const parts: Record<string, string> = {};
  for (const part of formatter(timeZone).formatToParts(epochMs)) parts[part.type] = part.value;
  const number = (name: string): number => Number.parseInt(parts[name] ?? '', 10);
  const minuteOfDay = number('hour') * 60 + number('minute');
  const time = {
    date: number('year') * 10_000 + number('month') * 100 + number('day'),
    secondOfDay: minuteOfDay * 60 + number('second'),
    minuteOfDay,
    weekday: WEEKDAYS.indexOf(parts['weekday'] ?? '') + 1,
    month: number('month'),
    day: number('day'),
  };
  return minuteOfDay < dayEndsAtMinute
    ? { ...time, businessDay: dayBefore(time, dayEndsAtMinute) }
    : time;
}

function dayBefore(time: LocalTime, dayEndsAtMinute: number): BusinessDate {
  const [year = 0, month = 0, day = 0] = businessDay(time, dayEndsAtMinute).split('-').map(Number);
  return {
    date: year * 10_000 + month * 100 + day,
    weekday: time.weekday === 1 ? 7 : time.weekday - 1,
    month,
    day,
  };
}

/** Formatters cost far more to make than to use. */
function formatter(timeZone: string): Intl.DateTimeFormat {
  const cached = formatters.get(timeZone);
  if (cached !== undefined) return cached;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    weekday: 'short',
  });
  if (formatters.size >= FORMATTERS_MAX) formatters.clear();
  formatters.set(timeZone, made);
  return made;
}

/**
 * The calendar day `days` after another, as `YYYY-MM-DD`.
 * @param date yyyymmdd
 */
export function dayAfter(date: number, days: number): string {
  const year = Math.floor(date / 10_000);
  const month = Math.floor(date / 100) % 100;
  return new Date(Date.UTC(year, month - 1, (date % 100) + days)).toISOString().slice(0, 10);
}
