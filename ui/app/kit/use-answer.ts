import { useEffect, useRef, useState } from 'react';
import { type Problem, toProblem } from './problem.ts';

/** What one question to the till brought. */
export interface Answer<T> {
  /** null while it is on its way, and where it failed. */
  readonly value: T | null;
  readonly problem: Problem | null;
  /** The last value of any key, to be shown until the next one comes. */
  readonly latest: T | null;
}

/**
 * Asks once for each `key`, and again when the key changes; an answer to an earlier key is dropped.
 * @param key null = there is nothing to ask
 */
export function useAnswer<T>(key: string | null, ask: () => Promise<T>): Answer<T> {
  const [found, setFound] = useState<Found<T>>({ key: null, problem: null, latest: null });
  const present = useRef(ask);
  present.current = ask;
  useEffect(() => {
    if (key === null) return;
    let wanted = true;
    present.current().then(
      (latest) => wanted && setFound({ key, problem: null, latest }),
      (error: unknown) =>
        wanted && setFound(({ latest }) => ({ key, problem: toProblem(error), latest })),
    );
    return () => {
      wanted = false;
    };
  }, [key]);
  const { problem, latest } = found;
  if (found.key !== key) return { value: null, problem: null, latest };
  return { value: problem === null ? latest : null, problem, latest };
}

interface Found<T> {
  /** Of the last answer. */
  readonly key: string | null;
  readonly problem: Problem | null;
  readonly latest: T | null;
}
