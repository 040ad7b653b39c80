import type { SyncDeps } from '../deps.ts';
import { createPause } from '../pause.ts';

/** A walk that nobody asked for waits while the till is further behind headquarters, in places of the feed. */
export const WALK_BEHIND_MAX = 2_000;
/** Such a walk looks again after so long, in milliseconds. */
export const WALK_WAIT_MS = 5_000;
/** One that met a burst of changes waits so long at most until the till is no further behind, in milliseconds. */
export const SETTLE_MAX_MS = 10 * 60_000;

/** Waits until the till is no further behind headquarters than that, or out of reach of it. */
export async function settle(
  { clock, timers }: Pick<SyncDeps, 'clock' | 'timers'>,
  { online, behind }: { readonly online: () => boolean; readonly behind: () => number | null },
  signal: AbortSignal,
): Promise<void> {
  // Who wakes the checks must not cut the wait.
  const rest = createPause(timers);
  const untilMs = clock.monoMs() + SETTLE_MAX_MS;
  do await rest.wait(WALK_WAIT_MS, signal);
  while (
    !signal.aborted &&
    online() &&
    clock.monoMs() < untilMs &&
    (behind() ?? Number.POSITIVE_INFINITY) > WALK_BEHIND_MAX
  );
}
