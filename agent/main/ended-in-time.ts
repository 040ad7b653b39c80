import type { Log } from '../app/deps.ts';
import type { HostedProcess } from './host.ts';

/** A process that has not ended this long after it was asked is killed; this long after that it is left alone. */
export const SHUTDOWN_LIMIT_MS = 3_000;

interface EndDeps {
  readonly timers: { set(delayMs: number, run: () => void): unknown; clear(handle: unknown): void };
  readonly log: Log;
}

/** A native call that hangs must not keep the till from closing, nor one that not even a kill ends. */
export function endedInTime(process: HostedProcess, { timers, log }: EndDeps): Promise<void> {
  return new Promise((settle) => {
    let limit = timers.set(SHUTDOWN_LIMIT_MS, () => {
      process.kill();
      limit = timers.set(SHUTDOWN_LIMIT_MS, () => {
        log('error', 'the driver process does not end; the till closes without it');
        settle();
      });
    });
    void process.exit.then(() => {
      timers.clear(limit);
      settle();
    });
  });
}
