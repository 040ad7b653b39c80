import type { LocalTime, MemberFacts } from '../../contract/evaluation-input.ts';
import type { Member } from '../../contract/member.ts';
import { businessDate } from './local-time.ts';

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
    pointsByBucket: {},
  };
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
