import { BASE_BUCKET, type Evaluation } from '../contract/index.ts';
import type { HoldRow } from '../store/store.ts';

/** Points that a hold reserves, by category. */
export function reservedPoints({
  pointsReserved,
  pointsByBucket,
}: Pick<HoldRow, 'pointsReserved' | 'pointsByBucket'>): Readonly<Record<string, number>> {
  if (pointsByBucket !== undefined) return pointsByBucket;
  return pointsReserved === 0 ? {} : { [BASE_BUCKET]: pointsReserved };
}

/** The part of a hold's row that says which points an evaluation spends. */
export function pointsToReserve({
  spent,
  spentByBucket,
}: Evaluation['points']): Pick<HoldRow, 'pointsReserved' | 'pointsByBucket'> {
  return {
    pointsReserved: spent,
    ...(spentByBucket === undefined ? {} : { pointsByBucket: spentByBucket }),
  };
}
