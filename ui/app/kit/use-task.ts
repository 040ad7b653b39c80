import { useCallback, useRef, useState } from 'react';
import { type Problem, toProblem } from './problem.ts';

/** A call to the till as a button sees it. */
export interface Task<Input> {
  readonly busy: boolean;
  /** Why the last call failed; gone at the next call. */
  readonly problem: Problem | null;
  /** Starts the call unless one is under way: a second press of Enter does nothing. Answers whether it succeeded. */
  readonly run: (input: Input) => Promise<boolean>;
  readonly clear: () => void;
}

/** Wraps a call: at most one at a time, its failure kept as a {@link Problem}. */
export function useTask<Input>(call: (input: Input) => Promise<unknown>): Task<Input> {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const underWay = useRef(false);
  const latest = useRef(call);
  latest.current = call;
  const run = useCallback(async (input: Input): Promise<boolean> => {
    if (underWay.current) return false;
    underWay.current = true;
    setBusy(true);
    setProblem(null);
    try {
      await latest.current(input);
      return true;
    } catch (error) {
      setProblem(toProblem(error));
      return false;
    } finally {
      underWay.current = false;
      setBusy(false);
    }
  }, []);
  const clear = useCallback(() => setProblem(null), []);
  return { busy, problem, run, clear };
}
