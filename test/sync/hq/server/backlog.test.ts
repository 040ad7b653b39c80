import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { startTestHq } from '../../../support/hq.ts';
import { withHqDatabase } from '../../../support/hq-database.ts';

const TILLS = 1_000;
const databases = withHqDatabase('pglite');

/** Connects so many times and tells how many of it the system took: all, or those of ten seconds. */
const CONNECT = `
  const { connect } = require('node:net');
  let taken = 0;
  const end = () => { console.log(taken); process.exit(); };
  const count = () => { if (++taken === ${TILLS}) end(); };
  for (let n = 0; n < ${TILLS}; n++)
    connect(Number(process.argv[1]), '127.0.0.1').on('connect', count).on('error', () => {});
  setTimeout(end, 10_000);`;

test(`${TILLS} tills that reconnect at once wait for a headquarters that is busy, and are not dropped`, {
  timeout: 120_000,
}, async () => {
  const hq = await startTestHq({ db: await databases.fresh(), tls: 'http' });
  // Nothing of headquarters runs meanwhile: the system alone takes connections.
  const { stdout } = spawnSync(process.execPath, ['-e', CONNECT, String(hq.port)], {
    encoding: 'utf8',
  });
  expect(Number(stdout)).toBe(TILLS);
  await hq.close();
});
