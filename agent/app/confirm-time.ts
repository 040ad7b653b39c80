import { type Failure, ok, type Result, toInstant } from '../contract/index.ts';
import type { CheckPin } from './check-pin.ts';
import type { TillContext } from './context.ts';
import type { Identifications } from './identifications.ts';

/** Holds whose deadlines are looked at; more cannot stand at one till. */
const HELD_MAX = 10_000;

export interface ConfirmTimeParts {
  readonly context: TillContext;
  readonly checkPin: CheckPin;
  readonly identifications: Identifications;
}

/** The till's time before and after. */
export interface TimeConfirmed {
  readonly before: string;
  readonly now: string;
}

/**
 * A manager says that the wall clock is right as it stands, be it behind or far ahead of what the till has seen. It is
 * on the audit log with both times, and an event. What was to end by the other time ends no later than if it had begun
 * at this moment. Fails as checking a manager's PIN does, or with a storage failure; then nothing has changed.
 */
export function createConfirmTime({
  context,
  checkPin,
  identifications,
}: ConfirmTimeParts): (managerId: string, pin: string) => Promise<Result<TimeConfirmed, Failure>> {
  const { store, clock, deps } = context;
  const { holdDeadlineMs, identificationTtlMs, parkedTtlMs } = deps.config;

  function shortenHolds(latestMs: number): void {
    for (const row of store.holds.overdue(Number.MAX_SAFE_INTEGER, HELD_MAX))
      if (row.deadlineMs > latestMs) store.holds.put({ ...row, deadlineMs: latestMs });
  }

  function shortenIdentifications(nowMs: number): void {
    for (const known of identifications.live()) {
      const latestMs = nowMs + (known.basketId === null ? identificationTtlMs : parkedTtlMs);
      if (known.expiresAtMs > latestMs) identifications.put({ ...known, expiresAtMs: latestMs });
    }
  }

  return async (managerId, pin) => {
    const manager = await checkPin(managerId, pin, 'manager');
    if (!manager.ok) return manager;
    const before = toInstant(clock.now());
    const takeBack = clock.confirm();
    const nowMs = clock.now();
    const now = toInstant(nowMs);
    const done = context.work((emit) => {
      store.audit.append({
        atMs: nowMs,
        staffId: manager.value.staffId,
        action: 'time-confirmed',
        detail: { before, now },
      });
      shortenHolds(nowMs + holdDeadlineMs);
      clock.remember();
      emit({ kind: 'till', what: 'time-confirmed', detail: before });
    });
    if (!done.ok) {
      takeBack();
      return done;
    }
    shortenIdentifications(nowMs);
    return ok({ before, now });
  };
}
