import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { SMALL_RULES, smallChain } from '../support/small-chain.ts';
import { loadChain, prepareTillFolder, runTill, startTill } from '../support/till.ts';

const folder = prepareTillFolder({ rules: SMALL_RULES, chain: smallChain(3) });
afterAll(() => folder.remove());

interface Check {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly remedy?: string;
}

async function doctor(): Promise<{ code: number | null; checks: Check[] }> {
  const { code, stdout } = await runTill([
    'doctor',
    '--data',
    folder.dataDir,
    '--key-file',
    folder.keyFile,
    '--json',
  ]);
  return { code, checks: JSON.parse(stdout) as Check[] };
}

it('doctor looks at a till that runs, at one that does not, and names the remedy of what is missing', async () => {
  await loadChain(folder);
  const before = await doctor();
  expect(before.code).toBe(1);
  expect(before.checks.find(({ check }) => check === 'rules')).toMatchObject({ ok: false });
  expect(before.checks.find(({ check }) => check === 'rules')?.remedy).toBeTruthy();
  expect(before.checks.find(({ check }) => check === 'database')?.detail).toContain('3 members');

  const till = await startTill(folder);
  const running = await doctor();
  expect(running.code).toBe(0);
  expect(running.checks.map(({ check }) => check)).toEqual([
    'disk',
    'agent',
    'clock',
    'rules',
    'integrity',
    'ledger-journal',
    'face-model',
    'headquarters',
  ]);
  await till.stop();

  const after = await doctor();
  expect(after).toMatchObject({ code: 0 });
  expect(after.checks.find(({ check }) => check === 'ledger')?.detail).toContain('chain whole');
});

it('doctor makes nothing where there is no till', async () => {
  const nowhere = join(folder.root, 'typo');
  const { code, stdout } = await runTill(['doctor', '--data', nowhere, '--json']);
  expect(code).toBe(1);
  expect(stdout).toContain('no till here');
  expect(existsSync(nowhere)).toBe(false);
});
