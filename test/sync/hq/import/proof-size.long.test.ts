import { it } from 'vitest';
import { describeOnEngines } from '../../../support/hq-database.ts';
import { expectProofOf } from './proof-size.ts';

describeOnEngines(
  'the proof of 1,000,000 rows',
  (hq) => {
    it('counts each of 27 % that are missing, passes for the whole, in a heap of 128 MB', () =>
      expectProofOf(hq, 1_000_000));
  },
  ['postgresql'],
);
