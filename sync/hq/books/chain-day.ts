import { localTime } from '../../../agent/domain/benefits/local-time.ts';
import { dayText } from '../../../agent/domain/calendar/day.ts';

/** The chain's calendar day (`YYYY-MM-DD`) at an instant, in its own time zone. */
export function chainDay(epochMs: number, timeZone: string): string {
  return dayText(localTime(epochMs, timeZone).date);
}

/** The day (`YYYY-MM-DD`) that it is in the last time zone of all, UTC-12: what expired before it has expired everywhere. */
export function earliestDay(epochMs: number): string {
  return chainDay(epochMs, 'Etc/GMT+12');
}
