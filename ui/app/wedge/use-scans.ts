import { useCallback, useRef, useState } from 'react';
import { type Problem, toProblem } from '../kit/problem.ts';

/** What becomes of the codes that a screen hands on. */
export interface Scans {
  /** Why a code was not taken; gone at the next one. */
  readonly problem: Problem | null;
  /** Hands a code on. */
  readonly run: (text: string) => Promise<void>;
  readonly clear: () => void;
}

/**
 * Hands every code on at once, also while the one before is still on its way: unlike a press of a button, a second scan
 * is another code, and a till that answers late must not lose it.
 */
export function useScans(call: (text: string) => Promise<unknown>): Scans {
  const [problem, setProblem] = useState<Problem | null>(null);
  const latest = useRef(call);
  latest.current = call;
  const run = useCallback(async (text: string): Promise<void> => {
    setProblem(null);
    try {
      await latest.current(text);
    } catch (error) {
      setProblem(toProblem(error));
    }
  }, []);
  const clear = useCallback(() => setProblem(null), []);
  return { problem, run, clear };
}
