import { type Member, type TierStep, tierStepsSchema } from '../contract/index.ts';
import { withOwnBookings } from '../domain/members/own-bookings.ts';
import type { TillContext } from './context.ts';

/** A cached member with what this till has sold and taken back since headquarters counted: see {@link withOwnBookings}. */
export function memberNow(context: TillContext, member: Member): Member {
  const bookings = context.store.ownBookings.ofMember(member.memberId);
  return withOwnBookings(
    member,
    bookings,
    bookings.length === 0 ? [] : tierSteps(context),
    context.businessDay(),
  );
}

/** The chain's tiers by spend, as headquarters says them; a setting in a wrong form counts as none, as it does there. */
function tierSteps({ store }: TillContext): TierStep[] {
  const body = store.sync.fed('setting', 'tiers');
  const parsed = tierStepsSchema.safeParse(body === undefined ? [] : JSON.parse(body));
  return parsed.success ? parsed.data : [];
}
