import type { EvaluatedLine, Evaluation } from '../../contract/evaluation.ts';
import { err, ok, type Result } from '../../contract/result.ts';
import { sumOfUnits } from './amounts/unit-shares.ts';
import { ownValue } from './own-value.ts';

/** Units by line id. */
export type UnitsByLine = Readonly<Record<string, number>>;

export interface ReturnedLine {
  readonly lineId: string;
  readonly units: number;
  readonly refundMinor: number;
  /** Earned points to take back. */
  readonly pointsToClawBack: number;
  /** Spent points to give back. */
  readonly pointsToGiveBack: number;
}

export interface ReturnShare {
  readonly refundMinor: number;
  readonly pointsToClawBack: number;
  readonly pointsToGiveBack: number;
  readonly lines: readonly ReturnedLine[];
}

export interface ReturnError {
  readonly code: 'line-unknown' | 'return-too-much' | 'nothing-returned';
  readonly lineId?: string;
  /** Units of the line that can still come back. */
  readonly unitsLeft?: number;
}

/**
 * What the return of some units of a sale gives back. Units go back in the order of the stored shares, and points by
 * cumulative floor for each line, so that partial returns in any order add up to the whole sale exactly.
 * @param sold the evaluation that was committed
 * @param alreadyReturned units returned before, by line
 * @param lines units returned with this return, by line
 */
export function returnShare(
  sold: Pick<Evaluation, 'lines'>,
  alreadyReturned: UnitsByLine,
  lines: UnitsByLine,
): Result<ReturnShare, ReturnError> {
  const returned: ReturnedLine[] = [];
  for (const [lineId, units] of Object.entries(lines)) {
    const line = sold.lines.find((candidate) => candidate.lineId === lineId);
    if (line === undefined) return err({ code: 'line-unknown', lineId });
    const before = ownValue(alreadyReturned, lineId) ?? 0;
    const unitsLeft = line.qty - before;
    if (!Number.isSafeInteger(units) || units < 1) return err({ code: 'nothing-returned', lineId });
    if (units > unitsLeft) return err({ code: 'return-too-much', lineId, unitsLeft });
    returned.push(shareOfLine(line, before, before + units));
  }
  if (returned.length === 0) return err({ code: 'nothing-returned' });
  const total = (key: 'refundMinor' | 'pointsToClawBack' | 'pointsToGiveBack'): number =>
    returned.reduce((sum, line) => sum + line[key], 0);
  return ok({
    refundMinor: total('refundMinor'),
    pointsToClawBack: total('pointsToClawBack'),
    pointsToGiveBack: total('pointsToGiveBack'),
    lines: returned,
  });
}

function shareOfLine(line: EvaluatedLine, unitsBefore: number, unitsAfter: number): ReturnedLine {
  const points = (whole: number): number =>
    cumulativeFloor(whole, unitsAfter, line.qty) - cumulativeFloor(whole, unitsBefore, line.qty);
  return {
    lineId: line.lineId,
    units: unitsAfter - unitsBefore,
    refundMinor: sumOfUnits(line.unitShares, unitsAfter) - sumOfUnits(line.unitShares, unitsBefore),
    pointsToClawBack: points(line.pointsEarned),
    pointsToGiveBack: points(line.pointsSpent),
  };
}

function cumulativeFloor(points: number, units: number, qty: number): number {
  return Math.floor((points * units) / qty);
}
