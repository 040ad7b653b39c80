import { outsideDigits } from './character-sets.ts';
import type { PartError } from './gs1-error.ts';

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
const FEBRUARY = 2;
const LEAP_DAY = 29;
const LAST_HOUR = 23;
const LAST_MINUTE = 59;
const LAST_SECOND = 59;

/** A day `YYMMDD`. */
export function checkDay(value: string): PartError | null {
  return checkShortDay(value, false);
}

/** A day `YYMMDD` whose day may be `00`: the month as a whole. */
export function checkDayOrMonth(value: string): PartError | null {
  return checkShortDay(value, true);
}

/** A day `YYYYMMDD`. */
export function checkLongDay(value: string): PartError | null {
  if (value.length !== 8) return { code: 'wrong-date', at: 0 };
  return outsideDigits(value) ?? checkMonthAndDay(value, Number(value.slice(0, 4)), 4, false);
}

/** An hour and a minute, `hhmm`. */
export function checkHourAndMinute(value: string): PartError | null {
  if (value.length !== 4) return { code: 'wrong-time', at: 0 };
  const minute = checkMinute(value.slice(2));
  return (
    checkHour(value.slice(0, 2)) ?? (minute === null ? null : { ...minute, at: minute.at + 2 })
  );
}

export function checkHour(value: string): PartError | null {
  return checkTwoDigits(value, LAST_HOUR);
}

export function checkMinute(value: string): PartError | null {
  return checkTwoDigits(value, LAST_MINUTE);
}

export function checkSecond(value: string): PartError | null {
  return checkTwoDigits(value, LAST_SECOND);
}

/**
 * The century of a two-digit year moves with the calendar (GS1 General Specifications, section 7.12). It matters for 29
 * February of a year 00 alone, and that year is 2000 until 2049, so no clock is asked.
 */
function checkShortDay(value: string, mayBeMonth: boolean): PartError | null {
  if (value.length !== 6) return { code: 'wrong-date', at: 0 };
  return (
    outsideDigits(value) ?? checkMonthAndDay(value, 2000 + Number(value.slice(0, 2)), 2, mayBeMonth)
  );
}

function checkMonthAndDay(
  value: string,
  year: number,
  at: number,
  mayBeMonth: boolean,
): PartError | null {
  const month = Number(value.slice(at, at + 2));
  const day = Number(value.slice(at + 2, at + 4));
  const days = month === FEBRUARY && isLeap(year) ? LEAP_DAY : DAYS[month - 1];
  if (days === undefined) return { code: 'wrong-date', at };
  return day > days || (day === 0 && !mayBeMonth) ? { code: 'wrong-date', at: at + 2 } : null;
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

function checkTwoDigits(value: string, last: number): PartError | null {
  if (value.length !== 2) return { code: 'wrong-time', at: 0 };
  return outsideDigits(value) ?? (Number(value) > last ? { code: 'wrong-time', at: 0 } : null);
}
