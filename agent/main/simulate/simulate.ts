import { fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { membersFor } from './chain.ts';
import type { ChildReply, ChildRequest } from './child.ts';
import { isSpent } from './is-spent.ts';
import type { SeedReport } from './run-seed.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));

export interface SimulateOptions {
  /** The first seed, and how many from there. */
  readonly seed: number;
  readonly seeds: number;
  readonly tills: number;
  readonly stores: number;
  readonly hours: number;
  /** Sales of each till in a simulated day, at least. */
  readonly sales: number;
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

/**
 * Simulates seeds in processes of their own. A seed whose process ends or comes to no rest has violated something too,
 * and the others go on in a new process. @returns the reports in order of the seed. Throws where no process begins.
 */
export async function simulate(options: SimulateOptions): Promise<readonly SeedReport[]> {
  const { seed: first, seeds, tills, stores, hours, sales, onLine, onReport } = options;
  const reports: SeedReport[] = [];
  let next = first;
  const isOver = (): boolean =>
    next >= first + seeds ||
    (options.stopAtFirst === true && reports.some(({ violations }) => violations.length > 0));

  function take(report: SeedReport): void {
    reports.push(report);
    onReport?.(report);
  }

  /** One process, as long as it lasts. */
  function work(): Promise<void> {
    return new Promise((resolve, reject) => {
      const child = fork(CHILD, [String(stores), String(membersFor(sales))], {
        execArgv: [...(options.nodeArguments ?? [])],
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      let root: string | undefined;
      let running: number | undefined;
      function begin(): void {
        if (isOver()) return child.disconnect();
        running = next++;
        const request: ChildRequest = {
          seed: running,
          tills,
          stores,
          hours,
          sales,
          trace: onLine !== undefined,
        };
        child.send(request);
      }
      child.on('message', (reply: ChildReply) => {
        if (reply.t === 'line') return onLine?.(reply.line);
        running = undefined;
        if (reply.t === 'ready') root = reply.root;
        else take(reply.report);
        if (reply.t === 'ready' || !isSpent(reply.report)) begin();
      });
      child.on('error', reject);
      child.on('exit', (code, signal) => {
        if (root === undefined)
          return reject(new Error(`no simulation begins: ended with ${code ?? signal}`));
        // One that ended in the midst of its work has left them.
        rmSync(root, { recursive: true, force: true });
        if (running !== undefined)
          take(crashed(running, `its process ended with ${code ?? signal}`));
        resolve();
      });
    });
  }

  async function workOn(): Promise<void> {
    while (!isOver()) await work();
  }

  const jobs = onLine === undefined ? Math.min(options.jobs, seeds) : 1;
  await Promise.all(Array.from({ length: jobs }, workOn));
  return reports.toSorted((one, other) => one.seed - other.seed);
}

/** What is said of a seed whose process is gone: its trace went with it, and comes again when it is run again. */
function crashed(seed: number, detail: string): SeedReport {
  const violations = [{ invariant: 'crash' as const, detail }];
  return { seed, events: 0, entries: 0, sales: 0, violations, tail: [], hash: '', lines: 0 };
}
