import { useEffect, useState } from 'react';
import type { LaneBoard } from '../../../agent/contract/index.ts';
import { useTill } from '../cashier/till-context.ts';
import { type Problem, toProblem } from '../kit/problem.ts';

/** How often the board is read; a manager looks from three metres, not by the second. */
export const BOARD_POLL_MS = 3_000;

/** The priority lane of today. The last board that was read stays, with its own time, when reading fails. */
export function useLaneBoard(): {
  readonly board: LaneBoard | null;
  readonly problem: Problem | null;
} {
  const { link } = useTill();
  const [board, setBoard] = useState<LaneBoard | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    let wanted = true;
    const read = async (): Promise<void> => {
      try {
        const fresh = await link.client.screen.lane.board();
        if (!wanted) return;
        setBoard(fresh);
        setProblem(null);
      } catch (error) {
        if (wanted) setProblem(toProblem(error));
      }
    };
    void read();
    const timer = setInterval(() => void read(), BOARD_POLL_MS);
    const unwatch = link.subscribe(() => {
      if (link.state().phase === 'open') void read();
    });
    return () => {
      wanted = false;
      clearInterval(timer);
      unwatch();
    };
  }, [link]);
  return { board, problem };
}
