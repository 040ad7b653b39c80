import {
  CALENDAR_MAX_DAYS,
  type Calendar,
  type CalendarSource,
  FESTIVAL_TAG_PREFIX,
  type LunarDay,
} from '../../../agent/contract/calendar.ts';
import { text } from '../../../agent/contract/text.ts';
import { addDays } from '../../../agent/domain/calendar/day.ts';
import {
  dayInMonth,
  LUNAR_FROM,
  LUNAR_MONTHS,
  LUNAR_TO,
} from '../../../agent/domain/calendar/lunar-days.ts';
import { isoWeekday, lintCalendar } from './lint-calendar.ts';
import type { Finding, RuleProblemCode } from './rule-problem.ts';

type Festival = CalendarSource['festivals'][number];

export interface ResolvedCalendar {
  /** null where an error keeps its days from being worked out. */
  readonly calendar: Calendar | null;
  /** Fields begin at the file. */
  readonly findings: readonly Finding[];
}

/**
 * Works out every covered day of an author's calendar, so that each till finds the same tags without calendar
 * mathematics. `weekend`: a day of the weekend that is not worked; `holiday`: a day off; `workday`: neither of them.
 */
export function resolveCalendar(source: CalendarSource): ResolvedCalendar {
  const { from, to } = source;
  if (to < from || addDays(from, CALENDAR_MAX_DAYS - 1) < to) {
    const zhCN = `日历须从 from 到 to，最多 ${CALENDAR_MAX_DAYS} 天`;
    const en = `it runs from a first to a last day, ${CALENDAR_MAX_DAYS} days at most`;
    const finding = { code: 'calendar-range', field: ['calendar', 'to'], message: text(zhCN, en) };
    return { calendar: null, findings: [finding as Finding] };
  }
  const findings = lintCalendar(source);
  const festivals = new Map<string, Set<string>>();
  source.festivals.forEach((festival, index) => {
    for (const day of festivalDays(source, festival, index, findings)) {
      for (let n = -festival.daysBefore; n <= festival.daysAfter; n += 1) {
        const around = addDays(day, n);
        festivals.set(around, (festivals.get(around) ?? new Set()).add(festival.id));
      }
    }
  });
  const worked = new Set(source.workdays);
  const off = new Set(source.holidays);
  const days: Record<string, string[]> = {};
  for (let day = from; day <= to; day = addDays(day, 1)) {
    const weekday = isoWeekday(day);
    const weekend = source.weekend.includes(weekday) && !worked.has(day);
    const holiday = off.has(day);
    const { everyMonthOn, weekdays } = source.memberDays;
    const memberDay = everyMonthOn.includes(Number(day.slice(8))) || weekdays.includes(weekday);
    const celebrated = [...(festivals.get(day) ?? [])].sort();
    days[day] = [
      ...(weekend ? ['weekend'] : []),
      ...(holiday ? ['holiday'] : []),
      ...(weekend || holiday ? [] : ['workday']),
      ...(memberDay ? ['member-day'] : []),
      ...(celebrated.length > 0 ? ['festival'] : []),
      ...celebrated.map((id) => `${FESTIVAL_TAG_PREFIX}${id}`),
    ];
  }
  const names = source.festivals.map(({ id, name }) => ({ id, name }));
  return { calendar: { festivals: names, days }, findings };
}

/** The days of a festival itself; what lies just outside the calendar may reach in by the days around it. */
function festivalDays(
  { from, to }: CalendarSource,
  { on, daysBefore, daysAfter }: Festival,
  index: number,
  findings: Finding[],
): readonly string[] {
  const warn = (code: RuleProblemCode, zhCN: string, en: string): void => {
    const field = ['calendar', 'festivals', index, 'on'];
    findings.push({ severity: 'warning', code, field, message: text(zhCN, en) });
  };
  const first = addDays(from, -daysAfter);
  const last = addDays(to, daysBefore);
  const inReach = (day: string): boolean => first <= day && day <= last;
  if (typeof on === 'string' || Array.isArray(on)) {
    const days = [on].flat();
    for (const day of days.filter((one) => !inReach(one)))
      warn('calendar-day', `${day} 不在日历内`, `${day} lies outside the calendar`);
    return days;
  }
  if (first < LUNAR_FROM || LUNAR_TO < last) {
    const zhCN = `农历只推算 ${LUNAR_FROM} 至 ${LUNAR_TO}，其余请写明日期`;
    const en = `lunar days are known from ${LUNAR_FROM} to ${LUNAR_TO}; write plain days instead`;
    const field = ['calendar', 'festivals', index, 'on'];
    findings.push({ code: 'calendar-range', field, message: text(zhCN, en) });
    return [];
  }
  const { days, without } = lunarDays(on.lunar, first, last);
  for (const month of without)
    warn(
      'lunar-day',
      `始于 ${month} 的农历月没有第 ${on.lunar.day} 天；月末请写 last`,
      `the lunar month from ${month} has no day ${on.lunar.day}; for its end write last`,
    );
  if (days.length === 0 && without.length === 0)
    warn('lunar-day', '日历内没有这一农历日', 'the calendar has no such lunar day');
  return days;
}

/** The plain days of a lunar day between two days, and the first days of months that lack it. */
function lunarDays(
  wanted: LunarDay,
  first: string,
  last: string,
): { days: readonly string[]; without: readonly string[] } {
  const days: string[] = [];
  const without: string[] = [];
  for (const month of LUNAR_MONTHS) {
    if (month.month !== wanted.month || month.leap !== wanted.leap) continue;
    if (month.to < first || last < month.from) continue;
    const day = dayInMonth(month, wanted);
    if (day === null) without.push(month.from);
    else if (first <= day && day <= last) days.push(day);
  }
  return { days, without };
}
