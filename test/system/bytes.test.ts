import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { findInClear } from '../support/byte-search.ts';
import { pairPos } from '../support/pos.ts';
import {
  CASHIER,
  cardOf,
  MANAGER,
  nameOf,
  phoneOf,
  SMALL_RULES,
  smallChain,
} from '../support/small-chain.ts';
import { loadChain, prepareTillFolder, startTill } from '../support/till.ts';

const MEMBERS = 30;
const folder = prepareTillFolder({
  rules: SMALL_RULES,
  chain: smallChain(MEMBERS),
  config: { allowance: 'self' },
});

afterAll(() => folder.remove());

it('no member name, phone or key lies in clear in the till folder, its -wal and -shm, temporary files or logs, while running and after kill -9', async () => {
  await loadChain(folder);
  const temporary = join(folder.root, 'tmp');
  mkdirSync(temporary);
  process.env['TMPDIR'] = temporary;
  process.env['SQLITE_TMPDIR'] = temporary;
  const till = await startTill(folder, ['--log-level', 'debug']);
  const pos = await pairPos(till, MANAGER);
  for (let nth = 0; nth < MEMBERS; nth += 1) {
    const identified = await pos.identify(cardOf(nth));
    expect(identified.body.outcome).toBe('identified');
    await pos.call('POST', '/identifications', { phoneDigits: phoneOf(nth).slice(-6) });
    const evaluated = await pos.evaluate(`basket-${nth}`, {
      currency: 'CNY',
      staffId: CASHIER.staffId,
      identificationId: identified.body.identificationId,
      lines: [{ lineId: 'a', sku: 'tea', qty: 2, unitPriceMinor: 1_250 }],
    });
    // Every third sale stays open, so that held and parked rows are searched as well.
    if (nth % 3 === 0) continue;
    await pos.call('POST', `/evaluations/${evaluated.body.evaluationId}/hold`, {
      basketHash: evaluated.body.basketHash,
      staffId: CASHIER.staffId,
    });
    if (nth % 3 === 1) continue;
    await pos.call(
      'POST',
      `/evaluations/${evaluated.body.evaluationId}/commit`,
      { basketHash: evaluated.body.basketHash, referenceId: `r-${nth}`, staffId: CASHIER.staffId },
      { 'idempotency-key': `bytes-${nth}` },
    );
  }
  const key = Buffer.from(readFileSync(folder.keyFile, 'utf8').trim(), 'hex');
  const secrets = [
    key,
    pos.token,
    ...Array.from({ length: MEMBERS }, (_, nth) => [nameOf(nth), phoneOf(nth), cardOf(nth)]).flat(),
  ];
  const searched = (): unknown[] => {
    writeFileSync(join(temporary, 'till.log'), till.log());
    return [...findInClear(folder.dataDir, secrets), ...findInClear(temporary, secrets)];
  };

  expect(searched(), 'while running').toEqual([]);
  await till.kill();
  expect(searched(), 'after kill -9').toEqual([]);

  // The same search must be able to find them: on a copy without encryption.
  const clear = join(folder.root, 'clear');
  mkdirSync(clear);
  execFileSync(process.execPath, [
    join(import.meta.dirname, 'export-clear.ts'),
    folder.dataDir,
    folder.keyFile,
    clear,
  ]);
  const found = new Set(findInClear(clear, secrets).map(({ secret }) => secret));
  for (let nth = 0; nth < MEMBERS; nth += 1) {
    expect([...found], `name of member ${nth}`).toContain(nameOf(nth));
    expect([...found], `phone of member ${nth}`).toContain(phoneOf(nth));
  }
});
