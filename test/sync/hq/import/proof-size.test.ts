import { it } from 'vitest';
import { describeOnEngines } from '../../../support/hq-database.ts';
import { expectProofOf } from './proof-size.ts';

describeOnEngines(
  'the proof of 20,000 rows',
  (hq) => {
    it(
      'counts each of 27 % that are missing, passes for the whole, in a heap of 128 MB',
      {
        timeout: 240_000,
      },
      () => expectProofOf(hq, 20_000),
    );
  },
  ['postgresql'],
);
