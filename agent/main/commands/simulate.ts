import { closeSync, openSync, writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { text } from '../../contract/index.ts';
import type { SeedReport } from '../simulate/run-seed.ts';
import { complain, EXIT, print, withJsonOption } from './io.ts';
import { registerSimulateFinger } from './simulate-finger.ts';

/** Tills and stores of one simulated chain, at most. */
export const SIM_TILLS_MAX = 200;
export const SIM_STORES_MAX = 50;
/** Simulated hours of one seed, at most. */
export const SIM_HOURS_MAX = 24 * 31;
/** Sales of a till in a simulated day, at most. */
export const SIM_SALES_MAX = 2_000;
const SEEDS_MAX = 1_000_000;
const JOBS_MAX = 64;

interface SimulateSyncOptions {
  readonly seed: string;
  readonly seeds: string;
  readonly tills: string;
  readonly stores: string;
  readonly hours: string;
  readonly sales: string;
  readonly jobs: string;
  readonly trace?: string;
  readonly json?: boolean;
}

/** `till simulate sync|finger`: chains under faults, in virtual time, and devices that are not there. */
export function registerSimulate(program: Command): void {
  const simulate = program
    .command('simulate')
    .description('chains under faults in virtual time, and devices that are not there');
  registerSimulateFinger(simulate);
  withJsonOption(
    simulate
      .command('sync')
      .description(
        'tills and headquarters with their real code and databases; exit 1 on any violation',
      )
      .option('--seed <n>', 'first seed', '1')
      .option('--seeds <n>', 'how many seeds from there', '1')
      .option('--tills <n>', 'tills of the chain', '9')
      .option('--stores <n>', 'stores of the chain', '3')
      .option('--hours <n>', 'simulated hours', '24')
      .option('--sales <n>', 'sales of each till in a simulated day, at least', '20')
      .option('--jobs <n>', 'processes side by side', String(Math.min(2, availableParallelism())))
      .option('--trace <file>', 'write what happens, one line an event; - = standard error'),
  ).action(run);
}

async function run(options: SimulateSyncOptions): Promise<void> {
  const { json, trace } = options;
  const numbers = {
    seed: numberOf(options.seed, 0, Number.MAX_SAFE_INTEGER - SEEDS_MAX),
    seeds: numberOf(options.seeds, 1, SEEDS_MAX),
    tills: numberOf(options.tills, 1, SIM_TILLS_MAX),
    stores: numberOf(options.stores, 1, SIM_STORES_MAX),
    hours: numberOf(options.hours, 1, SIM_HOURS_MAX),
    sales: numberOf(options.sales, 1, SIM_SALES_MAX),
    jobs: numberOf(options.jobs, 1, JOBS_MAX),
  };
  for (const [name, value] of Object.entries(numbers))
    if (value === undefined)
      return complain(json, {
        code: 'usage',
        message: text(
          `--${name} 不是可用的整数：${options[name as keyof typeof numbers]}`,
          `--${name} is no whole number that can be used: ${options[name as keyof typeof numbers]}`,
        ),
        remedy: text(
          '例如：--seeds 200 --tills 9 --hours 24',
          'For example: --seeds 200 --tills 9 --hours 24',
        ),
      });
  const wanted = numbers as { [Name in keyof typeof numbers]: number };
  const simulator = await load();
  if (simulator === undefined)
    return complain(json, {
      code: 'simulator-not-here',
      message: text('收银机的安装包里没有模拟器', 'A packaged till does not hold the simulator'),
      remedy: text('从源代码运行', 'Run it from the source'),
    });
  const file = trace === undefined || trace === '-' ? 2 : openSync(trace, 'w');
  try {
    const reports = await simulator.simulate({
      ...wanted,
      onLine: trace === undefined ? undefined : (line) => void writeSync(file, `${line}\n`),
      onReport: (report) => tell(report, wanted),
    });
    report(reports, wanted, json);
  } finally {
    if (file !== 2) closeSync(file);
  }
}

/** What a seed is simulated with. */
type Wanted = Record<'tills' | 'stores' | 'hours' | 'sales', number>;

/** The command that runs one seed again. */
function replayOf(seed: number, { tills, stores, hours, sales }: Wanted) {
  return `npm run till -- simulate sync --seed ${seed} --seeds 1 --tills ${tills} --stores ${stores} --hours ${hours} --sales ${sales} --trace -`;
}

/** A seed that violated something: what, the last of its trace, and how to see it again. */
function tell({ seed, violations, tail }: SeedReport, wanted: Wanted): void {
  if (violations.length === 0) return;
  process.stderr.write(
    [
      ...tail,
      ...violations.map(({ invariant, detail }) => `seed ${seed}: ${invariant} ${detail}`),
      `-> ${replayOf(seed, wanted)}`,
      '',
    ].join('\n'),
  );
}

function report(
  reports: readonly SeedReport[],
  { hours, tills }: Record<'hours' | 'tills', number>,
  json: boolean | undefined,
): void {
  const sum = (of: (report: SeedReport) => number): number =>
    reports.reduce((all, one) => all + of(one), 0);
  const violations = reports.flatMap((one) =>
    one.violations.map(({ invariant, detail }) => ({ seed: one.seed, invariant, detail })),
  );
  const found = {
    seeds: reports.length,
    hours,
    tills,
    events: sum(({ events }) => events),
    entries: sum(({ entries }) => entries),
    sales: sum(({ sales }) => sales),
    violations,
  };
  print(
    json,
    found,
    () =>
      `${found.seeds} seeds, ${found.events} events, ${found.entries} ledger entries, ${found.sales} sales, ${violations.length} violations`,
  );
  process.exitCode = violations.length === 0 ? EXIT.ok : EXIT.problems;
}

function numberOf(value: string, from: number, to: number): number | undefined {
  const number = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
  return number >= from && number <= to ? number : undefined;
}

/** Loaded only when asked for, as headquarters' own tool is. */
async function load(): Promise<typeof import('../simulate/simulate.ts') | undefined> {
  try {
    return await import('../simulate/simulate.ts');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
