import { canonicalJson } from '../../../agent/domain/ledger/canonical-json.ts';
import type { CountedMember } from '../../../agent/domain/members/count-booking.ts';

/**
 * A member as HQ keeps it: the row that tills get, with fields that this version does not know left as they are.
 * Fields that the contract fills in by default may be absent.
 */
export type MemberBody = CountedMember;

/** Reads a row that HQ's own writers wrote. */
export function readMemberBody(body: string): MemberBody {
  return JSON.parse(body) as MemberBody;
}

/** The one text of a member, so that equal members have equal rows. */
export function writeMemberBody(member: MemberBody): string {
  return canonicalJson(member);
}
