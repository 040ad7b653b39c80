import type { LocalTime } from '../../contract/evaluation-input.ts';

export const FORMATTERS_MAX = 64;
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const formatters = new Map<string, Intl.DateTimeFormat>();

/**
 * The wall clock of a store at an instant.
 * @param epochMs milliseconds since 1970-01-01T00:00:00Z
 * @param timeZone IANA name; an unknown one throws a RangeError
 */
export function localTime(epochMs: number, timeZone: string): LocalTime {
  const parts: Record<string, string> = {};
  for (const part of formatter(timeZone).formatToParts(epochMs)) parts[part.type] = part.value;
  const number = (name: string): number => Number.parseInt(parts[name] ?? '', 10);
  const minuteOfDay = number('hour') * 60 + number('minute');
  return {
    date: number('year') * 10_000 + number('month') * 100 + number('day'),
    secondOfDay: minuteOfDay * 60 + number('second'),
    minuteOfDay,
    weekday: WEEKDAYS.indexOf(parts['weekday'] ?? '') + 1,
    month: number('month'),
    day: number('day'),
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
