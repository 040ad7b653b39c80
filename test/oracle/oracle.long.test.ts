import { expect, test } from 'vitest';
import { compareBoth } from './agree.ts';
import { lotsDisagreement } from './lots.ts';
import { firstSeed } from './seed.ts';

const PAIRS = 1_000_000;
const LOTS = 200_000;

test(`the engine and the oracle agree on ${PAIRS} baskets`, () => {
  const seed = firstSeed(1_000_001);
  console.log(`first seed ${seed}`);
  const found = compareBoth(seed, PAIRS);
  expect(found, `replay with TILLSIDE_SEED=${found?.seed ?? seed}`).toBeNull();
});

test(`lots of points are spent, earned and undone as ${LOTS} counts of single points say`, () => {
  const seed = firstSeed(1_000_001);
  console.log(`first seed ${seed}`);
  const found = lotsDisagreement(seed, LOTS);
  expect(found, `replay with TILLSIDE_SEED=${found?.seed ?? seed}`).toBeNull();
});
