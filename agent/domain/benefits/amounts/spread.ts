import { assert } from '../../../contract/result.ts';

/**
 * Spreads `total` over lines in proportion to `weights`, by largest remainder, a tie going to the earlier line. No
 * line takes more than its `rooms`; what it cannot take is spread again over the others until nothing is left.
 * All three are minor units; weights and rooms run in parallel.
 * @returns one amount for each weight; they sum to `total` exactly
 */
export function spread(
  total: number,
  weights: readonly number[],
  rooms: readonly number[],
): number[] {
  const roomTotal = sum(rooms);
  assert(total >= 0 && total <= roomTotal, 'spread is given no more than there is room for');
  if (total === roomTotal) return rooms.slice();
  const shares = new Array<number>(weights.length).fill(0);
  if (total === 0) return shares;
  let open: number[] = [];
  for (let index = 0; index < rooms.length; index += 1) {
    if ((rooms[index] ?? 0) > 0) open.push(index);
  }
  for (let left = total; ; ) {
    proportional(left, weights, open, shares);
    const fits = (index: number): boolean => (shares[index] ?? 0) <= (rooms[index] ?? 0);
    if (open.every(fits)) return shares;
    const fitting = open.filter(fits);
    for (const index of open) {
      if (fits(index)) continue;
      shares[index] = rooms[index] ?? 0;
      left -= shares[index] ?? 0;
    }
    open = fitting;
  }
}

/** Writes the shares of `total` over the lines `open` into `shares`, whatever their room. */
function proportional(
  total: number,
  weights: readonly number[],
  open: readonly number[],
  shares: number[],
): void {
  let weightSum = 0;
  let mostWeight = 0;
  for (const index of open) {
    const weight = weights[index] ?? 0;
    weightSum += weight;
    if (weight > mostWeight) mostWeight = weight;
  }
  if (weightSum === 0) proportional(total, new Array<number>(weights.length).fill(1), open, shares);
  else if (Number.isSafeInteger(total * mostWeight))
    proportionalInNumbers(total, weights, weightSum, open, shares);
  else proportionalInBigInts(total, weights, weightSum, open, shares);
}

function proportionalInNumbers(
  total: number,
  weights: readonly number[],
  weightSum: number,
  open: readonly number[],
  shares: number[],
): void {
  const rests: number[] = [];
  let left = total;
  for (const index of open) {
    const product = total * (weights[index] ?? 0);
    const rest = product % weightSum;
    const floor = (product - rest) / weightSum;
    shares[index] = floor;
    left -= floor;
    rests.push(rest);
  }
  giveOddUnits(left, rests, open, shares);
}

/** The same division where products leave 2^53. */
function proportionalInBigInts(
  total: number,
  weights: readonly number[],
  weightSum: number,
  open: readonly number[],
  shares: number[],
): void {
  const divisor = BigInt(weightSum);
  const rests: number[] = [];
  let left = total;
  for (const index of open) {
    const product = BigInt(total) * BigInt(weights[index] ?? 0);
    const floor = Number(product / divisor);
    shares[index] = floor;
    left -= floor;
    rests.push(Number(product % divisor));
  }
  giveOddUnits(left, rests, open, shares);
}

/** One more unit for each of the largest remainders; of equal ones the earlier line. */
function giveOddUnits(
  count: number,
  rests: readonly number[],
  open: readonly number[],
  shares: number[],
): void {
  if (count === 0) return;
  const order = byRest(rests);
  for (let nth = 0; nth < count; nth += 1) {
    const index = open[order[nth] ?? -1];
    assert(index !== undefined, 'fewer odd units than remainders');
    shares[index] = (shares[index] ?? 0) + 1;
  }
}

/** Longest list that insertion sorts faster than the library does. */
const SHORT = 64;

/** Positions by descending remainder, equal ones ascending. */
function byRest(rests: readonly number[]): number[] {
  const order = rests.map((_, position) => position);
  if (rests.length > SHORT) return order.sort((a, b) => (rests[b] ?? 0) - (rests[a] ?? 0) || a - b);
  for (let sorted = 1; sorted < order.length; sorted += 1) {
    const rest = rests[sorted] ?? 0;
    let place = sorted;
    for (; place > 0 && (rests[order[place - 1] ?? 0] ?? 0) < rest; place -= 1)
      order[place] = order[place - 1] ?? 0;
    order[place] = sorted;
  }
  return order;
}

/** Sum of minor amounts. */
export function sum(amounts: readonly number[]): number {
  let total = 0;
  for (let index = 0; index < amounts.length; index += 1) total += amounts[index] ?? 0;
  return total;
}
