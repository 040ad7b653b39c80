import { expect, test } from 'vitest';
import { compareBoth } from './agree.ts';
import { firstSeed } from './seed.ts';

const PAIRS = 20_000;

test(`the engine and the oracle agree on ${PAIRS} baskets`, { timeout: 240_000 }, () => {
  const seed = firstSeed(1);
  const found = compareBoth(seed, PAIRS);
  expect(found, `replay with TILLSIDE_SEED=${found?.seed ?? seed}`).toBeNull();
});
