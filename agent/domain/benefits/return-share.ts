import type { EvaluatedLine, Evaluation } from '../../contract/evaluation.ts';
import { BASE_BUCKET } from '../../contract/member.ts';
import { err, ok, type Result } from '../../contract/result.ts';
import type { PointsByBucket } from '../points/undo-by-bucket.ts';
import { shareOf } from './amounts/share-of.ts';
import { sumOfUnits } from './amounts/unit-shares.ts';
import { ownValue } from './own-value.ts';

/** Units by line id. */
export type UnitsByLine = Readonly<Record<string, number>>;

export interface ReturnedLine {
  readonly lineId: string;
  readonly units: number;
  readonly refundMinor: number;
  /** Earned points to take back, and the same by category. */
  readonly pointsToClawBack: number;
  readonly earned: PointsByBucket;
  /** Spent points to give back, and the same by category. */
  readonly pointsToGiveBack: number;
  readonly spent: PointsByBucket;
  /** The units' part of what the chain gave to good causes. */
  readonly donatedMinor: number;
}

export interface ReturnShare {
  readonly refundMinor: number;
  readonly pointsToClawBack: number;
  readonly earned: PointsByBucket;
  readonly pointsToGiveBack: number;
  readonly spent: PointsByBucket;
  readonly donatedMinor: number;
  readonly lines: readonly ReturnedLine[];
}

export interface ReturnError {
  readonly code: 'line-unknown' | 'return-too-much' | 'nothing-returned';
  readonly lineId?: string;
  /** Units of the line that can still come back. */
  readonly unitsLeft?: number;
}

/**
 * What the return of some units of a sale gives back. Units go back in the order of the stored shares; points by
 * cumulative floor for each line and category, and donations for each line, so that partial returns in any order add up
 * to the whole sale exactly.
 * @param sold the evaluation that was committed
 * @param alreadyReturned units returned before, by line
 * @param lines units returned with this return, by line
 */
export function returnShare(
  sold: Pick<Evaluation, 'lines'>,
  alreadyReturned: UnitsByLine,
  lines: UnitsByLine,
): Result<ReturnShare, ReturnError> {
  const byId = new Map<string, EvaluatedLine>(sold.lines.map((line) => [line.lineId, line]));
  const returned: ReturnedLine[] = [];
  for (const [lineId, units] of Object.entries(lines)) {
    const line = byId.get(lineId);
    if (line === undefined) return err({ code: 'line-unknown', lineId });
    const before = ownValue(alreadyReturned, lineId) ?? 0;
    const unitsLeft = line.qty - before;
    if (!Number.isSafeInteger(units) || units < 1) return err({ code: 'nothing-returned', lineId });
    if (units > unitsLeft) return err({ code: 'return-too-much', lineId, unitsLeft });
    returned.push(shareOfLine(line, before, before + units));
  }
  if (returned.length === 0) return err({ code: 'nothing-returned' });
  return ok(summed(returned));
}

/** The share of all units that came back so far, by the same order and floors. `units` lie within the sale. */
export function shareSoFar({ lines }: Pick<Evaluation, 'lines'>, units: UnitsByLine): ReturnShare {
  return summed(lines.map((line) => shareOfLine(line, 0, ownValue(units, line.lineId) ?? 0)));
}

function summed(lines: readonly ReturnedLine[]): ReturnShare {
  const total = (
    key: 'refundMinor' | 'pointsToClawBack' | 'pointsToGiveBack' | 'donatedMinor',
  ): number => lines.reduce((sum, line) => sum + line[key], 0);
  return {
    refundMinor: total('refundMinor'),
    pointsToClawBack: total('pointsToClawBack'),
    earned: sumByBucket(lines.map(({ earned }) => earned)),
    pointsToGiveBack: total('pointsToGiveBack'),
    spent: sumByBucket(lines.map(({ spent }) => spent)),
    donatedMinor: total('donatedMinor'),
    lines,
  };
}

function shareOfLine(line: EvaluatedLine, unitsBefore: number, unitsAfter: number): ReturnedLine {
  const part = (whole: number): number =>
    shareOf(whole, unitsAfter, line.qty, 'down') - shareOf(whole, unitsBefore, line.qty, 'down');
  const parts = (byBucket: PointsByBucket): PointsByBucket =>
    nonZero(Object.entries(byBucket).map(([bucket, points]) => [bucket, part(points)]));
  const earned = parts(line.pointsEarnedByBucket ?? { [BASE_BUCKET]: line.pointsEarned });
  const spent = parts(line.pointsSpentByBucket ?? { [BASE_BUCKET]: line.pointsSpent });
  return {
    lineId: line.lineId,
    units: unitsAfter - unitsBefore,
    refundMinor: sumOfUnits(line.unitShares, unitsAfter) - sumOfUnits(line.unitShares, unitsBefore),
    pointsToClawBack: pointsOf(earned),
    earned,
    pointsToGiveBack: pointsOf(spent),
    spent,
    donatedMinor: part(line.donatedMinor ?? 0),
  };
}

/** All points of every category. */
export function pointsOf(byBucket: PointsByBucket): number {
  return Object.values(byBucket).reduce((sum, points) => sum + points, 0);
}

/** Points of several parts, category by category; categories without points are left out. */
export function sumByBucket(parts: readonly PointsByBucket[]): PointsByBucket {
  const sums = new Map<string, number>();
  for (const [bucket, points] of parts.flatMap((part) => Object.entries(part)))
    sums.set(bucket, (sums.get(bucket) ?? 0) + points);
  return nonZero([...sums]);
}

function nonZero(entries: readonly (readonly [string, number])[]): PointsByBucket {
  return Object.fromEntries(entries.filter(([, points]) => points !== 0));
}
