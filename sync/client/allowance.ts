import { err, ok, type Result } from '../../agent/contract/result.ts';
import { toInstant } from '../../agent/contract/time.ts';
import { ALLOWANCES_OPEN_MAX } from '../protocol/allowance.ts';
import type { HqInput } from '../protocol/hq-api.ts';
import { type CallFailure, failureText } from './call-failure.ts';
import type { SyncDeps } from './deps.ts';
import {
  ALLOWANCE_DEADLINE_MS,
  type AllowancePort,
  type AllowanceRefusal,
  type AllowanceRequest,
} from './ports.ts';
import type { Session } from './session.ts';
import { tryStorage } from './storage-failure.ts';
import type { SyncClientOptions } from './sync-client.ts';

/**
 * A reservation that was asked for counts as stood by for so long, in milliseconds, though no hold carries it yet:
 * otherwise a reconcile that comes in between would give it back.
 */
export const GRANT_FRESH_MS = 60_000;

export interface HqAllowance extends AllowancePort {
  /** Settles once no reservation is being asked for. */
  settled(): Promise<void>;
  /** Tells HQ which reservations this till still stands by; others of this till are given back. */
  reconcile(before: string, signal: AbortSignal): Promise<Result<number, CallFailure>>;
}

export interface HqAllowanceParts {
  readonly deps: SyncDeps;
  readonly session: Session;
  readonly reachable: () => boolean;
  /** A release waits in the outbox. */
  readonly onQueued: () => void;
  readonly localPoints: SyncClientOptions['localPoints'];
  readonly localCoupon: NonNullable<SyncClientOptions['localCoupon']>;
}

/** Headquarters as the holder of points and coupons: asked before each is spent, with a deadline beside the sale. */
export function createHqAllowance({
  deps,
  session,
  reachable,
  onQueued,
  localPoints,
  localCoupon,
}: HqAllowanceParts): HqAllowance {
  const { store, clock, timers, log } = deps;
  const fresh = new Map<string, number>();
  const underWay = new Set<Promise<unknown>>();

  function remember(allowanceId: string): void {
    forgetOld();
    fresh.set(allowanceId, clock.monoMs());
  }

  function forgetOld(): void {
    const nowMs = clock.monoMs();
    for (const [id, sinceMs] of fresh) if (nowMs - sinceMs > GRANT_FRESH_MS) fresh.delete(id);
  }

  /** Durable: it goes up with the outbox, after what was booked before it. */
  function release(allowanceId: string): void {
    fresh.delete(allowanceId);
    const queued = tryStorage(() => store.queueRelease(allowanceId, clock.now()));
    // Unwritten, it is given back by the next reconcile, since no hold carries it.
    if (!queued.ok) log('error', 'a release was not queued', { code: queued.error.detail });
    onQueued();
  }

  async function ask(request: AllowanceRequest): Promise<Result<boolean, AllowanceRefusal>> {
    const input: HqInput<'reserve'> = {
      allowanceId: request.allowanceId,
      memberId: request.memberId,
      evaluationId: request.evaluationId,
      ...(request.replaces === undefined ? {} : { replaces: request.replaces }),
      what: request.what,
      holdUntil: toInstant(request.holdUntilMs),
    };
    const deadline = new AbortController();
    const timer = timers.set(ALLOWANCE_DEADLINE_MS, () => deadline.abort());
    const reply = await session.call('reserve', input, { signal: deadline.signal });
    timers.clear(timer);
    if (reply.ok) {
      const { granted, available } = reply.value;
      return granted ? ok(true) : err({ code: 'allowance-refused', available });
    }
    if (mayBeReserved(reply.error)) {
      log('info', 'a reservation is uncertain and given back', { why: failureText(reply.error) });
      release(request.allowanceId);
    }
    return err({ code: 'allowance-unreachable' });
  }

  return {
    reachable,
    availablePoints: (memberId, bucket, replaces) =>
      Math.max(0, localPoints({ memberId, bucket, replaces })),
    couponState: localCoupon,
    async reserve(request) {
      if (!reachable()) return err({ code: 'allowance-unreachable' });
      remember(request.allowanceId);
      const asked = ask(request);
      underWay.add(asked);
      const answer = await asked;
      underWay.delete(asked);
      if (answer.ok) return ok({ allowanceId: request.allowanceId });
      fresh.delete(request.allowanceId);
      return answer;
    },
    // The entry's own facts settle it at headquarters.
    settle: (allowanceId) => void fresh.delete(allowanceId),
    release,
    async settled() {
      await Promise.all(underWay);
    },
    async reconcile(before, signal) {
      const stored = tryStorage(() => store.openAllowances());
      // Naming a part would give the rest back although it is stood by.
      if (!stored.ok) return ok(0);
      forgetOld();
      const open = [...new Set([...stored.value, ...fresh.keys()])];
      if (open.length > ALLOWANCES_OPEN_MAX) {
        log('warn', 'too many reservations are open to reconcile', { open: open.length });
        return ok(0);
      }
      const { incarnation } = store;
      const reply = await session.call('reconcile', { incarnation, open, before }, { signal });
      return reply.ok ? ok(reply.value.released) : reply;
    },
  };
}

/** Whether headquarters may have made the reservation although no answer says so. */
function mayBeReserved(failure: CallFailure): boolean {
  switch (failure.code) {
    case 'unreachable':
      return failure.mayHaveArrived;
    case 'cancelled':
      return true;
    // Whoever refuses in words has reserved nothing; `internal` may have broken after it did.
    case 'refused':
      return failure.refusal === 'internal';
  }
}
