import {
  type Channel,
  MEMBER_MAX_MONTHS,
  type Member,
  type TierStep,
} from '../../contract/member.ts';
import { MONEY_MAX_MINOR } from '../../contract/money.ts';
import { ownValue } from '../benefits/own-value.ts';
import { monthOf, monthsBefore, yearOf } from '../calendar/month.ts';
import { highestTier } from './highest-tier.ts';

/**
 * A member with what is counted beside the figures that are shown. Headquarters writes all of it into the row, so a till
 * that adds its own bookings counts as headquarters will.
 */
export type CountedMember = Partial<Member> &
  Pick<Member, 'memberId' | 'name' | 'tier' | 'updatedAt'> & {
    /** The calendar year that `yearSpendMinor` counts; absent = the year of `updatedAt`. */
    readonly spendYear?: number;
    /** By how much the year's spend lies below zero or beyond what tills can show; absent = it does not. */
    readonly yearSpendBeyondMinor?: number;
    /** The same of months. */
    readonly monthSpendBeyondMinor?: Readonly<Record<string, number>>;
    /** The same of the completed orders. */
    readonly completedOrdersBeyond?: number;
    /** The whole spend of the year before, in minor units, for bookings that come late; absent = 0. */
    readonly lastYearSpendMinor?: number;
    /** The tier apart from what spend has reached; absent = `tier` itself. No run takes it away. */
    readonly tierGiven?: string;
  };

/** What a booking adds to a member's counters. */
export interface Booking {
  readonly spendMinor: number;
  readonly orders: number;
  /** The business day `YYYY-MM-DD` for which it counts: of a return, that of its sale where it is known. */
  readonly day: string;
  /** Where a purchase was made; a booking without orders is none. */
  readonly channel: Channel;
  /** The tier that the rules of a sale found reached. */
  readonly tierAfter?: string | undefined;
}

/**
 * A member after a booking.
 *
 * The year's spend begins anew with the first booking of a later year. One of the year before, come late, counts for that
 * year alone; what is older counts for none. Of months the running one and the twelve before it are kept. Figures are
 * shown within bounds, and what the sums lie beyond them is kept beside: where goods come back at another till, the return
 * may be booked before its sale. So every order of arrival ends at the same figures.
 *
 * The tier only rises here: to the highest of the one that stands, that a sale's rules reached, and that the spend of the
 * two years reaches. Goods that come back lower it no sooner than the monthly run does, which judges by the figures
 * alone; until then it is the highest that they have stood at. Without steps tiers stay as they are.
 */
export function countBooking(
  member: CountedMember,
  { spendMinor, orders, day, channel, tierAfter }: Booking,
  tiers: readonly TierStep[],
): CountedMember {
  const { yearSpendBeyondMinor, completedOrdersBeyond = 0, ...known } = member;
  const { monthSpendBeyondMinor: _beyond, lastYearSpendMinor: _last, tierGiven, ...shown } = known;
  const year = yearOf(day);
  const { running, thisYear, lastYear } = inYear(member, year);
  const spent = within(thisYear + (year === running ? spendMinor : 0), MONEY_MAX_MINOR);
  const spentLast = lastYear + (year === running - 1 ? spendMinor : 0);
  const ordersBefore = (member.completedOrders ?? 0) + completedOrdersBeyond;
  const completed = within(ordersBefore + orders, Number.MAX_SAFE_INTEGER);
  const given = tierGiven ?? member.tier;
  const tier = highestTier([member.tier, tierAfter], [spent.shown, spentLast], tiers);
  return {
    ...shown,
    spendYear: running,
    yearSpendMinor: spent.shown,
    ...(spent.beyond === 0 ? {} : { yearSpendBeyondMinor: spent.beyond }),
    ...(spentLast === 0 ? {} : { lastYearSpendMinor: spentLast }),
    ...monthsAfter(member, monthOf(day), spendMinor),
    completedOrders: completed.shown,
    ...(completed.beyond === 0 ? {} : { completedOrdersBeyond: completed.beyond }),
    ...(orders > 0 ? purchasesAfter(member, channel, day) : {}),
    tier,
    ...(tier === given ? {} : { tierGiven: given }),
  };
}

/** Spend of the year that `yearSpendMinor` counts and of the one before it, what lies beyond the bounds included. */
export function yearsOf(member: CountedMember): {
  readonly running: number;
  readonly thisYear: number;
  readonly lastYear: number;
} {
  return {
    running: member.spendYear ?? yearOf(member.updatedAt),
    thisYear: (member.yearSpendMinor ?? 0) + (member.yearSpendBeyondMinor ?? 0),
    lastYear: member.lastYearSpendMinor ?? 0,
  };
}

/** A member's sums as they stand in the later of the running year and `year`. */
function inYear(member: CountedMember, year: number): ReturnType<typeof yearsOf> {
  const before = yearsOf(member);
  if (year <= before.running) return before;
  const lastYear = year === before.running + 1 ? before.thisYear : 0;
  return { running: year, thisYear: 0, lastYear };
}

function monthsAfter(
  { monthSpendMinor = {}, monthSpendBeyondMinor = {} }: CountedMember,
  month: string,
  spendMinor: number,
): Pick<CountedMember, 'monthSpendMinor' | 'monthSpendBeyondMinor'> {
  const sums = new Map(
    Object.entries(monthSpendMinor).map(([one, shown]) => [
      one,
      shown + (ownValue(monthSpendBeyondMinor, one) ?? 0),
    ]),
  );
  sums.set(month, (sums.get(month) ?? 0) + spendMinor);
  const latest = [...sums.keys()].reduce((a, b) => (a > b ? a : b));
  const oldest = monthsBefore(latest, MEMBER_MAX_MONTHS - 1);
  const kept = [...sums]
    .filter(([one]) => one >= oldest)
    .map(([one, sum]) => ({ one, ...within(sum, MONEY_MAX_MINOR) }));
  const beyond = kept.filter((part) => part.beyond !== 0);
  return {
    monthSpendMinor: Object.fromEntries(kept.map(({ one, shown }) => [one, shown])),
    ...(beyond.length === 0
      ? {}
      : {
          monthSpendBeyondMinor: Object.fromEntries(beyond.map((part) => [part.one, part.beyond])),
        }),
  };
}

/** A purchase was made, also where all of its goods come back. */
function purchasesAfter(
  { lastPurchaseOn = {} }: CountedMember,
  channel: Channel,
  day: string,
): Pick<CountedMember, 'lastPurchaseOn'> {
  const before = lastPurchaseOn[channel];
  return {
    lastPurchaseOn: {
      ...lastPurchaseOn,
      [channel]: before !== undefined && before > day ? before : day,
    },
  };
}

/** A sum as it is shown, zero or more, and by how much it lies beyond that. */
function within(sum: number, most: number): { readonly shown: number; readonly beyond: number } {
  const shown = Math.min(Math.max(sum, 0), most);
  return { shown, beyond: sum - shown };
}
