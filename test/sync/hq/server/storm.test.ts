import { test } from 'vitest';
import { describeOnEngines } from '../../../support/hq-database.ts';
import { expectStormPassed, reconnectStorm, verificationStorm } from './storm.ts';

const TILLS = 40;

describeOnEngines(
  'headquarters over HTTP',
  (hq) => {
    test(`verification storm after deploy: ${TILLS} tills walk at once, limits hold and none is starved`, async () => {
      expectStormPassed(await verificationStorm(await hq.fresh(), TILLS, 3), TILLS);
    });

    test(`${TILLS} tills reconnect at once: each has its session, its stream and every row`, async () => {
      await reconnectStorm(await hq.fresh(), TILLS);
    });
  },
  ['pglite'],
);
