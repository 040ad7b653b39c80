import { useCallback, useEffect, useRef, useState } from 'react';
import { useEnv } from './env.ts';
import { type Poll, type PollPace, startPoll } from './poll.ts';

/** What a page that follows something knows. The last data stay in sight while no answer comes. */
export interface Polled<T, P> {
  readonly data: T | null;
  /** Why the last question has no answer. */
  readonly problem: P | null;
  /** Since when no answer has come, in epoch milliseconds. */
  readonly failingSinceMs: number | null;
}

export interface PollUse<T, P> extends Polled<T, P> {
  /** Looks again at once. */
  readonly again: () => void;
  /** Takes an answer that the page got itself; one still under way is older and no longer counts. */
  readonly take: (data: T) => void;
}

/**
 * Follows what `ask` answers while the page is in sight.
 * @param toProblem the sentences for what `ask` threw; throws what is no failed call, for the page's error handler
 * @param wake calls its argument when a pause should end early; answers the function that ends that; must stay the same
 */
export function usePoll<T, P>(
  ask: () => Promise<T>,
  toProblem: (error: unknown) => P,
  { everyMs, slowestMs }: PollPace,
  wake?: (again: () => void) => () => void,
): PollUse<T, P> {
  const { now } = useEnv();
  const [state, setState] = useState<Polled<T, P>>(NOTHING);
  const latest = useRef({ ask, toProblem });
  latest.current = { ask, toProblem };
  const running = useRef<Poll>(null);
  const answered = useCallback(
    (data: T) => setState({ data, problem: null, failingSinceMs: null }),
    [],
  );
  const again = useCallback(() => running.current?.again(), []);
  const take = useCallback(
    (data: T) => {
      running.current?.settle();
      answered(data);
    },
    [answered],
  );

  useEffect(() => {
    const poll = startPoll(
      async (isLatest) => {
        try {
          const data = await latest.current.ask();
          if (isLatest()) answered(data);
          return true;
        } catch (error) {
          const problem = latest.current.toProblem(error);
          if (isLatest())
            setState(({ data, failingSinceMs }) => ({
              data,
              problem,
              failingSinceMs: failingSinceMs ?? now(),
            }));
          return false;
        }
      },
      { everyMs, slowestMs },
      document,
    );
    running.current = poll;
    const unwake = wake?.(poll.again);
    return () => {
      poll.end();
      unwake?.();
    };
  }, [now, answered, everyMs, slowestMs, wake]);

  return { ...state, again, take };
}

const NOTHING = { data: null, problem: null, failingSinceMs: null };
