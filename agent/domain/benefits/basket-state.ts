import type { EvaluationLine } from '../../contract/evaluation-input.ts';

/** Amounts of the basket while lanes run, in minor units, one entry a line. */
export interface BasketState {
  readonly lines: readonly EvaluationLine[];
  readonly qty: readonly number[];
  readonly list: readonly number[];
  /** The least a line may cost: units times price floor. */
  readonly floor: readonly number[];
  readonly running: number[];
  readonly listMinor: number;
  readonly units: number;
  runningMinor: number;
}

/** The basket at list price. */
export function basketState(lines: readonly EvaluationLine[]): BasketState {
  const list = lines.map((line) => line.qty * line.unitPriceMinor);
  let listMinor = 0;
  let units = 0;
  for (let index = 0; index < lines.length; index += 1) {
    listMinor += list[index] ?? 0;
    units += lines[index]?.qty ?? 0;
  }
  return {
    lines,
    qty: lines.map((line) => line.qty),
    list,
    // A floor above the shelf price leaves no room; it never raises the price.
    floor: lines.map((line) => line.qty * Math.min(line.minUnitPriceMinor ?? 0, line.unitPriceMinor)),
    running: [...list],
    listMinor,
    units,
    runningMinor: listMinor,
  };
}

/** Takes an amount off a line. */
export function take(state: BasketState, line: number, amountMinor: number): void {
  state.running[line] = (state.running[line] ?? 0) - amountMinor;
  state.runningMinor -= amountMinor;
}
