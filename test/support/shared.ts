import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'vitest';

/** Folder of reference data beside the repository; read at test time, never copied into it. */
const sharedRoot = fileURLToPath(new URL('../../../shared', import.meta.url));

/** The full path of a file or folder of the shared reference data, such as `data/gs1`. */
export function sharedPath(relative: string): string {
  return `${sharedRoot}/${relative}`;
}

/** Whether the shared reference data lies beside this checkout. */
export function hasShared(relative: string): boolean {
  return existsSync(sharedPath(relative));
}

/**
 * `test` or `test.skip`, decided by the presence of shared reference data.
 * With CI=true the test always runs, so missing data fails there instead of hiding.
 */
export function testWithShared(relative: string): typeof test | typeof test.skip {
  return mustRun(relative) ? test : test.skip;
}

/** Like {@link testWithShared}, for a whole group of tests. */
export function describeWithShared(relative: string): typeof describe | typeof describe.skip {
  return mustRun(relative) ? describe : describe.skip;
}

function mustRun(relative: string): boolean {
  return process.env['CI'] === 'true' || hasShared(relative);
}
