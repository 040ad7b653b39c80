import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestHq, type TestHq } from '../support/hq.ts';
import { must } from '../support/must.ts';
import { seedSmallChain } from '../support/seed-small-chain.ts';
import {
  online,
  type SyncedTill,
  startSyncedTill,
  startTillNetwork,
  urlThrough,
} from '../support/synced-till.ts';
import { runTill } from '../support/till.ts';

let hq: TestHq;
let till: SyncedTill;
beforeAll(async () => {
  hq = await startTestHq({ stores: [] });
  await seedSmallChain(hq.deps, 40);
  const proxy = await startTillNetwork();
  const ticket = must(await hq.ticket('sh-01', 's1', urlThrough(proxy)));
  proxy.pointTo(Number(new URL(hq.url).port));
  till = await startSyncedTill({ ticket, proxy });
  await online(till);
}, 240_000);
afterAll(async () => {
  await till?.remove();
  await hq?.close();
});

const verify = (...more: string[]) =>
  runTill(['sync', 'verify', '--data', till.folder.dataDir, ...more]);

test('`till sync verify --deep` finds nothing, says so as a list and tells `sync status` of it; out of reach it fails with a remedy', async () => {
  const { code, stdout } = await verify('--deep', '--json');
  const checks = JSON.parse(stdout) as { check: string; ok: boolean; detail: string }[];
  expect(checks).toMatchObject([
    { check: 'deep-check', ok: true },
    { check: 'full-check', ok: true },
  ]);
  expect(code).toBe(0);
  const status = await till.status();
  const full = status.checks.find(({ check }) => check === 'full-check');
  expect(full).toMatchObject({ ok: true });
  expect(full?.detail).toContain('All ');

  const people = await verify();
  expect(people.code).toBe(0);
  expect(people.stdout).toContain('ok   full-check');

  till.proxy.down();
  let failed = await verify('--json');
  while (failed.code === 0) failed = await verify('--json');
  expect(failed.code).toBe(1);
  expect(JSON.parse(failed.stdout)).toMatchObject([{ check: 'full-check', ok: false }]);
  expect((await verify('--depth')).code).toBe(2);
}, 240_000);
