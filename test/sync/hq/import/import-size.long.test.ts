import { it } from 'vitest';
import { describeOnEngines } from '../../../support/hq-database.ts';
import { expectBoundedMemory } from './import-size.ts';

describeOnEngines(
  'an import of a 1 GB file',
  (hq) => {
    it('takes less than an eighth of what it is larger than a 64 MB file as further memory', () =>
      expectBoundedMemory(hq, { sizeMb: 1_024, rows: 50_000, times: 16, growthMaxMb: 128 }));
  },
  ['postgresql'],
);
