import type { LocalTime } from '../../../agent/contract/evaluation-input.ts';
import { localTime } from '../../../agent/domain/benefits/local-time.ts';
import { dayText } from '../../../agent/domain/calendar/day.ts';

const SECOND_MS = 1_000;

/**
 * The last millisecond of the second in which a sale was decided. The input tells that second by the store's wall clock;
 * the entry's own instant is that of the payment, which comes later and is the bound.
 * @param now the wall clock of the input
 * @param atMs when the entry was written, epoch milliseconds
 */
export function decidedAtMs(now: LocalTime, atMs: number, timeZone: string): number {
  const before = wallMs(localTime(atMs, timeZone)) - wallMs(now);
  if (before <= 0) return atMs;
  const second = Math.floor(atMs / SECOND_MS) * SECOND_MS;
  return Math.min(atMs, second - before + SECOND_MS - 1);
}

function wallMs({ date, secondOfDay }: Pick<LocalTime, 'date' | 'secondOfDay'>): number {
  return Date.parse(`${dayText(date)}T00:00:00Z`) + secondOfDay * SECOND_MS;
}
