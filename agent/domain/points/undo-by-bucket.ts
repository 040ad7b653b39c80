/** One movement of a sale, with the category of its lot. */
export interface SaleMove {
  readonly lotId: string;
  /** Positive = earned or set off, negative = spent. */
  readonly delta: number;
  readonly bucket: string;
}

/** Points by category. */
export type PointsByBucket = Readonly<Record<string, number>>;

/**
 * Which movements of a sale a return undoes: of each category the earned or the spent ones in the order in which they
 * were made, each point once over all returns. Where a category has too little left, as in sales from before
 * categories were noted by line, the other movements of the same direction make up for it.
 * @param moves of the sale
 * @param already points undone of each movement by earlier returns
 * @param wanted points to undo: earned ones to take back, spent ones to give back
 * @returns points to undo of each movement, zero or more
 */
export function undoByBucket(
  moves: readonly SaleMove[],
  already: readonly number[],
  wanted: { readonly earned: PointsByBucket; readonly spent: PointsByBucket },
): number[] {
  const undone = moves.map(() => 0);
  const take = (points: number, fits: (move: SaleMove) => boolean): number => {
    let left = points;
    for (const [index, move] of moves.entries()) {
      if (left === 0) break;
      if (!fits(move)) continue;
      const room = Math.abs(move.delta) - (already[index] ?? 0) - (undone[index] ?? 0);
      const taken = Math.min(left, Math.max(0, room));
      undone[index] = (undone[index] ?? 0) + taken;
      left -= taken;
    }
    return left;
  };
  const undo = (points: PointsByBucket, isOfKind: (move: SaleMove) => boolean): void => {
    let missing = 0;
    for (const [bucket, count] of Object.entries(points))
      missing += take(count, (move) => isOfKind(move) && move.bucket === bucket);
    take(missing, isOfKind);
  };
  undo(wanted.earned, ({ delta }) => delta > 0);
  undo(wanted.spent, ({ delta }) => delta < 0);
  return undone;
}
