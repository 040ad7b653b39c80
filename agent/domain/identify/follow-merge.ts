import type { MemberId } from '../../contract/ids.ts';
import type { Member } from '../../contract/member.ts';

/** Merges followed from one account; a longer chain is a fault of the data and answers like a missing target. */
export const MERGE_CHAIN_MAX = 5;

/** The member that an account belongs to today; `undefined` where the account merged into is not in this till. */
export interface Followed {
  readonly member: Member | undefined;
  readonly merged: boolean;
}

/** Follows merged accounts to the one that is alive. */
export function followMerge(start: Member, byId: (id: MemberId) => Member | undefined): Followed {
  let member: Member | undefined = start;
  for (let step = 0; step <= MERGE_CHAIN_MAX; step += 1) {
    if (member === undefined) return { member: undefined, merged: true };
    if (member.status !== 'merged') return { member, merged: step > 0 };
    member = member.mergedInto === undefined ? undefined : byId(member.mergedInto);
  }
  return { member: undefined, merged: true };
}
