import { POINTS_MAX } from '../../../../agent/contract/money.ts';
import { err, ok, type Result } from '../../../../agent/contract/result.ts';
import type { HqInput } from '../../../protocol/hq-api.ts';
import { type HqFailure, hqFailure } from '../../../protocol/hq-error.ts';
import type { HqDeps, HqHandler } from '../../deps.ts';
import { availablePoints } from '../open-points.ts';
import { bookOnline, type Desk, type OnlinePlan } from './book-online.ts';
import type { ReadLotTerms } from './lot-terms.ts';
import { earnOnline, spendOnline } from './online-moves.ts';

type Purchase = HqInput<'bookPurchase'>;

/**
 * Books a purchase of the web shop: points earned (the shop's figure, else the chain's rate, rounded down) in a lot
 * `online:<orderId>`, points spent from what nobody has reserved, spend and tier of the year. An order is booked once.
 */
export function createBookPurchase(
  deps: HqDeps,
  readLotTerms: ReadLotTerms,
): HqHandler<'bookPurchase'> {
  async function plan(desk: Desk, input: Purchase): Promise<Result<OnlinePlan, HqFailure>> {
    const { tx, members, member, today, settings } = desk;
    const { orderId, amountMinor, pointsSpent } = input;
    const [exists] = await tx.query(
      "SELECT 1 FROM online_ledger WHERE order_id = $1 AND kind = 'purchase'",
      [orderId],
    );
    if (exists !== undefined) return err(hqFailure('order-exists', 'orderId'));
    const byRate = Math.floor((amountMinor * settings.onlinePointsPer100Minor) / 100);
    const pointsEarned = input.pointsEarned ?? byRate;
    if (pointsEarned > POINTS_MAX) return err(hqFailure('invalid-input', 'amountMinor'));
    const available = await availablePoints(tx, members.account(member.memberId), today);
    if (pointsSpent > available)
      return err(hqFailure('points-short', 'pointsSpent', { available }));
    return ok({
      orderId,
      amountMinor,
      pointsEarned,
      pointsSpent,
      movements: [
        ...spendOnline(desk, pointsSpent),
        ...earnOnline(desk, {
          name: `online:${orderId}`,
          points: pointsEarned,
          terms: await readLotTerms(tx),
        }),
      ],
      orders: 1,
      reason: null,
      channel: input.channel,
    });
  }

  return async (_caller, input, key) => {
    if (input.currency !== deps.currency) return err(hqFailure('currency-wrong', 'currency'));
    return bookOnline(deps, {
      request: { kind: 'purchase', key, input },
      memberIdOf: async () => ok(input.memberId),
      plan: (desk) => plan(desk, input),
    });
  };
}
