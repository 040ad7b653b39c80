import type { IdentificationOutcome } from '../../contract/identification.ts';
import type { Member } from '../../contract/member.ts';

/** What a membership lets its holder be on a day (`YYYY-MM-DD`): the last valid day counts. */
export function memberStanding(
  member: Member,
  today: string,
): Extract<IdentificationOutcome, 'identified' | 'blocked' | 'expired'> {
  if (member.status === 'blocked') return 'blocked';
  if (member.status === 'expired') return 'expired';
  return member.validUntil !== undefined && member.validUntil < today ? 'expired' : 'identified';
}
