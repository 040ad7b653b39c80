import {
  err,
  type Failure,
  failure,
  ok,
  type Result,
  type ScreenRole,
  type StaffId,
  type StaffSession,
  toInstant,
} from '../contract/index.ts';
import type { Store } from '../store/store.ts';
import type { CheckPin } from './check-pin.ts';
import type { Clock } from './deps.ts';
import type { Caller } from './till.ts';
import type { Work } from './work.ts';

export interface StaffSessionParts {
  readonly store: Store;
  readonly work: Work;
  readonly checkPin: CheckPin;
  readonly nowMs: () => number;
  readonly clock: Clock;
  readonly idleLockMs: number;
}

export interface StaffSessions {
  show(): StaffSession;
  signIn(staffId: string, pin: string): Promise<Result<StaffSession, Failure>>;
  signOut(): Result<StaffSession, Failure>;
  lock(): Result<StaffSession, Failure>;
  unlock(pin: string): Promise<Result<StaffSession, Failure>>;
  touch(): StaffSession;
  /** Ends the session of somebody who was deactivated. */
  endInactive(): void;
  /** Locks a session that nobody touched for the configured time. */
  lockIdle(): void;
  /**
   * Whose entry it is: the one named by the request, else whoever is signed in, locked or not. A screen can name nobody
   * but whoever is signed in there: `staff-differs`.
   */
  forEntry(caller: Caller, staffId: string | undefined): Result<StaffId, Failure>;
  /**
   * A screen does something only while somebody is signed in, of the role where one is given, and has not locked it:
   * `staff-required`, `screen-locked`, `role-required`. Programs have scopes instead.
   */
  allows(caller: Caller, role?: ScreenRole): Result<void, Failure>;
}

interface Session {
  readonly staffId: StaffId | null;
  readonly locked: boolean;
  readonly sinceMs: number;
}

/** The one staff session of this till's screens. In memory only: after a restart somebody signs in again. */
export function createStaffSessions({
  store,
  work,
  checkPin,
  nowMs,
  clock,
  idleLockMs,
}: StaffSessionParts): StaffSessions {
  let session: Session = { staffId: null, locked: false, sinceMs: nowMs() };
  let touchedMonoMs = clock.monoMs();

  function change(
    next: Omit<Session, 'sinceMs'>,
    state: 'signed-in' | 'signed-out' | 'locked' | 'unlocked',
  ): Result<StaffSession, Failure> {
    const atMs = nowMs();
    const staffId = state === 'signed-out' ? session.staffId : next.staffId;
    const done = work((emit) => {
      store.audit.append({ atMs, staffId, action: state, detail: {} });
      emit({ kind: 'staff', staffId, state });
    });
    if (!done.ok) return done;
    session = { ...next, sinceMs: atMs };
    touchedMonoMs = clock.monoMs();
    return ok(show());
  }

  function show(): StaffSession {
    const row = session.staffId === null ? undefined : store.staff.byId(session.staffId);
    const staff =
      row === undefined
        ? null
        : { staffId: row.staffId, name: row.name, role: row.role, active: row.active };
    return { staff, locked: session.locked, since: toInstant(session.sinceMs), idleLockMs };
  }

  function lock(): Result<StaffSession, Failure> {
    if (session.staffId === null || session.locked) return ok(show());
    return change({ staffId: session.staffId, locked: true }, 'locked');
  }

  return {
    show,
    lock,
    async signIn(staffId, pin) {
      const staff = await checkPin(staffId, pin);
      if (!staff.ok) return staff;
      return change({ staffId: staff.value.staffId, locked: false }, 'signed-in');
    },
    signOut() {
      if (session.staffId === null) return ok(show());
      return change({ staffId: null, locked: false }, 'signed-out');
    },
    async unlock(pin) {
      const { staffId } = session;
      if (staffId === null) return err(failure('staff-required'));
      const staff = await checkPin(staffId, pin);
      if (!staff.ok) return staff;
      // Somebody else may have signed in while the PIN was checked.
      if (session.staffId !== staffId || !session.locked) return ok(show());
      return change({ staffId, locked: false }, 'unlocked');
    },
    touch() {
      if (!session.locked) touchedMonoMs = clock.monoMs();
      return show();
    },
    endInactive() {
      const { staffId } = session;
      if (staffId === null || store.staff.byId(staffId)?.active === true) return;
      // Ends whether or not the disk can note it: who was deactivated must not go on.
      if (!change({ staffId: null, locked: false }, 'signed-out').ok)
        session = { staffId: null, locked: false, sinceMs: nowMs() };
    },
    lockIdle() {
      const idle =
        session.staffId !== null && !session.locked && clock.monoMs() - touchedMonoMs >= idleLockMs;
      // Locks whether or not the disk can note it: an unattended screen is the greater harm.
      if (idle && !lock().ok) session = { ...session, locked: true, sinceMs: nowMs() };
    },
    forEntry(caller, staffId) {
      if (caller.kind === 'screen' && staffId !== undefined && staffId !== session.staffId)
        return err(failure('staff-differs', 'staffId'));
      if (staffId === undefined)
        return session.staffId === null
          ? err(failure('staff-required', 'staffId'))
          : ok(session.staffId);
      const row = store.staff.byId(staffId as StaffId);
      return row?.active === true ? ok(row.staffId) : err(failure('staff-unknown', 'staffId'));
    },
    allows(caller, role) {
      if (caller.kind !== 'screen') return ok(undefined);
      if (role === 'keeper' && store.staff.list().length === 0) return ok(undefined);
      if (session.staffId === null) return err(failure('staff-required'));
      if (session.locked) return err(failure('screen-locked'));
      const own = store.staff.byId(session.staffId)?.role;
      const fits = role === 'keeper' ? own === 'manager' || own === 'it' : own === role;
      return role === undefined || fits
        ? ok(undefined)
        : err(failure('role-required', undefined, { role }));
    },
  };
}
