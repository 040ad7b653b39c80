import type { LocalTime } from '../../contract/evaluation-input.ts';

/**
 * The business day 营业日 of a moment as `YYYY-MM-DD`. With `dayEndsAtMinute` 120, a sale until 01:59 belongs to the
 * calendar day before. The boundary goes by the wall clock, also on the days when clocks change.
 * @param local the store's wall clock, as `localTime` computes it
 * @param dayEndsAtMinute minute of the local day, 0-719
 */
export function businessDay(
  local: Pick<LocalTime, 'date' | 'minuteOfDay'>,
  dayEndsAtMinute: number,
): string {
  const year = Math.floor(local.date / 10_000);
  const month = Math.floor(local.date / 100) % 100;
  const dayOfMonth = (local.date % 100) - (local.minuteOfDay < dayEndsAtMinute ? 1 : 0);
  // Day 0 of a month is the last of the month before.
  return new Date(Date.UTC(year, month - 1, dayOfMonth)).toISOString().slice(0, 10);
}
