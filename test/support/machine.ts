import { test } from 'vitest';
import { findProgram } from '../../scripts/machine-needs.ts';

/**
 * `test` when one of `programs` is on this machine, else `test.skip`.
 * With CI=true the test always runs, so a missing program fails there instead of hiding.
 */
export function testWithProgram(...programs: string[]): typeof test | typeof test.skip {
  const present = findProgram(programs) !== null;
  return present || process.env['CI'] === 'true' ? test : test.skip;
}
