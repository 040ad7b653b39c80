import type { Member } from '../../../agent/contract/member.ts';
import { canonicalJson } from '../../../agent/domain/ledger/canonical-json.ts';

/**
 * A member as HQ keeps it: the row that tills get, with fields that this version does not know left as they are.
 * Fields that the contract fills in by default may be absent.
 */
export type MemberBody = Partial<Member> &
  Pick<Member, 'memberId' | 'name' | 'tier' | 'updatedAt'> & {
    /** The calendar year that `yearSpendMinor` counts; absent = the year of `updatedAt`. */
    readonly spendYear?: number;
    /** By how much the year's spend lies below zero or beyond what tills can show; absent = it does not. */
    readonly yearSpendBeyondMinor?: number;
    /** The same of the completed orders. */
    readonly completedOrdersBeyond?: number;
    /** The whole spend of the year before, in minor units, for bookings that come late; absent = 0. */
    readonly lastYearSpendMinor?: number;
    /** The tier apart from what the spend of the two years reaches; absent = `tier` itself. */
    readonly tierGiven?: string;
  };

/** Reads a row that HQ's own writers wrote. */
export function readMemberBody(body: string): MemberBody {
  return JSON.parse(body) as MemberBody;
}

/** The one text of a member, so that equal members have equal rows. */
export function writeMemberBody(member: MemberBody): string {
  return canonicalJson(member);
}
