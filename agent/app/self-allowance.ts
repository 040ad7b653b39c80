import type { AllowancePort, AllowanceRequest } from '../../sync/client/ports.ts';
import { BASE_BUCKET, type EvaluationId, err, type MemberId, ok } from '../contract/index.ts';
import { localTime } from '../domain/benefits/local-time.ts';
import { ownValue } from '../domain/benefits/own-value.ts';
import { dayText } from '../domain/calendar/day.ts';
import { spendablePoints } from '../domain/points/lots.ts';
import type { Store } from '../store/store.ts';
import { clockMemory } from './clock-guard.ts';
import { reservedPoints } from './reserved-points.ts';

/** Reservations that wait for their hold; each is given back or turned into a hold within one request. */
export const SELF_ALLOWANCE_GRANTED_MAX = 1_000;

/**
 * Points of a category (absent = `base`) that this till's own lots and holds leave free of a member.
 * @param timeZone of the store: points expire with its calendar day
 */
export function createOwnPoints(
  store: Pick<Store, 'points' | 'holds' | 'meta'>,
  clock: { now(): number },
  timeZone: string,
): (memberId: MemberId, bucket?: string) => number {
  // A clock set back does not bring expired points back.
  const today = (): string =>
    dayText(localTime(Math.max(clock.now(), clockMemory(store.meta).get() ?? 0), timeZone).date);
  return (memberId, bucket) =>
    spendablePoints(store.points.lots(memberId), today(), bucket) -
    store.holds.heldPoints(memberId, bucket);
}

/**
 * The allowance of a till that is the only one of its chain: it may spend what its own database holds. What a hold
 * reserves lies in the hold's row; between a grant and its row the grant is remembered here, so that two sales
 * cannot be promised the same points.
 * @param timeZone of the store: points expire with its calendar day
 */
export function createSelfAllowance(
  store: Pick<Store, 'points' | 'holds' | 'coupons' | 'meta'>,
  clock: { now(): number },
  timeZone: string,
): AllowancePort {
  const granted = new Map<string, AllowanceRequest>();
  const ownPoints = createOwnPoints(store, clock, timeZone);

  /** Grants of the kind asked for whose hold does not carry them yet. */
  function open(isAsked: (request: AllowanceRequest) => boolean): AllowanceRequest[] {
    return [...granted.values()].filter(
      (one) => isAsked(one) && store.holds.get(one.evaluationId)?.state !== 'HELD',
    );
  }

  /** What the hold carries, its grant need not remember. */
  function forgetCarried(): void {
    for (const { allowanceId, evaluationId } of granted.values())
      if (store.holds.get(evaluationId)?.state === 'HELD') granted.delete(allowanceId);
  }

  function availablePoints(
    memberId: MemberId,
    bucket: string = BASE_BUCKET,
    replaces?: EvaluationId,
  ): number {
    const older = replaces === undefined ? undefined : store.holds.get(replaces);
    const freed =
      older?.state === 'HELD' && older.memberId === memberId
        ? (ownValue(reservedPoints(older), bucket) ?? 0)
        : 0;
    const promised = open(
      ({ memberId: whose, what }) =>
        whose === memberId && what.kind === 'points' && (what.bucket ?? BASE_BUCKET) === bucket,
    ).reduce((sum, { what }) => (what.kind === 'points' ? sum + what.points : sum), 0);
    return Math.max(0, ownPoints(memberId, bucket) + freed - promised);
  }

  function couponState(
    code: string,
    times = 1,
    replaces?: EvaluationId,
  ): 'free' | 'reserved' | 'used' {
    const promised = open(({ what }) => what.kind === 'coupon' && what.code === code);
    const all = store.coupons.state(code, { times, except: replaces });
    if (all.state !== 'free' || promised.length === 0) return all.state;
    if (promised.length >= times) return 'reserved';
    const rest = store.coupons.state(code, { times: times - promised.length, except: replaces });
    return rest.state === 'free' ? 'free' : 'reserved';
  }

  function available({ memberId, what, replaces }: AllowanceRequest): number {
    if (what.kind === 'coupon')
      return couponState(what.code, what.times, replaces) === 'free' ? 1 : 0;
    return memberId === null ? 0 : availablePoints(memberId, what.bucket, replaces);
  }

  return {
    reachable: () => true,
    availablePoints: (memberId, bucket) => availablePoints(memberId, bucket),
    couponState: (code, times) => couponState(code, times),
    reserve(request) {
      const { allowanceId, what } = request;
      if (granted.size >= SELF_ALLOWANCE_GRANTED_MAX) forgetCarried();
      if (granted.has(allowanceId)) return Promise.resolve(ok({ allowanceId }));
      const left = available(request);
      const needed = what.kind === 'points' ? what.points : 1;
      if (left < needed || granted.size >= SELF_ALLOWANCE_GRANTED_MAX)
        return Promise.resolve(err({ code: 'allowance-refused', available: left }));
      granted.set(allowanceId, request);
      return Promise.resolve(ok({ allowanceId }));
    },
    settle: (allowanceId) => void granted.delete(allowanceId),
    release: (allowanceId) => void granted.delete(allowanceId),
  };
}

/** No holder of allowances: points and single-use coupons are refused with the sentence for the cashier. */
export function createNoAllowance(): AllowancePort {
  return {
    reachable: () => false,
    availablePoints: () => 0,
    couponState: () => 'unknown',
    reserve: () => Promise.resolve(err({ code: 'allowance-unreachable' })),
    settle: () => {},
    release: () => {},
  };
}
