import type { SeedReport } from './run-seed.ts';

/** Whether the process that ran this seed can run no other: something in it never came to rest. */
export function isSpent({ violations }: SeedReport): boolean {
  return violations.some(({ invariant }) => invariant === 'simulator');
}
