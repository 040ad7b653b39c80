import { writeFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** So many files are named with their times at the end of a run: where the next minute is to be won. */
const SLOWEST_FILES = 40;

/**
 * Vitest reporter that writes `{ passed, failed, skipped }` to the file named by
 * TILLSIDE_TEST_TOTALS, so that the closing line counts from data and not from parsed output.
 * Does nothing when the variable is not set. A module that could not be loaded counts as one
 * failure, because its tests are unknown. Where it is set, a failed test is named at once: a run takes half an hour. The
 * slowest files are named at its end, in seconds of loading, hooks and tests.
 */
export function totalsReporter(): Reporter {
  return {
    onTestCaseResult(test: TestCase): void {
      const { state, errors } = test.result();
      if (state !== 'failed' || process.env['TILLSIDE_TEST_TOTALS'] === undefined) return;
      const why = errors?.[0]?.message.split('\n')[0] ?? '';
      process.stdout.write(
        `\nfailed: ${test.module.relativeModuleId} > ${test.fullName}: ${why}\n`,
      );
    },
    onTestRunEnd(modules: readonly TestModule[]): void {
      const file = process.env['TILLSIDE_TEST_TOTALS'];
      if (file === undefined) return;
      const totals = { passed: 0, failed: 0, skipped: 0 };
      for (const module of modules) {
        if (module.errors().length > 0) totals.failed += 1;
        for (const test of module.children.allTests()) {
          const { state } = test.result();
          totals[state === 'pending' ? 'skipped' : state] += 1;
          if (state === 'skipped') process.stdout.write(`skipped: ${test.fullName}\n`);
        }
        for (const suite of module.children.allSuites()) {
          if (suite.errors().length > 0) totals.failed += 1;
        }
      }
      writeFileSync(file, JSON.stringify(totals));
      if (modules.length > SLOWEST_FILES) printSlowest(modules);
    },
  };
}

function printSlowest(modules: readonly TestModule[]): void {
  const times = modules
    .map((module) => {
      const { duration, collectDuration, environmentSetupDuration } = module.diagnostic();
      return {
        name: `${module.project.name} ${module.relativeModuleId}`,
        ms: duration + collectDuration + environmentSetupDuration,
      };
    })
    .sort((one, other) => other.ms - one.ms);
  const projects = Map.groupBy(times, ({ name }) => name.slice(0, name.indexOf(' ')));
  for (const [project, files] of projects)
    line(
      project,
      files.length,
      files.reduce((sum, { ms }) => sum + ms, 0),
    );
  for (const { name, ms } of times.slice(0, SLOWEST_FILES)) line(name, 1, ms);

  function line(what: string, files: number, ms: number): void {
    process.stdout.write(
      `time: ${(ms / 1000).toFixed(0).padStart(6)} s ${what}${files === 1 ? '' : `, ${files} files`}\n`,
    );
  }
}
