import { type LotId, type MemberId, type PointsLot, toInstant } from '../contract/index.ts';
import { addDays } from '../domain/calendar/day.ts';
import { pointsBalance } from '../domain/points/lots.ts';
import {
  type PointsByBucket,
  type SaleMove,
  undoByBucket,
} from '../domain/points/undo-by-bucket.ts';
import type { TillContext } from './context.ts';

/** Spent points that come back are good for so many days at least. */
export const POINTS_BACK_MIN_DAYS = 30;

/** One movement of a sale with what is known of its lot beyond this till. */
export interface SoldMove extends SaleMove {
  readonly lot?: Omit<PointsLot, 'lotId' | 'memberId' | 'points'>;
}

/** Movements that undo a part of a sale, worked out and not booked. */
export interface UndoPlan {
  /** Points undone of each movement of the sale. */
  readonly moves: readonly number[];
  readonly clawedBack: number;
  readonly givenBack: number;
  readonly movements: readonly {
    /** The lot as it stands, or empty where the return makes it. */
    readonly lot: PointsLot;
    readonly isMade: boolean;
    readonly delta: number;
  }[];
}

export interface UndoParts {
  readonly memberId: MemberId;
  readonly moves: readonly SoldMove[];
  /** Points undone of each movement by earlier returns. */
  readonly already: readonly number[];
  readonly wanted: { readonly earned: PointsByBucket; readonly spent: PointsByBucket };
  /** Business day of the sale. */
  readonly saleDay: string;
  /** Where lots that the return makes come from. */
  readonly source: string;
}

/**
 * Plans how a return moves points: earned ones go from the lots that the sale made, also below zero, which is then owed;
 * spent ones return to their lots. A lot that would be gone within {@link POINTS_BACK_MIN_DAYS} gives its points to one
 * that lasts so long, unless the goods came back on the day of the sale, when nobody lost any time.
 */
export function planUndo(context: TillContext, parts: UndoParts): UndoPlan {
  const { memberId, moves, already, wanted, saleDay, source } = parts;
  const undone = undoByBucket(moves, already, wanted);
  const until = addDays(context.today(), POINTS_BACK_MIN_DAYS);
  const isSameDay = saleDay === context.businessDay();
  const earnedAt = toInstant(context.nowMs());
  const movements: UndoPlan['movements'][number][] = [];
  let [clawedBack, givenBack] = [0, 0];
  for (const [index, move] of moves.entries()) {
    const points = undone[index] ?? 0;
    if (points === 0) continue;
    const known = lotOf(context, memberId, move);
    if (move.delta > 0) {
      clawedBack += points;
      const lot = known ?? emptyLot(move.lotId, move.bucket);
      movements.push({ lot, isMade: known === undefined, delta: -points });
      continue;
    }
    givenBack += points;
    const lasts =
      known !== undefined &&
      (isSameDay || known.expiresOn === undefined || known.expiresOn >= until);
    const lot = lasts
      ? known
      : { ...emptyLot(`${context.newId()}.back`, move.bucket), expiresOn: until };
    movements.push({ lot, isMade: !lasts, delta: points });
  }
  return { moves: undone, clawedBack, givenBack, movements };

  function emptyLot(lotId: string, bucket: string): PointsLot {
    return {
      lotId: lotId as LotId,
      memberId,
      points: 0,
      earnedAt,
      channel: 'store',
      bucket,
      source,
    };
  }
}

/** The member's balance before the plan and with it. */
export function balancesOf(
  context: TillContext,
  memberId: MemberId,
  { movements }: UndoPlan,
): { readonly before: number; readonly after: number } {
  const lots = context.store.points.lots(memberId);
  const byId = new Map<string, PointsLot>(lots.map((lot) => [lot.lotId, lot]));
  for (const { lot, delta } of movements) {
    const now = byId.get(lot.lotId) ?? lot;
    byId.set(lot.lotId, { ...now, points: now.points + delta });
  }
  const today = context.today();
  return { before: pointsBalance(lots, today), after: pointsBalance([...byId.values()], today) };
}

/** Books a plan with the return's entry. */
export function bookUndo(
  { store }: TillContext,
  { movements }: UndoPlan,
  memberId: MemberId,
  seq: number,
): void {
  store.points.addLots(movements.map(({ lot }) => ({ ...lot, points: 0 })));
  store.points.move(
    movements.map(({ lot: { lotId }, delta }) => ({ seq, memberId, lotId, delta })),
  );
}

/** The lot as this till has it, else as headquarters tells it. */
function lotOf(
  { store }: TillContext,
  memberId: MemberId,
  { lotId, lot }: SoldMove,
): PointsLot | undefined {
  const known = store.points.lot(memberId, lotId);
  if (known !== undefined || lot === undefined) return known;
  return { ...lot, lotId: lotId as LotId, memberId, points: 0 };
}
