import type { TillContext } from './context.ts';
import { storageSafe } from './work.ts';

/**
 * Gives reservations back that were not spent. The holder may have to note it on the disk; where that fails, or the
 * till dies before, it learns from the next reconciliation which reservations the till still stands by.
 */
export function releaseAllowances(context: TillContext, ids: readonly string[]): void {
  const { headquarters, log } = context.deps;
  for (const id of ids) {
    const done = storageSafe(() => headquarters.allowance.release(id));
    if (!done.ok) log('warn', 'a reservation could not be given back', { code: done.error.code });
  }
}
