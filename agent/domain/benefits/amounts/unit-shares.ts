import type { UnitShare } from '../../../contract/evaluation.ts';

/**
 * What each unit of a line paid: the line's amount by largest remainder, run-length encoded, dearer units first.
 * @param paidMinor of the whole line
 */
export function unitShares(paidMinor: number, qty: number): UnitShare[] {
  const dearer = paidMinor % qty;
  const paid = (paidMinor - dearer) / qty;
  if (dearer === 0) return [{ count: qty, paidMinor: paid }];
  return [
    { count: dearer, paidMinor: paid + 1 },
    { count: qty - dearer, paidMinor: paid },
  ];
}

/** Sum over the first `units` units of `shares`, each cut to `mostMinor`. */
export function sumOfUnits(
  shares: readonly UnitShare[],
  units: number,
  mostMinor = Number.MAX_SAFE_INTEGER,
): number {
  let left = units;
  let total = 0;
  for (const share of shares) {
    const count = Math.min(left, share.count);
    total += count * Math.min(share.paidMinor, mostMinor);
    left -= count;
  }
  return total;
}
