import { type Failure, ok, type Result, type StaffId } from '../contract/index.ts';
import type { CheckPin } from './check-pin.ts';
import type { TillContext } from './context.ts';

/**
 * A manager opens the till's window to the rest of the machine. The PIN counts like any other, and who did it is on the
 * audit log. Fails as checking a manager's PIN does, or with a storage failure; then the window stays closed.
 */
export function createLeaveKiosk(
  context: TillContext,
  checkPin: CheckPin,
): (managerId: string, pin: string) => Promise<Result<{ staffId: StaffId }, Failure>> {
  return async (managerId, pin) => {
    const manager = await checkPin(managerId, pin, 'manager');
    if (!manager.ok) return manager;
    const { staffId } = manager.value;
    const written = context.work(() =>
      context.store.audit.append({
        atMs: context.nowMs(),
        staffId,
        action: 'kiosk-left',
        detail: {},
      }),
    );
    return written.ok ? ok({ staffId }) : written;
  };
}
