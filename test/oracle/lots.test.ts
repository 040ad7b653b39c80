import { expect, test } from 'vitest';
import { lotsDisagreement } from './lots.ts';
import { firstSeed } from './seed.ts';

const DRAWS = 5_000;

test(`lots of points are spent, earned and undone as ${DRAWS} counts of single points say`, () => {
  const seed = firstSeed(1);
  const found = lotsDisagreement(seed, DRAWS);
  expect(found, `replay with TILLSIDE_SEED=${found?.seed ?? seed}`).toBeNull();
});
