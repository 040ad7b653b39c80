import type { Member } from '../../../agent/contract/member.ts';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { memberStanding } from '../../../agent/domain/identify/member-standing.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import { chainDay } from '../books/chain-day.ts';
import { livingOf, readMembers } from '../books/held-members.ts';
import type { MemberBody } from '../books/member-body.ts';
import type { HqSession } from '../database/database.ts';
import type { HqDeps } from '../deps.ts';
import type { PassIssuers } from './pass-issuers.ts';

/** What the parts of the pass work with. */
export interface PassDeps extends HqDeps {
  readonly issuers: PassIssuers;
  /** Where phones find headquarters. */
  readonly url: () => string | undefined;
}

/** Who a member id stands for today, where they may have a pass: not merged away, blocked or expired. */
export async function passMember(
  { nowMs, timeZone }: Pick<HqDeps, 'nowMs' | 'timeZone'>,
  session: HqSession,
  memberId: string,
): Promise<Result<MemberBody, HqFailure>> {
  const { member, broken } = livingOf(await readMembers(session, [memberId]), memberId);
  if (member === undefined || broken) return err(hqFailure('member-unknown', 'memberId'));
  const standing = memberStanding(member as Member, chainDay(nowMs(), timeZone));
  return standing === 'identified' ? ok(member) : err(hqFailure('member-not-active'));
}
