import { createHash } from 'node:crypto';
import { err, ok, type Result } from '../../../../agent/contract/result.ts';
import type { HqInput } from '../../../protocol/hq-api.ts';
import { type HqFailure, hqFailure } from '../../../protocol/hq-error.ts';
import type { HqDeps, HqHandler } from '../../deps.ts';
import { availablePoints } from '../open-points.ts';
import { bookOnline, type Desk, type OnlinePlan } from './book-online.ts';
import type { ReadLotTerms } from './lot-terms.ts';
import { earnOnline, spendOnline } from './online-moves.ts';

type Change = HqInput<'changePoints'>;

/** Gives or takes points by hand: given ones in a lot of their own, taken ones from what nobody has reserved. */
export function createChangePoints(
  deps: HqDeps,
  readLotTerms: ReadLotTerms,
): HqHandler<'changePoints'> {
  async function plan(
    desk: Desk,
    { points, reason }: Change,
    key: string,
  ): Promise<Result<OnlinePlan, HqFailure>> {
    const nothing = { orderId: null, amountMinor: 0, pointsEarned: 0, pointsSpent: 0, orders: 0 };
    if (points > 0) {
      const name = `given:${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;
      // No goods can come back for them, so they wait for nothing.
      const terms = { ...(await readLotTerms(desk.tx)), pendingDays: 0 };
      const movements = earnOnline(desk, { name, points, terms });
      return ok({ ...nothing, orders: 0, pointsEarned: points, movements, reason });
    }
    const wanted = -points;
    const account = desk.members.account(desk.member.memberId);
    const available = await availablePoints(desk.tx, account, desk.today);
    if (wanted > available) return err(hqFailure('points-short', 'points', { available }));
    const movements = spendOnline(desk, wanted);
    return ok({ ...nothing, orders: 0, pointsSpent: wanted, movements, reason });
  }

  return async (_caller, input, key) => {
    if (input.points === 0) return err(hqFailure('invalid-input', 'points'));
    return bookOnline(deps, {
      request: { kind: 'points', key, input },
      memberIdOf: async () => ok(input.memberId),
      plan: (desk) => plan(desk, input, key ?? ''),
    });
  };
}
