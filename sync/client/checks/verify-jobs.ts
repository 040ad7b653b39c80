import { err } from '../../../agent/contract/result.ts';
import type { ChecksPort } from '../check-ports.ts';

/** What a check came to, as whoever asked for it is told. */
export type Verified = Awaited<ReturnType<ChecksPort['verify']>>;

/** Checks that a person asked for: one runs, at most one waits, and whoever asks joins the one that does what is asked. */
export interface VerifyJobs {
  /** Resolves when a check that does at least this has ended, or with the program. */
  ask(deep: boolean): Promise<Verified>;
  isWaiting(): boolean;
  /** Runs the one that waits. Whoever joined it is told, whatever happens. */
  runNext(run: (deep: boolean) => Promise<Verified>): Promise<void>;
  /** Runs a walk that is due by itself; a person may join it. */
  runDue(walk: () => Promise<Verified>): Promise<void>;
  /** Tells those who wait that nothing comes of it. */
  cancel(): void;
}

interface Job {
  deep: boolean;
  readonly tell: ((verified: Verified) => void)[];
}

/** @param onWaiting somebody waits for a job that does not run yet */
export function createVerifyJobs(onWaiting: () => void): VerifyJobs {
  let next: Job | null = null;
  let running: Job | null = null;

  async function during(job: Job, run: () => Promise<Verified>): Promise<void> {
    let verified: Verified = err({ code: 'failed', detail: 'broken' });
    running = job;
    try {
      verified = await run();
    } finally {
      running = null;
      for (const tell of job.tell) tell(verified);
    }
  }

  return {
    ask: (deep) =>
      new Promise((tell) => {
        if (running !== null && (running.deep || !deep)) return running.tell.push(tell);
        next ??= { deep, tell: [] };
        next.deep ||= deep;
        next.tell.push(tell);
        return onWaiting();
      }),
    isWaiting: () => next !== null,
    async runNext(run) {
      const job = next;
      next = null;
      if (job !== null) await during(job, () => run(job.deep));
    },
    runDue: (walk) => during({ deep: false, tell: [] }, walk),
    cancel() {
      const waiting = next?.tell ?? [];
      next = null;
      for (const tell of waiting) tell(err({ code: 'failed', detail: 'cancelled' }));
    },
  };
}
