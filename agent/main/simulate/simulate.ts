import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ChildReply, ChildRequest } from './child.ts';
import type { SeedReport } from './run-seed.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));

export interface SimulateOptions {
  /** The first seed, and how many from there. */
  readonly seed: number;
  readonly seeds: number;
  readonly tills: number;
  readonly stores: number;
  readonly hours: number;
  /** Processes that work side by side. */
  readonly jobs: number;
  /** Takes every line of the trace; the seeds then run one after the other. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Told of each seed that has ended. */
  readonly onReport?: ((report: SeedReport) => void) | undefined;
  /** Arguments of Node for the processes; absent = none. */
  readonly nodeArguments?: readonly string[] | undefined;
  /** No further seed is begun once one has violated something. */
  readonly stopAtFirst?: boolean | undefined;
}

/** Simulates seeds in processes of their own. @returns the reports in order of the seed. Throws where a process ends. */
export async function simulate(options: SimulateOptions): Promise<readonly SeedReport[]> {
  const { seed: first, seeds, tills, stores, hours, onLine, onReport } = options;
  const reports: SeedReport[] = [];
  let next = first;

  function work(): Promise<void> {
    return new Promise((resolve, reject) => {
      const child = fork(CHILD, [String(stores)], {
        execArgv: [...(options.nodeArguments ?? [])],
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      let running: number | undefined;
      function begin(): void {
        const isOver = options.stopAtFirst === true && reports.some((one) => one.violations.length);
        if (next >= first + seeds || isOver) return child.disconnect();
        running = next++;
        const request: ChildRequest = {
          seed: running,
          tills,
          stores,
          hours,
          trace: onLine !== undefined,
        };
        child.send(request);
      }
      child.on('message', (reply: ChildReply) => {
        if (reply.t === 'line') return onLine?.(reply.line);
        if (reply.t === 'report') {
          reports.push(reply.report);
          onReport?.(reply.report);
        }
        begin();
      });
      child.on('error', reject);
      child.on('exit', (code) => {
        if (code === 0) resolve();
        else reject(new Error(`the simulation of seed ${running ?? '-'} ended with ${code}`));
      });
    });
  }

  const jobs = onLine === undefined ? Math.min(options.jobs, seeds) : 1;
  await Promise.all(Array.from({ length: jobs }, work));
  return reports.toSorted((one, other) => one.seed - other.seed);
}
