import { useCallback } from 'react';
import { type PollUse, usePoll } from '../../kit/use-poll.ts';
import { useTill } from '../cashier/till-context.ts';
import type { TillClient, TillLink } from '../link.ts';
import { type Problem, toProblem } from './problem.ts';

/** Asks the till for what `ask` gives every `everyMs` milliseconds, and at once when it is reached again. */
export function useTillPoll<T>(
  ask: (client: TillClient) => Promise<T>,
  everyMs: number,
): PollUse<T, Problem> {
  const { link } = useTill();
  const wake = useCallback((again: () => void) => onOpen(link, again), [link]);
  // A lost connection fails at once and costs nothing, so there is no need to slow down.
  return usePoll(() => ask(link.client), toProblem, { everyMs, slowestMs: everyMs }, wake);
}

function onOpen(link: TillLink, run: () => void): () => void {
  return link.subscribe(() => {
    if (link.state().phase === 'open') run();
  });
}
