import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/**
 * Vitest reporter that writes `{ passed, failed, skipped }` to the file named by
 * TILLSIDE_TEST_TOTALS, so that the closing line counts from data and not from parsed output.
 * Does nothing when the variable is not set. A module that could not be loaded counts as one
 * failure, because its tests are unknown.
 */
export function totalsReporter(): Reporter {
  return {
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
