import type { AllowanceRefusal, AllowanceRequest } from '../../sync/client/ports.ts';
import { BASE_BUCKET, type EvaluationId, type Result } from '../contract/index.ts';
import type { Denied } from './engine-input.ts';
import type { EvaluationRecord } from './evaluations.ts';
import { pointsToReserve, reservedPoints } from './reserved-points.ts';

/** What the evaluation spends that others could spend too: points, counted coupons, vouchers. */
export function reservations(
  record: EvaluationRecord,
  holdUntilMs: number,
  replaces: EvaluationId | undefined,
): AllowanceRequest[] {
  const { evaluationId, memberId, evaluation } = record;
  const coupons = record.coupons.map(({ code, times }) => ({
    kind: 'coupon' as const,
    code,
    ...(times === 1 ? {} : { times }),
  }));
  const points = Object.entries(reservedPoints(pointsToReserve(evaluation.points))).map(
    ([bucket, wanted]) => ({
      kind: 'points' as const,
      points: wanted,
      ...(bucket === BASE_BUCKET ? {} : { bucket }),
    }),
  );
  return [...points, ...coupons].map((what, index) => ({
    allowanceId: `${evaluationId}.${index}`,
    memberId,
    evaluationId,
    what,
    holdUntilMs,
    ...(replaces === undefined ? {} : { replaces }),
  }));
}

/** What the refusals mean for another evaluation; null where everything was granted. */
export function deniedBy(
  { coupons: claimed }: EvaluationRecord,
  wanted: readonly AllowanceRequest[],
  answers: readonly Result<unknown, AllowanceRefusal>[],
): Denied | null {
  let points: Denied['points'];
  const pointsByBucket: [string, number][] = [];
  const coupons: Record<string, 'unreachable' | 'used'> = {};
  let refused = false;
  for (const [index, answer] of answers.entries()) {
    const what = wanted[index]?.what;
    if (answer.ok || what === undefined) continue;
    const unreachable = answer.error.code === 'allowance-unreachable';
    if (unreachable && what.kind === 'coupon' && mayGoUnreserved(what.code)) continue;
    refused = true;
    const available = 'available' in answer.error ? (answer.error.available ?? 0) : 0;
    if (what.kind === 'coupon') coupons[what.code] = unreachable ? 'unreachable' : 'used';
    // A category that cannot be asked for takes nothing else with it: base points may be spent all the same.
    else if (what.bucket !== undefined) pointsByBucket.push([what.bucket, available]);
    else if (unreachable) points = { reachable: false };
    else points ??= { reachable: true, available };
  }
  if (!refused) return null;
  return {
    ...(points === undefined ? {} : { points }),
    pointsByBucket: Object.fromEntries(pointsByBucket),
    coupons,
  };

  function mayGoUnreserved(code: string): boolean {
    return claimed.some((one) => one.code === code && one.mayGoUnreserved);
  }
}
