import { assert, type LotId, type MemberId, type PointsLot, toInstant } from '../contract/index.ts';
import { payDebts, pointsBalance } from '../domain/points/lots.ts';
import { pointsBackUntil, returnsToLot } from '../domain/points/points-back.ts';
import {
  type PointsByBucket,
  type SaleMove,
  undoByBucket,
} from '../domain/points/undo-by-bucket.ts';
import type { TillContext } from './context.ts';

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
 * spent ones return to their lots, or to one that lasts longer, see {@link returnsToLot}. What is owed in the end is paid
 * from what can be spent.
 */
export function planUndo(context: TillContext, parts: UndoParts): UndoPlan {
  const { memberId, moves, already, wanted, saleDay, source } = parts;
  const undone = undoByBucket(moves, already, wanted);
  const today = context.today();
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
      movements.push({ lot: known ?? emptyLot(move.lotId, move.bucket), delta: -points });
      continue;
    }
    givenBack += points;
    const lot =
      known !== undefined && returnsToLot(known, { today, isSameDay })
        ? known
        : {
            ...emptyLot(`${context.newId()}.back`, move.bucket),
            expiresOn: pointsBackUntil(today),
          };
    movements.push({ lot, delta: points });
  }
  movements.push(...debtsPaid(context, memberId, movements));
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

/**
 * What is owed once the plan is booked, paid from what can be spent. Not where the lot is not kept here: headquarters
 * knows what it holds, and pays for it there.
 */
function debtsPaid(
  { store, today }: TillContext,
  memberId: MemberId,
  movements: UndoPlan['movements'],
): UndoPlan['movements'] {
  const lots = lotsAfter(store.points.lots(memberId), movements);
  const isKept = ({ lotId }: PointsLot) => store.points.lot(memberId, lotId) !== undefined;
  return payDebts([...lots.values()], today(), isKept).map(({ lotId, delta }) => {
    const lot = lots.get(lotId);
    assert(lot !== undefined, 'a debt is paid between lots of the member');
    return { lot, delta };
  });
}

/** Lots by id as a plan leaves them. */
function lotsAfter(
  lots: readonly PointsLot[],
  movements: UndoPlan['movements'],
): Map<string, PointsLot> {
  const byId = new Map<string, PointsLot>(lots.map((lot) => [lot.lotId, lot]));
  for (const { lot, delta } of movements) {
    const before = byId.get(lot.lotId) ?? lot;
    byId.set(lot.lotId, { ...before, points: before.points + delta });
  }
  return byId;
}

/** The member's balance before the plan and with it. */
export function balancesOf(
  context: TillContext,
  memberId: MemberId,
  { movements }: UndoPlan,
): { readonly before: number; readonly after: number } {
  const lots = context.store.points.lots(memberId);
  const after = [...lotsAfter(lots, movements).values()];
  const today = context.today();
  return { before: pointsBalance(lots, today), after: pointsBalance(after, today) };
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
