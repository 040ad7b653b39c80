import { it } from 'vitest';
import { describeOnEngines } from '../../../support/hq-database.ts';
import { expectBoundedMemory } from './import-size.ts';

describeOnEngines(
  'an import of a 1 GB file',
  (hq) => {
    it('needs no more memory than one of 64 MB', () =>
      expectBoundedMemory(hq, { sizeMb: 1_024, rows: 50_000, times: 16, growthMaxMb: 64 }));
  },
  ['postgresql'],
);
