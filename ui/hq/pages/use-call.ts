import { useRef, useState } from 'react';
import type { HqCall, HqInput, HqReply } from '../../../sync/protocol/hq-api.ts';
import { useHq } from '../hq-context.ts';
import { HqCallError, type Problem, toProblem } from '../hq-link.ts';

/** One call of HQ as a button sees it. */
export interface CallUse<Call extends HqCall> {
  readonly busy: boolean;
  readonly problem: Problem | null;
  /** No answer came to the last try: HQ may have acted. */
  readonly unknown: boolean;
  readonly reply: HqReply<Call> | null;
  /** At most one at a time; a second press does nothing. */
  readonly run: (input: HqInput<Call>, key?: string) => Promise<void>;
  readonly clear: () => void;
}

/** Calls HQ once for each press of a button and keeps the outcome for the screen. */
export function useCall<Call extends HqCall>(call: Call): CallUse<Call> {
  const link = useHq();
  const underWay = useRef(false);
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Pick<CallUse<Call>, 'problem' | 'unknown' | 'reply'>>({
    problem: null,
    unknown: false,
    reply: null,
  });
  return {
    ...outcome,
    busy,
    clear: () => setOutcome({ problem: null, unknown: false, reply: null }),
    async run(input, key) {
      if (underWay.current) return;
      underWay.current = true;
      setBusy(true);
      try {
        const reply = await link.call(call, input, key);
        setOutcome({ problem: null, unknown: false, reply });
      } catch (error) {
        if (!(error instanceof HqCallError)) throw error;
        setOutcome({ problem: toProblem(error), unknown: error.unknown, reply: null });
      } finally {
        underWay.current = false;
        setBusy(false);
      }
    },
  };
}
