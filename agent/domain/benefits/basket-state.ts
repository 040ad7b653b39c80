import type { EvaluationLine } from '../../contract/evaluation-input.ts';

/** Amounts of the basket while lanes run, in minor units, one entry a line. */
export interface BasketState {
  readonly lines: readonly EvaluationLine[];
  readonly qty: readonly number[];
  readonly list: readonly number[];
  readonly running: number[];
  /** What may still be taken off: running less units times price floor. */
  readonly room: number[];
  readonly listMinor: number;
  readonly units: number;
  runningMinor: number;
}

/** The basket at list price. */
export function basketState(lines: readonly EvaluationLine[]): BasketState {
  const qty: number[] = [];
  const list: number[] = [];
  const room: number[] = [];
  let listMinor = 0;
  let units = 0;
  for (const line of lines) {
    const amount = line.qty * line.unitPriceMinor;
    qty.push(line.qty);
    list.push(amount);
    // A floor above the shelf price leaves no room; it never raises the price.
    room.push(amount - line.qty * Math.min(line.minUnitPriceMinor ?? 0, line.unitPriceMinor));
    listMinor += amount;
    units += line.qty;
  }
  return {
    lines,
    qty,
    list,
    running: list.slice(),
    room,
    listMinor,
    units,
    runningMinor: listMinor,
  };
}

/** Takes an amount off a line, which has room for it. */
export function take(state: BasketState, line: number, amountMinor: number): void {
  state.running[line] = (state.running[line] ?? 0) - amountMinor;
  state.room[line] = (state.room[line] ?? 0) - amountMinor;
  state.runningMinor -= amountMinor;
}
