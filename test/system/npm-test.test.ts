import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Runs the command behind `npm test` with arguments; gives its exit code and its last line. */
function npmTest(...args: string[]): { status: number | null; last: string } {
  const { TILLSIDE_TEST_TOTALS: _totals, ...env } = process.env;
  const result = spawnSync(process.execPath, [join(root, 'scripts', 'test.ts'), ...args], {
    cwd: root,
    encoding: 'utf8',
    env: Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('VITEST'))),
  });
  return { status: result.status, last: result.stdout.trimEnd().split('\n').at(-1) ?? '' };
}

test('npm test ends with the counts alone on a line', () => {
  const { status, last } = npmTest('test/demo/prng');
  expect(last).toMatch(/^[1-9]\d* passed, 0 failed, 0 skipped$/);
  expect(status).toBe(0);
});

test('npm test with a path that no test matches fails', () => {
  const { status, last } = npmTest('test/there-is-no-such-test');
  expect(last).toMatch(/^\d+ passed, [1-9]\d* failed, 0 skipped$/);
  expect(status).toBe(1);
});
