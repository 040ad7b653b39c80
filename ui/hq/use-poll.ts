import { useEffect, useRef, useState } from 'react';
import { useHq } from './hq-context.ts';
import { HqCallError, type Problem, toProblem } from './hq-link.ts';
import { useEnv } from './kit/env.ts';

/** A page looks again after so long, in milliseconds. */
export const POLL_MS = 1_000;
/** While HQ is out of reach the pause doubles up to this, in milliseconds. */
export const POLL_MAX_MS = 15_000;

/** What a page that follows HQ knows. The last data stay in sight while HQ is out of reach. */
export interface Polled<T> {
  readonly data: T | null;
  readonly problem: Problem | null;
  /** Since when no answer has come, in epoch milliseconds. */
  readonly failingSinceMs: number | null;
  /** Looks again at once. */
  readonly again: () => void;
}

/** Asks HQ once a second for what `ask` gives; slower while it does not answer. */
export function usePoll<T>(ask: (link: ReturnType<typeof useHq>) => Promise<T>): Polled<T> {
  const link = useHq();
  const { now } = useEnv();
  const [state, setState] = useState<Omit<Polled<T>, 'again'>>({
    data: null,
    problem: null,
    failingSinceMs: null,
  });
  const latest = useRef(ask);
  latest.current = ask;
  const wake = useRef<() => void>(() => undefined);

  useEffect(() => {
    let ended = false;
    let pauseMs = POLL_MS;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let round = 0;
    async function look(): Promise<void> {
      const mine = ++round;
      try {
        const data = await latest.current(link);
        if (ended || mine !== round) return;
        pauseMs = POLL_MS;
        setState({ data, problem: null, failingSinceMs: null });
      } catch (error) {
        if (!(error instanceof HqCallError)) throw error;
        if (ended || mine !== round) return;
        pauseMs = Math.min(pauseMs * 2, POLL_MAX_MS);
        setState((before) => ({
          data: before.data,
          problem: toProblem(error),
          failingSinceMs: before.failingSinceMs ?? now(),
        }));
      }
      timer = setTimeout(() => void look(), pauseMs);
    }
    wake.current = () => {
      clearTimeout(timer);
      void look();
    };
    void look();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, [link, now]);

  return { ...state, again: () => wake.current() };
}
