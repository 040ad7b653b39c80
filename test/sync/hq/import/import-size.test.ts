import { it } from 'vitest';
import { describeOnEngines } from '../../../support/hq-database.ts';
import { expectBoundedMemory } from './import-size.ts';

describeOnEngines(
  'an import of a large file',
  (hq) => {
    it('needs no more memory for 128 MB than for 32 MB', { timeout: 180_000 }, () =>
      expectBoundedMemory(hq, { sizeMb: 128, rows: 4_000, times: 4, growthMaxMb: 48 }),
    );
  },
  ['postgresql'],
);
