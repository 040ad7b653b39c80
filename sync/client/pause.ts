import type { SyncTimers } from './deps.ts';

export type PauseEnd = 'elapsed' | 'woken' | 'cancelled';

export interface Pause {
  /** Settles after `delayMs`, when {@link wake} is called, or when `signal` aborts. Never rejects. */
  wait(delayMs: number, signal?: AbortSignal): Promise<PauseEnd>;
  /** Ends every wait that is under way. */
  wake(): void;
}

/** Waiting that can be cut short: by whoever wants an attempt at once, and by the end of the program. */
export function createPause(timers: SyncTimers): Pause {
  const waiting = new Set<(end: PauseEnd) => void>();
  return {
    wait(delayMs, signal) {
      if (signal?.aborted) return Promise.resolve('cancelled');
      return new Promise((resolve) => {
        const timer = timers.set(delayMs, () => end('elapsed'));
        const onAbort = (): void => end('cancelled');
        signal?.addEventListener('abort', onAbort, { once: true });
        waiting.add(end);
        function end(how: PauseEnd): void {
          timers.clear(timer);
          signal?.removeEventListener('abort', onAbort);
          waiting.delete(end);
          resolve(how);
        }
      });
    },
    wake() {
      for (const end of [...waiting]) end('woken');
    },
  };
}
