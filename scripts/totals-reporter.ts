import { writeFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

/**
 * Vitest reporter that writes `{ passed, failed, skipped }` to the file named by
 * TILLSIDE_TEST_TOTALS, so that the closing line counts from data and not from parsed output.
 * Does nothing when the variable is not set. A module that could not be loaded counts as one
 * failure, because its tests are unknown. Where it is set, a failed test is named at once: a run takes half an hour.
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
    },
  };
}
