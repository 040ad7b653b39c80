import type { CalendarSource } from '../../../agent/contract/calendar.ts';
import { text } from '../../../agent/contract/text.ts';
import type { Finding } from './rule-problem.ts';

/** Every month has so many days. */
const DAYS_OF_EACH_MONTH = 28;

/** 1 = Monday ... 7 = Sunday. */
export function isoWeekday(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
}

/** What can be wrong with the plain days of a calendar: swaps against each other, outside it or without effect. */
export function lintCalendar(calendar: CalendarSource): Finding[] {
  return [
    ...lintSwaps(calendar),
    ...lintMemberDays(calendar),
    ...repeatedFestivals(calendar.festivals),
  ];
}

function lintSwaps({ from, to, weekend, workdays, holidays }: CalendarSource): Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const [list, days] of [
    ['workdays', workdays],
    ['holidays', holidays],
  ] as const) {
    days.forEach((day, index) => {
      const field = ['calendar', list, index];
      const warn = (zhCN: string, en: string): void => {
        const message = text(zhCN, en);
        findings.push({ severity: 'warning', code: 'calendar-day', field, message });
      };
      if (seen.has(day)) {
        const message = text(
          `${day} 在 workdays 和 holidays 中出现两次，只能保留一次`,
          `${day} stands twice in workdays and holidays; keep one`,
        );
        findings.push({ code: 'calendar-overlap', field, message });
      }
      seen.add(day);
      if (day < from || to < day) warn(`${day} 不在日历内`, `${day} lies outside the calendar`);
      else if (list === 'workdays' && !weekend.includes(isoWeekday(day)))
        warn(`${day} 本来就是工作日`, `${day} is no day of the weekend, so it is worked anyway`);
    });
  }
  return findings;
}

function lintMemberDays({ memberDays }: CalendarSource): Finding[] {
  return memberDays.everyMonthOn.flatMap((day, index): Finding[] => {
    if (day <= DAYS_OF_EACH_MONTH) return [];
    const message = text(
      `不是每个月都有 ${day} 日，那些月份没有会员日`,
      `not every month has a day ${day}; such a month has no member day then`,
    );
    const field = ['calendar', 'memberDays', 'everyMonthOn', index];
    return [{ severity: 'warning', code: 'calendar-day', field, message }];
  });
}

function repeatedFestivals(festivals: CalendarSource['festivals']): Finding[] {
  const seen = new Set<string>();
  return festivals.flatMap(({ id }, index): Finding[] => {
    const repeated = seen.has(id);
    seen.add(id);
    if (!repeated) return [];
    const message = text(`节日 ${id} 重复`, `the festival ${id} stands here twice`);
    return [{ code: 'repeated-id', field: ['calendar', 'festivals', index, 'id'], message }];
  });
}
