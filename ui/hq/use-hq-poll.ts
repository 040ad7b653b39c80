import { type PollUse, usePoll } from '../kit/use-poll.ts';
import { useHq } from './hq-context.ts';
import { type HqLink, type Problem, toProblem } from './hq-link.ts';

/** A page looks again after so long, in milliseconds. */
export const POLL_MS = 1_000;
/** While HQ is out of reach the pause doubles up to this, in milliseconds. */
export const POLL_MAX_MS = 15_000;

/** Asks HQ for what `ask` gives, over and over; slower while it does not answer, not at all while nobody looks. */
export function useHqPoll<T>(
  ask: (link: HqLink) => Promise<T>,
  everyMs: number = POLL_MS,
): PollUse<T, Problem> {
  const link = useHq();
  return usePoll(() => ask(link), toProblem, { everyMs, slowestMs: POLL_MAX_MS });
}
