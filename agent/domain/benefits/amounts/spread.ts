import { assert } from '../../../contract/result.ts';

/**
 * Spreads `total` over lines in proportion to `weights`, by largest remainder, a tie going to the earlier line. No
 * line takes more than its `rooms`; what it cannot take is spread again over the others until nothing is left.
 * All three are minor units; weights and rooms run in parallel.
 * @returns one amount for each weight; they sum to `total` exactly
 */
export function spread(total: number, weights: readonly number[], rooms: readonly number[]): number[] {
  const shares = new Array<number>(weights.length).fill(0);
  const roomTotal = sum(rooms);
  assert(total >= 0 && total <= roomTotal, 'spread is given no more than there is room for');
  if (total === roomTotal) return [...rooms];
  let open = weights.map((_, index) => index).filter((index) => (rooms[index] ?? 0) > 0);
  for (let left = total; left > 0; ) {
    proportional(left, weights, open, shares);
    const full = open.filter((index) => (shares[index] ?? 0) > (rooms[index] ?? 0));
    if (full.length === 0) break;
    for (const index of full) {
      const room = rooms[index] ?? 0;
      shares[index] = room;
      left -= room;
    }
    const closed = new Set(full);
    open = open.filter((index) => !closed.has(index));
  }
  return shares;
}

/** Writes the shares of `total` over the lines `open` into `shares`, whatever their room. */
function proportional(total: number, weights: readonly number[], open: readonly number[], shares: number[]): void {
  let weightSum = 0;
  for (const index of open) weightSum += weights[index] ?? 0;
  const equal = weightSum === 0;
  const divisor = equal ? open.length : weightSum;
  const rests: { index: number; rest: number | bigint }[] = [];
  let given = 0;
  for (const index of open) {
    const part = divide(total, equal ? 1 : (weights[index] ?? 0), divisor);
    shares[index] = part.floor;
    given += part.floor;
    if (part.rest > 0) rests.push({ index, rest: part.rest });
  }
  if (given === total) return;
  rests.sort((a, b) => (a.rest > b.rest ? -1 : a.rest < b.rest ? 1 : a.index - b.index));
  for (let k = 0; k < total - given; k += 1) {
    const index = rests[k]?.index;
    assert(index !== undefined, 'fewer odd units than remainders');
    shares[index] = (shares[index] ?? 0) + 1;
  }
}

function divide(total: number, weight: number, divisor: number): { floor: number; rest: number | bigint } {
  const product = total * weight;
  if (Number.isSafeInteger(product)) {
    const rest = product % divisor;
    return { floor: (product - rest) / divisor, rest };
  }
  const big = BigInt(total) * BigInt(weight);
  const bigDivisor = BigInt(divisor);
  return { floor: Number(big / bigDivisor), rest: big % bigDivisor };
}

/** Sum of minor amounts. */
export function sum(amounts: readonly number[]): number {
  let total = 0;
  for (const amount of amounts) total += amount;
  return total;
}
