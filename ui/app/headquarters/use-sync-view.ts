import { useEffect, useState } from 'react';
import type { SyncView } from '../../../agent/contract/index.ts';
import { useTill } from '../cashier/till-context.ts';
import { type Problem, toProblem } from '../kit/problem.ts';

/** How often the page is read: a person who presses a cable in wants to see it within a breath. */
export const SYNC_POLL_MS = 2_000;

/** Where the till stands with headquarters. What was read last stays when reading fails. */
export function useSyncView(): {
  readonly sync: SyncView | null;
  readonly problem: Problem | null;
  /** Takes an answer that the page got itself. */
  readonly take: (view: SyncView) => void;
} {
  const { link } = useTill();
  const [sync, setSync] = useState<SyncView | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    let wanted = true;
    const read = async (): Promise<void> => {
      try {
        const fresh = await link.client.screen.sync.show();
        if (!wanted) return;
        setSync(fresh);
        setProblem(null);
      } catch (error) {
        if (wanted) setProblem(toProblem(error));
      }
    };
    void read();
    const timer = setInterval(() => void read(), SYNC_POLL_MS);
    const unwatch = link.subscribe(() => {
      if (link.state().phase === 'open') void read();
    });
    return () => {
      wanted = false;
      clearInterval(timer);
      unwatch();
    };
  }, [link]);
  return { sync, problem, take: setSync };
}
