import type { AllowancePort, AllowanceRequest } from '../../sync/client/ports.ts';
import { BASE_BUCKET, type EvaluationId, err, type MemberId, ok } from '../contract/index.ts';
import { localTime } from '../domain/benefits/local-time.ts';
import { ownValue } from '../domain/benefits/own-value.ts';
import { dayText } from '../domain/calendar/day.ts';
import { spendablePoints } from '../domain/points/lots.ts';
import type { Store } from '../store/store.ts';
import { clockMemory } from './clock-guard.ts';

/** Reservations that wait for their hold; each is given back or turned into a hold within one request. */
export const SELF_ALLOWANCE_GRANTED_MAX = 1_000;

/** Whose points are asked about, and of which. */
export interface OwnPointsQuery {
  readonly memberId: MemberId;
  /** Absent = `base`. */
  readonly bucket?: string | undefined;
  /** A hold that ends with the one asked for: what it reserves is free. */
  readonly replaces?: EvaluationId | undefined;
  /** Points that are promised beside the holds, by category. */
  readonly promised?: Readonly<Record<string, number>>;
}

/**
 * Points of a category that this till's own lots and holds leave free of a member; never below zero.
 * @param timeZone of the store: points expire with its calendar day
 */
export function createOwnPoints(
  store: Pick<Store, 'points' | 'holds' | 'meta'>,
  clock: { now(): number },
  timeZone: string,
): (query: OwnPointsQuery) => number {
  // A clock set back does not bring expired points back.
  const today = (): string =>
    dayText(localTime(Math.max(clock.now(), clockMemory(store.meta).get() ?? 0), timeZone).date);
  return ({ memberId, bucket, replaces, promised = {} }) => {
    const reserved = { ...store.holds.heldPoints(memberId, replaces) };
    for (const [name, points] of Object.entries(promised))
      reserved[name] = (ownValue(reserved, name) ?? 0) + points;
    return spendablePoints(store.points.lots(memberId), today(), bucket, reserved);
  };
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

  function availablePoints(memberId: MemberId, bucket?: string, replaces?: EvaluationId): number {
    const promised: Record<string, number> = {};
    for (const { what } of open((request) => request.memberId === memberId)) {
      if (what.kind !== 'points') continue;
      const name = what.bucket ?? BASE_BUCKET;
      promised[name] = (ownValue(promised, name) ?? 0) + what.points;
    }
    return ownPoints({ memberId, bucket, replaces, promised });
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
    availablePoints,
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
