import type { Evaluation } from '../../contract/evaluation.ts';
import type { Undone } from '../../contract/undone.ts';
import type { PointsByBucket } from '../points/undo-by-bucket.ts';
import { ownValue } from './own-value.ts';
import { addUnits } from './return-figures.ts';
import { shareSoFar, type UnitsByLine } from './return-share.ts';

/**
 * The part of a return that falls on goods which were not back yet. Two tills that cannot know of each other may take the
 * same unit back; the second time it was none of the sale's any more, and what was paid for it is a case for a person.
 * Money and points of the part are the stored shares of its units, at most what the return undid; its movements are told
 * only where the whole return fits.
 * @param before units that came back before, by line; within the sale
 */
export function fittingReturn(
  sold: Pick<Evaluation, 'lines'>,
  before: UnitsByLine,
  told: Undone,
): Undone {
  const units = Object.fromEntries(
    sold.lines.flatMap(({ lineId, qty }) => {
      const left = qty - (ownValue(before, lineId) ?? 0);
      const fitting = Math.min(left, ownValue(told.units, lineId) ?? 0);
      return fitting > 0 ? [[lineId, fitting]] : [];
    }),
  );
  const isWhole = Object.entries(told.units).every(
    ([lineId, count]) => count === (ownValue(units, lineId) ?? 0),
  );
  if (isWhole) return told;
  const [then, now] = [shareSoFar(sold, before), shareSoFar(sold, addUnits(before, units))];
  return {
    units,
    refundMinor: Math.min(told.refundMinor, now.refundMinor - then.refundMinor),
    earned: atMost(told.earned, now.earned, then.earned),
    spent: atMost(told.spent, now.spent, then.spent),
    gifts: told.gifts,
  };
}

function atMost(told: PointsByBucket, now: PointsByBucket, then: PointsByBucket) {
  return Object.fromEntries(
    Object.entries(told).map(([bucket, points]) => {
      const share = (ownValue(now, bucket) ?? 0) - (ownValue(then, bucket) ?? 0);
      return [bucket, Math.min(points, share)];
    }),
  );
}
