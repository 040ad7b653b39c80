import type { MemberId } from '../../../agent/contract/ids.ts';
import { toInstant } from '../../../agent/contract/time.ts';
import { rightsOn } from '../../../agent/domain/members/rights.ts';
import { pointsBalance } from '../../../agent/domain/points/lots.ts';
import { maskName } from '../../../agent/domain/privacy/mask-name.ts';
import type { PointsAccount } from '../../protocol/feed.ts';
import type { PassReply } from '../../protocol/pass.ts';
import { emptyAccount, lotsOf } from '../books/account.ts';
import { chainDay } from '../books/chain-day.ts';
import type { MemberBody } from '../books/member-body.ts';
import type { HqSession } from '../database/database.ts';
import type { HqDeps } from '../deps.ts';
import type { PassKeyRow } from './pass-keys.ts';

/** What a pass may know of its member: no full name, no phone, no card. */
export async function passReply(
  { nowMs, timeZone }: Pick<HqDeps, 'nowMs' | 'timeZone'>,
  session: HqSession,
  member: MemberBody,
  key: Pick<PassKeyRow, 'key_id' | 'member_id' | 'certificate' | 'valid_until_ms'>,
  ended = 0,
): Promise<PassReply> {
  const atMs = nowMs();
  const today = chainDay(atMs, timeZone);
  const [row] = await session.query<{ body: string }>(
    'SELECT body FROM point_accounts WHERE member_id = $1',
    [member.memberId],
  );
  const account =
    row === undefined ? emptyAccount(member.memberId) : (JSON.parse(row.body) as PointsAccount);
  return {
    // Whom the key was certified for, which is what it signs; a member who was merged since stays that one here.
    memberId: key.member_id as MemberId,
    maskedName: maskName(member.name).slice(0, 80),
    keyId: key.key_id,
    certificate: key.certificate,
    validUntil: toInstant(key.valid_until_ms),
    tier: member.tier,
    points: pointsBalance(lotsOf(account), today),
    benefits: rightsOn(member.entitlements ?? [], today).map(({ kind, validUntil }) => ({
      kind,
      ...(validUntil === undefined ? {} : { validUntil }),
    })),
    ended,
    asOf: toInstant(atMs),
  };
}
