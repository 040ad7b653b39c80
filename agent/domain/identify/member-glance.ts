import type { LocalTime } from '../../contract/evaluation-input.ts';
import type { Member, MemberGlance, PointsLot } from '../../contract/member.ts';
import { memberFacts } from '../benefits/member-facts.ts';
import { addDays, dayText } from '../calendar/day.ts';
import { rightsOn } from '../members/rights.ts';
import { expiringPoints, pendingPoints, pointsBalance } from '../points/lots.ts';
import { maskName } from '../privacy/mask-name.ts';

/** Days ahead in which expiring points are worth a word. */
export const EXPIRING_SOON_DAYS = 30;
const LAST_DIGITS = 4;

/** The last four digits of a phone. */
export function phoneLast4(phone: string | undefined): { phoneLast4?: string } {
  return phone === undefined ? {} : { phoneLast4: phone.slice(-LAST_DIGITS) };
}

/** A member as screens and POS programs may see them: name masked, no full phone, no card. */
export function memberGlance(
  member: Member,
  lots: readonly PointsLot[],
  now: LocalTime,
): MemberGlance {
  const today = dayText(now.date);
  const expiring = expiringPoints(lots, today, addDays(today, EXPIRING_SOON_DAYS));
  const pending = pendingPoints(lots, today);
  return {
    memberId: member.memberId,
    maskedName: maskName(member.name),
    ...phoneLast4(member.phone),
    tier: member.tier,
    status: member.status,
    points: pointsBalance(lots, today),
    ...(pending.points === 0 ? {} : { pointsPending: pending.points }),
    ...(pending.firstOn === undefined ? {} : { firstAvailableOn: pending.firstOn }),
    pointsExpiringSoon: expiring.points,
    ...(expiring.firstOn === undefined ? {} : { firstExpiryOn: expiring.firstOn }),
    tags: member.tags,
    entitlements: rightsOn(member.entitlements, today),
    birthdayToday: memberFacts(member, now).birthdayToday,
    yearSpendMinor: member.yearSpendMinor,
    updatedAt: member.updatedAt,
  };
}
