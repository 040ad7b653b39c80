import { afterAll, expect, it } from 'vitest';
import { CASHIER, MANAGER, SMALL_RULES, smallChain } from '../support/small-chain.ts';
import { loadChain, prepareTillFolder, runTill, startTill } from '../support/till.ts';

const folder = prepareTillFolder({ rules: SMALL_RULES, chain: smallChain(1) });
afterAll(() => folder.remove());

it('a manager confirms the time of a running till from the command line, with the PIN from standard input', async () => {
  await loadChain(folder);
  const till = await startTill(folder);
  const time = (args: readonly string[], input?: string) =>
    runTill(['time', '--data', folder.dataDir, '--json', ...args], input);

  const shown = await time([]);
  expect([shown.code, JSON.parse(shown.stdout).clockTrusted]).toEqual([0, true]);

  const nobody = await time(['--confirm']);
  expect([nobody.code, JSON.parse(nobody.stdout).error.code]).toEqual([2, 'manager-missing']);

  const cashier = await time(['--confirm', '--manager', CASHIER.staffId], `${CASHIER.pin}\n`);
  expect([cashier.code, JSON.parse(cashier.stdout).error.code]).toEqual([1, 'role-required']);

  const confirmed = await time(['--confirm', '--manager', MANAGER.staffId], `${MANAGER.pin}\n`);
  expect(confirmed.code).toBe(0);
  const { before, now } = JSON.parse(confirmed.stdout);
  expect(Date.parse(now)).toBeGreaterThanOrEqual(Date.parse(before) - 1_000);
  expect(confirmed.stdout + confirmed.stderr).not.toContain(MANAGER.pin);
  await till.stop();
});
