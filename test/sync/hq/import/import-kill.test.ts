import { it } from 'vitest';
import { describeOnEngines } from '../../../support/hq-database.ts';
import { expectKillsToChangeNothing } from './import-under-kills.ts';

describeOnEngines('an import of 10,000 members with 5 % faulty rows', (hq) => {
  it(
    'killed twice with -9 and resumed equals one clean run, and its report names each faulty row',
    {
      timeout: 240_000,
    },
    () => expectKillsToChangeNothing(hq, { rows: 10_000, kills: 2 }),
  );
});
