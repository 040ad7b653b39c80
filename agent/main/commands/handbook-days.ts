import { type Text, text } from '../../contract/text.ts';
import { weekdayName } from '../../domain/benefits/wanted-words.ts';

/** How a whole number is bounded. */
export type Bound = 'eq' | 'ne' | 'ge' | 'le';

/** Whether a number keeps a bound. */
export function compared(part: number, op: Bound, value: number): boolean {
  switch (op) {
    case 'eq':
      return part === value;
    case 'ne':
      return part !== value;
    case 'ge':
      return part >= value;
    case 'le':
      return part <= value;
  }
}

const numbers = (to: number): number[] => Array.from({ length: to }, (_, index) => index + 1);

/** Parts of the calendar, the numbers that they can be and how these are told. */
const PARTS_OF_DAY: Readonly<
  Record<
    string,
    { readonly all: readonly number[]; readonly say: (days: readonly number[]) => Text }
  >
> = {
  'now.weekday': {
    all: numbers(7),
    say: (days) => {
      const names = days.map(weekdayName);
      return text(
        names.map((name) => name['zh-CN']).join('、'),
        `on ${names.map((name) => name.en).join(', ')}`,
      );
    },
  },
  'now.month': {
    all: numbers(12),
    say: (months) => text(`${runs(months, '、')} 月`, `in month ${runs(months, ', ')}`),
  },
  'now.day': {
    all: numbers(31),
    say: (days) => text(`每月 ${runs(days, '、')} 日`, `on day ${runs(days, ', ')} of the month`),
  },
};

/** Whether a fact is the weekday, the month or the day of the month. */
export function isPartOfDay(name: string): boolean {
  return Object.hasOwn(PARTS_OF_DAY, name);
}

/** The days of a part of the calendar that fit; null where none does or the fact is no part of it. */
export function onDays(name: string, fits: (part: number) => boolean): Text | null {
  const row = PARTS_OF_DAY[name];
  const days = row?.all.filter(fits) ?? [];
  return row === undefined || days.length === 0 ? null : row.say(days);
}

/** `1-3, 8`: numbers in a row as a span. */
function runs(values: readonly number[], between: string): string {
  const spans: [number, number][] = [];
  for (const value of values) {
    const last = spans.at(-1);
    if (last !== undefined && last[1] === value - 1) last[1] = value;
    else spans.push([value, value]);
  }
  return spans.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(between);
}

/** A bound on the minute of the day, as clock time. */
export function clockWords(op: Bound, minute: number): Text | null {
  const clock = (at: number): string =>
    `${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`;
  if (op === 'ge') return text(`${clock(minute)} 起`, `from ${clock(minute)}`);
  // Up to and with 09:59 is before 10:00.
  return op === 'le' ? text(`${clock(minute + 1)} 前`, `before ${clock(minute + 1)}`) : null;
}

/** A bound on the date. @param date yyyymmdd */
export function dateWords(op: Bound, date: number): Text | null {
  const digits = String(date);
  const day = `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
  switch (op) {
    case 'ge':
      return text(`${day} 起`, `from ${day}`);
    case 'le':
      return text(`至 ${day}`, `until ${day}`);
    case 'eq':
      return text(day, `on ${day}`);
    case 'ne':
      return text(`${day} 除外`, `not on ${day}`);
  }
}
