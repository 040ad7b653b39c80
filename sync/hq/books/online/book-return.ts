import { createHash } from 'node:crypto';
import type { LotId } from '../../../../agent/contract/ids.ts';
import { assert, err, ok, type Result } from '../../../../agent/contract/result.ts';
import { toInstant } from '../../../../agent/contract/time.ts';
import { BASE_BUCKET, type LotMove, undoMoves } from '../../../../agent/domain/points/lots.ts';
import { pointsBackUntil, returnsToLot } from '../../../../agent/domain/points/points-back.ts';
import type { HqInput } from '../../../protocol/hq-api.ts';
import { type HqFailure, hqFailure } from '../../../protocol/hq-error.ts';
import type { HqSession } from '../../database/database.ts';
import type { HqDeps, HqHandler } from '../../deps.ts';
import { lotIdOf, type Movement } from '../account.ts';
import { chainDay } from '../chain-day.ts';
import { bookOnline, type Desk, type OnlinePlan } from './book-online.ts';
import { movesOf } from './online-chain.ts';

type GoodsBack = HqInput<'bookReturn'>;

interface OrderRow {
  readonly kind: 'purchase' | 'return';
  readonly member_id: string;
  readonly amount_minor: number;
  readonly points_earned: number;
  readonly points_spent: number;
  readonly at_ms: number;
  readonly header: string;
}

/**
 * Books goods of an online purchase that come back, whole or in parts. Points are undone by cumulative floor: after a
 * part `r` of the amount `a` is back, `floor(points x r / a)` of the points earned and of the points spent are undone, so
 * that any sequence of returns ends where one whole return does.
 */
export function createBookReturn(deps: HqDeps): HqHandler<'bookReturn'> {
  return async (_caller, input, key) =>
    bookOnline(deps, {
      request: { kind: 'return', key, input },
      async memberIdOf(tx) {
        const [bought] = await rowsOfOrder(tx, input.orderId);
        if (bought === undefined) return err(hqFailure('order-unknown', 'orderId'));
        return ok(bought.member_id);
      },
      plan: (desk) => plan(deps, desk, input, key ?? ''),
    });
}

async function plan(
  { timeZone }: Pick<HqDeps, 'timeZone'>,
  desk: Desk,
  { orderId, amountMinor }: GoodsBack,
  key: string,
): Promise<Result<OnlinePlan, HqFailure>> {
  const [bought, ...returns] = await rowsOfOrder(desk.tx, orderId);
  assert(bought !== undefined, 'a purchase that was found stays');
  const back = returns.reduce((sum, row) => sum - row.amount_minor, 0);
  const leftMinor = bought.amount_minor - back;
  // Paid wholly in points, a purchase has no parts: it comes back once.
  const isWhole = bought.amount_minor === 0;
  if (amountMinor > leftMinor || (isWhole && returns.length > 0))
    return err(hqFailure('return-too-much', 'amountMinor', { leftMinor }));
  if (amountMinor === 0 && !isWhole) return err(hqFailure('invalid-input', 'amountMinor'));
  const undone = (points: number, minor: number) =>
    Number((BigInt(points) * BigInt(minor)) / BigInt(bought.amount_minor));
  const part = (points: number) => {
    if (isWhole) return { before: 0, points };
    const before = undone(points, back);
    return { before, points: undone(points, back + amountMinor) - before };
  };
  const earned = part(bought.points_earned);
  const spent = part(bought.points_spent);
  const moves = movesOf(bought.header);
  const gains = moves.filter(({ delta }) => delta > 0);
  const losses = moves.filter(({ delta }) => delta < 0);
  return ok({
    orderId,
    amountMinor: negated(amountMinor),
    pointsEarned: negated(earned.points),
    pointsSpent: negated(spent.points),
    movements: [
      ...undoMoves(gains, earned.before, earned.points),
      ...givenBack(desk, undoMoves(losses, spent.before, spent.points), {
        isSameDay: chainDay(bought.at_ms, timeZone) === desk.today,
        lotId: lotIdOf(`back:${createHash('sha256').update(key).digest('hex').slice(0, 32)}`),
      }),
    ],
    orders: amountMinor === leftMinor ? -1 : 0,
    reason: null,
    boughtAtMs: bought.at_ms,
  });
}

/** Spent points that return to their lots, or to one of their own that lasts longer, see {@link returnsToLot}. */
function givenBack(
  { members, member, today, atMs }: Desk,
  moves: readonly LotMove[],
  { isSameDay, lotId }: { isSameDay: boolean; lotId: LotId },
): Movement[] {
  const { lots } = members.account(member.memberId);
  return moves.map((move) => {
    const known = lots.find((lot) => lot.lotId === move.lotId);
    if (known !== undefined && returnsToLot(known, { today, isSameDay })) return move;
    const bucket = known?.bucket ?? BASE_BUCKET;
    const expiresOn = pointsBackUntil(today);
    const lot = { earnedAt: toInstant(atMs), channel: 'online', bucket, expiresOn } as const;
    return { lotId, delta: move.delta, lot: { ...lot, source: lotId } };
  });
}

/** The purchase first, then its returns in their order. */
async function rowsOfOrder(tx: HqSession, orderId: string): Promise<OrderRow[]> {
  const rows = await tx.query<OrderRow>(
    `SELECT kind, member_id, amount_minor, points_earned, points_spent, at_ms, header FROM online_ledger
     WHERE order_id = $1 ORDER BY seq`,
    [orderId],
  );
  assert(rows.length === 0 || rows[0]?.kind === 'purchase', 'a return follows its purchase');
  return rows;
}

/** Minus zero is no figure. */
function negated(value: number): number {
  return value === 0 ? 0 : -value;
}
