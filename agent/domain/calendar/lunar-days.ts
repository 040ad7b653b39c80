import type { LunarDay } from '../../contract/calendar.ts';
import { addDays } from './day.ts';
import { LUNAR_YEARS } from './lunar-years.ts';

/** One month of the lunar calendar. */
export interface LunarMonth {
  /** First day, `YYYY-MM-DD`. */
  readonly from: string;
  /** Last day. */
  readonly to: string;
  readonly month: number;
  readonly leap: boolean;
  readonly length: number;
}

/** All months of the table in order, without gaps. */
export const LUNAR_MONTHS: readonly LunarMonth[] = LUNAR_YEARS.flatMap(
  ([firstDay, months, leapAfter]) => {
    let from = firstDay;
    return [...months].map((digit, index): LunarMonth => {
      const leap = leapAfter > 0 && index === leapAfter;
      const month = leapAfter > 0 && index >= leapAfter ? index : index + 1;
      const length = digit === '1' ? 30 : 29;
      const to = addDays(from, length - 1);
      const made = { from, to, month, leap, length };
      from = addDays(from, length);
      return made;
    });
  },
);

/** First and last day that {@link LUNAR_MONTHS} covers. */
export const LUNAR_FROM = LUNAR_MONTHS[0]?.from ?? '';
export const LUNAR_TO = LUNAR_MONTHS.at(-1)?.to ?? '';

/**
 * The plain day of a lunar day in one month, `YYYY-MM-DD`; null where that month has no such day.
 * @param month one whose number and leap are those of the lunar day
 */
export function dayInMonth(month: LunarMonth, { day }: LunarDay): string | null {
  const number = day === 'last' ? month.length : day;
  return number > month.length ? null : addDays(month.from, number - 1);
}
