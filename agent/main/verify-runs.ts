import type { Till } from '../app/till.ts';
import type { SyncCheckView } from '../contract/index.ts';

/** Full-volume checks whose outcome is remembered for whoever began them; the oldest goes. */
export const VERIFY_RUNS_KEPT = 16;

/** What the operator's tool is told of a check that it began. */
export type VerifyRun =
  | { readonly state: 'running' }
  /** Records of what ran, the scrub before the comparison. */
  | { readonly state: 'done'; readonly records: readonly Omit<SyncCheckView, 'found'>[] }
  | { readonly state: 'failed'; readonly code: string; readonly detail: string }
  /** Another run of the program, or too many since. */
  | { readonly state: 'unknown' };

/** Checks that take longer than one question of the operator's tool may. */
export interface VerifyRuns {
  /** @returns the number under which its outcome is asked for */
  begin(deep: boolean): number;
  look(run: number): VerifyRun;
}

export function createVerifyRuns(till: Pick<Till, 'verifySync'>): VerifyRuns {
  const runs = new Map<number, VerifyRun>();
  let last = 0;
  return {
    begin(deep) {
      const run = ++last;
      runs.set(run, { state: 'running' });
      for (const oldest of runs.keys()) {
        if (runs.size <= VERIFY_RUNS_KEPT) break;
        runs.delete(oldest);
      }
      void till.verifySync(deep).then((verified) => {
        if (!runs.has(run)) return;
        runs.set(
          run,
          verified.ok
            ? { state: 'done', records: verified.value }
            : { state: 'failed', ...verified.error },
        );
      });
      return run;
    },
    look: (run) => runs.get(run) ?? { state: 'unknown' },
  };
}
