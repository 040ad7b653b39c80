import type { LocalTime, MemberFacts } from '../../contract/evaluation-input.ts';
import type { Member } from '../../contract/member.ts';

/** The facts of a cached member that conditions may read at a store-local moment. */
export function memberFacts(member: Member, now: LocalTime): MemberFacts {
  const birthday = birthdayIn(member.birthday, now);
  return {
    memberId: member.memberId,
    tier: member.tier,
    groups: member.groups,
    tags: member.tags,
    completedOrders: member.completedOrders,
    yearSpendMinor: member.yearSpendMinor,
    birthdayToday: birthday?.month === now.month && birthday.day === now.day,
    birthdayMonth: birthday?.month === now.month,
  };
}

/** Born on 29 February: the day is kept on the 28th in years without one, so nobody waits four years. */
function birthdayIn(
  birthday: string | undefined,
  now: LocalTime,
): { month: number; day: number } | null {
  if (birthday === undefined) return null;
  const month = Number.parseInt(birthday.slice(5, 7), 10);
  const day = Number.parseInt(birthday.slice(8, 10), 10);
  const year = Math.floor(now.date / 10_000);
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && day === 29 && !leap ? { month: 2, day: 28 } : { month, day };
}
