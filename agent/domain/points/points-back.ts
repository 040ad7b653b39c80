import type { PointsLot } from '../../contract/member.ts';
import { addDays } from '../calendar/day.ts';

/** Spent points that come back are good for so many days at least. */
export const POINTS_BACK_MIN_DAYS = 30;

/**
 * Whether spent points return to their lot; those of one that would be gone within {@link POINTS_BACK_MIN_DAYS} go to a
 * lot that lasts so long, unless the goods came back on the day of the sale, when nobody lost any time.
 * @param lot as far as it is known
 */
export function returnsToLot(
  lot: Pick<PointsLot, 'expiresOn'> | undefined,
  { today, isSameDay }: { readonly today: string; readonly isSameDay: boolean },
): boolean {
  if (lot === undefined) return false;
  return isSameDay || lot.expiresOn === undefined || lot.expiresOn >= pointsBackUntil(today);
}

/** The last day of points that come back and find no lot. */
export function pointsBackUntil(today: string): string {
  return addDays(today, POINTS_BACK_MIN_DAYS);
}
