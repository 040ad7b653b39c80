import { err } from '../../../agent/contract/result.ts';
import type { ChecksPort } from '../check-ports.ts';

/** What a check came to, as whoever asked for it is told. */
export type Verified = Awaited<ReturnType<ChecksPort['verify']>>;

/**
 * Checks that a person asks for: one runs, at most one waits, and whoever asks
 * joins the one that waits. Nobody joins a check that runs already: what it
 * looked at before the question was put is no answer to it.
 */
export interface VerifyJobs {
  /** Resolves when a check has ended that began after this call and does at least this, or with the program. */
  ask(deep: boolean): Promise<Verified>;
  isWaiting(): boolean;
  /** Runs the one that waits. Whoever joined it is told, whatever happens. */
  runNext(run: (deep: boolean) => Promise<Verified>): Promise<void>;
  /** Tells those who wait that nothing comes of it. */
  cancel(): void;
}

interface Job {
  deep: boolean;
  readonly tell: ((verified: Verified) => void)[];
}

/** @param onWaiting somebody waits for a check that does not run yet */
export function createVerifyJobs(onWaiting: () => void): VerifyJobs {
  let next: Job | null = null;

  return {
    ask: (deep) =>
      new Promise((tell) => {
        next ??= { deep, tell: [] };
        next.deep ||= deep;
        next.tell.push(tell);
        onWaiting();
      }),
    isWaiting: () => next !== null,
    async runNext(run) {
      const job = next;
      next = null;
      if (job === null) return;
      let verified: Verified = err({ code: 'failed', detail: 'broken' });
      try {
        verified = await run(job.deep);
      } finally {
        for (const tell of job.tell) tell(verified);
      }
    },
    cancel() {
      const waiting = next?.tell ?? [];
      next = null;
      for (const tell of waiting) tell(err({ code: 'failed', detail: 'cancelled' }));
    },
  };
}
