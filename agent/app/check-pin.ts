import {
  err,
  type Failure,
  failure,
  ok,
  type Result,
  type StaffId,
  type StaffRole,
} from '../contract/index.ts';
import type { StaffRow, Store } from '../store/store.ts';
import type { PinHasher } from './deps.ts';
import { storageSafe } from './work.ts';

/** Wrong PINs in a row before a member of staff is locked out. */
export const PIN_TRIES = 5;
/** First lock-out; each further wrong PIN doubles it. */
export const PIN_LOCK_MS = 60_000;
export const PIN_LOCK_MAX_MS = 15 * 60_000;
/** PIN checks that wait for each other; each costs memory and time on purpose. */
export const PIN_CHECKS_WAITING_MAX = 8;

/** Checks a PIN, and the role where one is needed. Fails with `staff-unknown`, `pin-locked`, `pin-wrong`, `role-required`, `busy`. */
export type CheckPin = (
  staffId: string,
  pin: string,
  role?: StaffRole,
) => Promise<Result<StaffRow, Failure>>;

/**
 * PIN checks run one after the other, so that guesses sent side by side are counted like guesses in a row. Failures
 * are kept in the store: a restart forgives nothing.
 */
export function createCheckPin(
  store: Pick<Store, 'staff' | 'transaction'>,
  pins: PinHasher,
  nowMs: () => number,
  monoMs: () => number,
): CheckPin {
  /** When each lock-out of this run ends on the clock that nobody can set; by member of staff. */
  const locks = new Map<string, { readonly lockedUntilMs: number; readonly endsMonoMs: number }>();
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();

  async function check(
    staffId: StaffId,
    pin: string,
    role: StaffRole | undefined,
  ): Promise<Result<StaffRow, Failure>> {
    const staff = store.staff.byId(staffId);
    if (staff === undefined || !staff.active) return err(failure('staff-unknown', 'staffId'));
    const leftMs = lockLeftMs(staff);
    if (leftMs > 0) return err(locked(leftMs));
    if (await pins.verify(pin, staff.pinHash)) {
      const cleared =
        staff.wrongPins === 0
          ? ok(undefined)
          : storageSafe(() => store.staff.setPinFailures(staffId, 0, 0));
      if (!cleared.ok) return cleared;
      return role === undefined || staff.role === role
        ? ok(staff)
        : err(failure('role-required', 'staffId', { role }));
    }
    const wrongPins = staff.wrongPins + 1;
    const lockMs = lockAfter(wrongPins);
    const lockedUntilMs = lockMs === 0 ? 0 : nowMs() + lockMs;
    const counted = storageSafe(() =>
      store.staff.setPinFailures(staffId, wrongPins, lockedUntilMs),
    );
    if (!counted.ok) return counted;
    locks.set(staffId, { lockedUntilMs, endsMonoMs: monoMs() + lockMs });
    return err(
      lockMs === 0
        ? failure('pin-wrong', 'pin', { triesLeft: PIN_TRIES - wrongPins })
        : locked(lockMs),
    );
  }

  /** What the wall clock says counts only where this run has not seen the lock begin, and never for longer than a lock lasts. */
  function lockLeftMs({ staffId, lockedUntilMs }: StaffRow): number {
    if (lockedUntilMs === 0) return 0;
    let lock = locks.get(staffId);
    if (lock?.lockedUntilMs !== lockedUntilMs) {
      const leftMs = Math.min(PIN_LOCK_MAX_MS, Math.max(0, lockedUntilMs - nowMs()));
      lock = { lockedUntilMs, endsMonoMs: monoMs() + leftMs };
      locks.set(staffId, lock);
    }
    return lock.endsMonoMs - monoMs();
  }

  return (staffId, pin, role) => {
    if (waiting >= PIN_CHECKS_WAITING_MAX) return Promise.resolve(err(failure('busy')));
    waiting += 1;
    const done = last
      .then(() => check(staffId as StaffId, pin, role))
      .finally(() => (waiting -= 1));
    last = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  };
}

function locked(leftMs: number): Failure {
  return failure('pin-locked', 'pin', { retryAfterSeconds: Math.ceil(leftMs / 1_000) });
}

/** Milliseconds of lock-out after so many wrong PINs in a row. */
export function lockAfter(wrongPins: number): number {
  if (wrongPins < PIN_TRIES) return 0;
  return Math.min(PIN_LOCK_MAX_MS, PIN_LOCK_MS * 2 ** Math.min(wrongPins - PIN_TRIES, 10));
}
