import { it } from 'vitest';
import { describeOnEngines } from '../../../support/hq-database.ts';
import { expectBoundedMemory } from './import-size.ts';

describeOnEngines(
  'an import of a large file',
  (hq) => {
    it(
      'takes, at 128 MB, at most half of what it is larger than a 32 MB file as further memory',
      { timeout: 180_000 },
      () => expectBoundedMemory(hq, { sizeMb: 128, rows: 4_000, times: 4, growthMaxMb: 48 }),
    );
  },
  ['postgresql'],
);
