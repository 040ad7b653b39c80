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
  };

/** Reads a row that HQ's own writers wrote. */
export function readMemberBody(body: string): MemberBody {
  return JSON.parse(body) as MemberBody;
}

/** The one text of a member, so that equal members have equal rows. */
export function writeMemberBody(member: MemberBody): string {
  return canonicalJson(member);
}
