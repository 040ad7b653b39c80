import type { HqDeps } from '../deps.ts';
import { checkDue } from './check-due.ts';
import { passEntries } from './pass-entries.ts';
import { createPublishedRules } from './published-rules.ts';

/** Rounds of one call, at most: so many batches are taken in and looked at before others come to their turn. */
export const ROUNDS_MAX = 200;

/** Looks at sales that came since the last time. */
export interface AccuracyCheck {
  /** Goes on until nothing is left, or for {@link ROUNDS_MAX} rounds. @returns whether nothing was left */
  run(isStopped?: () => boolean): Promise<boolean>;
}

/** The work itself, without a clock of its own; one call at a time. */
export function createAccuracyCheck(deps: HqDeps): AccuracyCheck {
  const rules = createPublishedRules();
  const failures = new Map<string, number>();
  return {
    async run(isStopped = () => false) {
      for (let round = 0; round < ROUNDS_MAX && !isStopped(); round++) {
        const passed = await passEntries(deps.db);
        const checked = await checkDue(deps, rules, failures);
        if (passed + checked === 0) return true;
      }
      return false;
    },
  };
}
