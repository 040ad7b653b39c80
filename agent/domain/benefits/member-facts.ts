import {
  DAYS_SINCE_NEVER,
  type LocalTime,
  type MemberFacts,
} from '../../contract/evaluation-input.ts';
import { type Channel, MEMBER_MAX_MONTHS, type Member } from '../../contract/member.ts';
import { daysBetween, dayText } from '../calendar/day.ts';
import { monthOf, monthsBefore } from '../calendar/month.ts';
import { businessDate } from './local-time.ts';
import { ownValue } from './own-value.ts';

/**
 * The facts of a cached member that conditions may read at a store-local moment. A birthday begins with the calendar day
 * and lasts until the business day ends: both are fair to the member.
 */
export function memberFacts(member: Member, now: LocalTime): MemberFacts {
  const days = [now, businessDate(now)].map((day) => ({
    day,
    birthday: birthdayIn(member.birthday, day.date),
  }));
  return {
    memberId: member.memberId,
    tier: member.tier,
    groups: member.groups,
    tags: member.tags,
    completedOrders: member.completedOrders,
    yearSpendMinor: member.yearSpendMinor,
    birthdayToday: days.some(
      ({ day, birthday }) => birthday?.month === day.month && birthday.day === day.day,
    ),
    birthdayMonth: days.some(({ day, birthday }) => birthday?.month === day.month),
    ...monthsSpent(member, dayText(businessDate(now).date)),
    ...daysSince(member, dayText(businessDate(now).date)),
    pointsByBucket: {},
  };
}

type HistoryFacts = Pick<MemberFacts, 'monthSpendMinor' | 'earlierMonthsMinor' | 'daysSince'>;

/** Calendar months of the business day; nothing is said of months without spend that nothing follows. */
function monthsSpent({ monthSpendMinor }: Member, today: string): HistoryFacts {
  if (monthSpendMinor === undefined) return {};
  const spentIn = (count: number): number =>
    ownValue(monthSpendMinor, monthsBefore(monthOf(today), count)) ?? 0;
  const earlier = Array.from({ length: MEMBER_MAX_MONTHS - 1 }, (_, index) => spentIn(index + 1));
  const said = earlier.findLastIndex((spent) => spent > 0) + 1;
  const running = spentIn(0);
  return {
    ...(running === 0 ? {} : { monthSpendMinor: running }),
    ...(said === 0 ? {} : { earlierMonthsMinor: earlier.slice(0, said) }),
  };
}

function daysSince({ lastPurchaseOn = {} }: Member, today: string): HistoryFacts {
  const known = Object.entries(lastPurchaseOn) as [Channel, string][];
  if (known.length === 0) return {};
  const since = known.map(([channel, day]) => [
    channel,
    Math.min(Math.max(daysBetween(day, today), 0), DAYS_SINCE_NEVER),
  ]);
  return { daysSince: Object.fromEntries(since) };
}

/** Born on 29 February: the day is kept on the 28th in years without one, so nobody waits four years. */
function birthdayIn(
  birthday: string | undefined,
  date: number,
): { month: number; day: number } | null {
  if (birthday === undefined) return null;
  const month = Number.parseInt(birthday.slice(5, 7), 10);
  const day = Number.parseInt(birthday.slice(8, 10), 10);
  const year = Math.floor(date / 10_000);
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && day === 29 && !leap ? { month: 2, day: 28 } : { month, day };
}
