import { backoffMs, chanceOf } from './backoff.ts';
import type { SyncDeps } from './deps.ts';
import type { Pause } from './pause.ts';
import type { Troubles } from './troubles.ts';

/** A part that broke counts as well again after it has run for so long, in milliseconds. */
export const WELL_AFTER_MS = 5_000;
/** Frames of the stack that are logged of what was thrown. */
const FRAMES_LOGGED = 5;

export interface KeepRunningParts {
  readonly deps: Pick<SyncDeps, 'clock' | 'timers' | 'random' | 'log'>;
  readonly pause: Pause;
  readonly troubles: Troubles;
}

/** Runs a part of sync until `signal` aborts, however often it throws. Never rejects. */
export type KeepRunning = (
  part: string,
  run: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
) => Promise<void>;

/**
 * Keeps a broken invariant inside sync away from the till, which has to sell: what threw is logged and shown as a
 * trouble, and the part begins again from what the database says, after ever longer waits.
 */
export function createKeepRunning({ deps, pause, troubles }: KeepRunningParts): KeepRunning {
  const { clock, timers, random, log } = deps;
  const broken = new Map<string, string>();

  function show(): void {
    const [first] = broken.values();
    if (first === undefined) troubles.clear('sync-broken');
    else troubles.raise('sync-broken', first);
  }

  function onThrown(part: string, error: unknown): void {
    const thrown = describeThrown(error);
    log('error', 'a part of sync broke and begins again', { part, ...thrown });
    broken.set(part, `${part}: ${thrown.what}`);
    show();
  }

  function onWell(part: string): void {
    broken.delete(part);
    show();
  }

  return async (part, run, signal) => {
    for (let failures = 0; !signal.aborted; ) {
      const beganMs = clock.monoMs();
      const timer = broken.has(part) ? timers.set(WELL_AFTER_MS, () => onWell(part)) : undefined;
      try {
        await run(signal);
        return;
      } catch (error) {
        onThrown(part, error);
      } finally {
        timers.clear(timer);
      }
      failures = clock.monoMs() - beganMs >= WELL_AFTER_MS ? 1 : failures + 1;
      await pause.wait(backoffMs(failures, null, chanceOf(random)), signal);
    }
  };
}

/** What was thrown, without what it may quote of members: only sentences of our own are repeated. */
export function describeThrown(error: unknown): { readonly what: string; readonly at: string } {
  if (!(error instanceof Error)) return { what: typeof error, at: '' };
  const isOwn = error.message.startsWith('broken invariant: ');
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return {
    what: isOwn ? error.message : error.name,
    at: frames
      .slice(0, FRAMES_LOGGED)
      .map((line) => line.trim())
      .join(' '),
  };
}
