import type { Log } from '../app/deps.ts';
import type { HostedProcess } from './host.ts';

/** A driver process that answers nothing for this long hangs in a native call: it is ended and started again. */
export const ANSWER_LIMIT_MS = 20_000;

interface AnswerLimitDeps {
  readonly timers: { set(delayMs: number, run: () => void): unknown; clear(handle: unknown): void };
  /** Whether the computer sleeps: time that passes in sleep proves nothing. */
  readonly asleep: () => boolean;
  readonly log: Log;
}

/** Waits for an answer of a driver process and ends the process where none comes in time. */
export type AnswerLimit = <T>(
  asked: string,
  answer: Promise<T>,
  process: Pick<HostedProcess, 'kill'> | undefined,
) => Promise<T>;

/** The limit begins anew for as long as the computer sleeps when it is over. */
export function createAnswerLimit({ timers, asleep, log }: AnswerLimitDeps): AnswerLimit {
  return async (asked, answer, process) => {
    let limit: unknown;
    const arm = (): void => {
      limit = timers.set(ANSWER_LIMIT_MS, () => {
        if (asleep()) return arm();
        log('error', 'the driver process does not answer; ending it', { asked });
        process?.kill();
      });
    };
    arm();
    try {
      return await answer;
    } finally {
      timers.clear(limit);
    }
  };
}
