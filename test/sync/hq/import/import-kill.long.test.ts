import { it } from 'vitest';
import { describeOnEngines } from '../../../support/hq-database.ts';
import { expectKillsToChangeNothing } from './import-under-kills.ts';

describeOnEngines('an import of 100,000 members with 5 % faulty rows', (hq) => {
  it('killed twice with -9 and resumed equals one clean run, and its report names each faulty row', () =>
    expectKillsToChangeNothing(hq, { rows: 100_000, kills: 2 }));

  it('killed twenty times with -9 and resumed equals one clean run', () =>
    expectKillsToChangeNothing(hq, { rows: 100_000, kills: 20 }));
});
