/**
 * Everything that CI checks, step by step: machine, types, lint, screens, tests, leftovers.
 *
 *     npm test                       all steps
 *     npm test -- test/demo          only the tests whose path contains the argument
 *     node scripts/test.ts --quick   types, lint and the fast tests
 *     node scripts/test.ts --long    the long tests only
 *
 * The last line is `N passed, N failed, N skipped`: steps and tests counted together.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findLeftovers, RUN_MARK } from './leftover-processes.ts';
import { prepareTestMachine } from './prepare-test-machine.ts';
import { runStep } from './run-step.ts';

/** How long a process may take to end after the tests before it counts as left behind. */
const LEFTOVER_GRACE_MS = 3_000;

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);
const quick = args.includes('--quick');
const long = args.includes('--long');
const patterns = args.filter((argument) => argument !== '--quick' && argument !== '--long');
const everything = !quick && !long && patterns.length === 0;

const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
const mark = randomUUID();
const env: NodeJS.ProcessEnv = { ...process.env, [RUN_MARK]: mark };
if (long) env['TILLSIDE_LONG'] = '1';
// Colours are for people at a terminal; in a log they bury what is said.
if (!process.stdout.isTTY) env['NO_COLOR'] = '1';

if (!quick) {
  const missing = prepareTestMachine((line) => process.stdout.write(`machine: ${line}\n`));
  if (missing.length > 0 && process.env['CI'] === 'true') count('machine', false);
}
if (everything || quick) {
  count('check', await runStep('check', 'tsc', ['-b'], { root, env }));
  count('lint', await runStep('lint', 'biome', ['ci', '.'], { root, env }));
}
if (everything) {
  for (const [step, folder] of [
    ['build:ui', 'ui/app'],
    ['build:hq-ui', 'ui/hq'],
    ['build:pass', 'ui/pass'],
  ] as const)
    count(step, await runStep(step, 'vite', ['build', folder], { root, env }));
}
await runTests();
await reportLeftovers();

process.stdout.write(
  `\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped\n`,
);
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1;

function count(step: string, ok: boolean): void {
  totals[ok ? 'passed' : 'failed'] += 1;
  if (!ok) process.stdout.write(`step failed: ${step}\n`);
}

async function runTests(): Promise<void> {
  const folder = join(root, 'artefacts');
  const totalsFile = join(folder, `test-totals-${mark}.json`);
  mkdirSync(folder, { recursive: true });
  const vitest = ['run', ...patterns];
  if (quick) vitest.push('--project', 'unit', '--project', 'pure');
  const ok = await runStep('tests', 'vitest', vitest, {
    root,
    env: { ...env, TILLSIDE_TEST_TOTALS: totalsFile },
  });
  try {
    const tests = JSON.parse(readFileSync(totalsFile, 'utf8')) as Totals;
    totals.passed += tests.passed;
    totals.failed += tests.failed;
    totals.skipped += tests.skipped;
    // Vitest also fails for what no single test owns, such as an unhandled rejection.
    if (!ok && tests.failed === 0) count('tests', false);
  } catch (error) {
    process.stdout.write(`no totals from vitest: ${String(error)}\n`);
    count('tests', false);
  } finally {
    rmSync(totalsFile, { force: true });
  }
}

async function reportLeftovers(): Promise<void> {
  let left = findLeftovers(mark);
  for (let waitedMs = 0; left.length > 0 && waitedMs < LEFTOVER_GRACE_MS; waitedMs += 100) {
    await sleep(100);
    left = findLeftovers(mark);
  }
  for (const { pid, command } of left) {
    process.stdout.write(`left behind, ended now: ${pid} ${command}\n`);
    process.kill(pid, 'SIGKILL');
  }
  count('no process left behind', left.length === 0);
}
