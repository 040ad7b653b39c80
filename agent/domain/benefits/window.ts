import type { LocalTime } from '../../contract/evaluation-input.ts';
import type { Window } from '../../contract/rules.ts';
import type { Failure } from './condition/explain-term.ts';
import { businessDate } from './local-time.ts';

export type WindowTest = (now: LocalTime) => Failure | null;

/**
 * Compiles a window in store-local time: `from` and `to` inclusive to the second, `daily` from inclusive to exclusive
 * and over midnight where it ends before it begins. A day alone and weekdays go by the business day, times by the wall
 * clock.
 */
export function compileWindow(window: Window): WindowTest {
  const tests: WindowTest[] = [];
  const { from, to, weekdays, daily } = window;
  if (from !== undefined) {
    const first = momentOf(from);
    const momentNow = isDay(from) ? dayMoment : moment;
    tests.push((now) =>
      momentNow(now) < first
        ? { code: 'not-started', seen: String(businessDate(now).date), needed: from }
        : null,
    );
  }
  if (to !== undefined) {
    const last = momentOf(to);
    const momentNow = isDay(to) ? dayMoment : moment;
    tests.push((now) =>
      momentNow(now) > last
        ? { code: 'expired', seen: String(businessDate(now).date), needed: to }
        : null,
    );
  }
  if (weekdays !== undefined) {
    const needed = weekdays.join(' | ');
    const onDays = { subject: 'now.weekday', how: 'is', values: weekdays.map(String) } as const;
    tests.push((now) => {
      const { weekday } = businessDate(now);
      return weekdays.includes(weekday)
        ? null
        : { code: 'wrong-weekday', seen: String(weekday), needed, wanted: onDays };
    });
  }
  if (daily !== undefined) {
    const start = minuteOf(daily.from);
    const end = minuteOf(daily.to);
    const needed = `${daily.from}-${daily.to}`;
    const inSpan = { subject: 'now.minuteOfDay', how: 'is', values: [needed] } as const;
    tests.push((now) => {
      const afterStart = now.minuteOfDay >= start;
      const beforeEnd = now.minuteOfDay < end;
      const open = start <= end ? afterStart && beforeEnd : afterStart || beforeEnd;
      return open
        ? null
        : { code: 'wrong-time', seen: clockOf(now.minuteOfDay), needed, wanted: inSpan };
    });
  }
  return (now) => {
    for (const test of tests) {
      const failure = test(now);
      if (failure !== null) return failure;
    }
    return null;
  };
}

/** Day and second of the day in one comparable integer. */
function moment(now: LocalTime): number {
  return now.date * 100_000 + now.secondOfDay;
}

/** The business day alone, comparable with a day alone. */
function dayMoment(now: LocalTime): number {
  return businessDate(now).date * 100_000;
}

function isDay(text: string): boolean {
  return text.length === 10;
}

function momentOf(text: string): number {
  const part = (start: number, end: number): number => Number.parseInt(text.slice(start, end), 10);
  const date = part(0, 4) * 10_000 + part(5, 7) * 100 + part(8, 10);
  if (isDay(text)) return date * 100_000;
  const seconds = text.length > 16 ? part(17, 19) : 0;
  return date * 100_000 + part(11, 13) * 3_600 + part(14, 16) * 60 + seconds;
}

function minuteOf(clock: string): number {
  return Number.parseInt(clock.slice(0, 2), 10) * 60 + Number.parseInt(clock.slice(3, 5), 10);
}

function clockOf(minuteOfDay: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minuteOfDay / 60))}:${two(minuteOfDay % 60)}`;
}
