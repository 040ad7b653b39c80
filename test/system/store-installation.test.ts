import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { pairPos } from '../support/pos.ts';
import { CASHIER, cardOf, MANAGER, SMALL_RULES, smallChain } from '../support/small-chain.ts';
import { runTill, startTill, type TillFolder } from '../support/till.ts';

const root = mkdtempSync(join(tmpdir(), 'tillside-store-installation-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The one object that a command prints. */
async function till(...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await runTill([...args, '--json']);
  if (code !== 0) throw new Error(`till ${args.join(' ')} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}

it('a store is installed as the README says: key, settings, data, rules, run, pair, first sale', async () => {
  const folder: TillFolder = {
    root,
    dataDir: join(root, 'data'),
    keyFile: join(root, 'keys', 'till.key'),
    configFile: join(root, 'till.json'),
    remove: () => undefined,
  };
  const signingKey = join(root, 'chain.pem');
  const { trustedKeys } = await till('rules', 'key', signingKey);
  expect(statSync(signingKey).mode & 0o777).toBe(0o600);
  const ruleSetFile = join(root, 'rules.signed.json');
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
  const settings = /```json\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  writeFileSync(
    folder.configFile,
    JSON.stringify({
      ...(JSON.parse(settings.replace(/^ {3}/gm, '')) as object),
      trustedKeys,
      ruleSetFile,
      port: 0,
    }),
  );
  mkdirSync(folder.dataDir);
  writeFileSync(join(root, 'chain.json'), JSON.stringify(smallChain(5)));
  writeFileSync(join(root, 'rules.yaml'), SMALL_RULES);

  const place = ['--data', folder.dataDir, '--key-file', folder.keyFile];
  await till('load', join(root, 'chain.json'), '--config', folder.configFile, ...place);
  await till('rules', 'check', join(root, 'rules.yaml'), '--out', ruleSetFile, '--key', signingKey);

  const running = await startTill(folder);
  const pos = await pairPos(running, MANAGER);
  const { body: who } = await pos.identify(cardOf(2));
  const { body: evaluated } = await pos.evaluate('first', {
    currency: 'CNY',
    staffId: CASHIER.staffId,
    identificationId: who.identificationId,
    lines: [{ lineId: 'a', sku: 'tea', qty: 1, unitPriceMinor: 1_250 }],
  });
  expect(evaluated.evaluation).toMatchObject({ payableMinor: 1_125, points: { earned: 11 } });
  expect(await running.stop()).toBe(0);
});

it('a signing key that exists is never replaced', async () => {
  const file = join(root, 'precious.pem');
  writeFileSync(file, 'precious');
  const { code } = await runTill(['rules', 'key', file, '--json']);
  expect(code).toBe(2);
  expect(readFileSync(file, 'utf8')).toBe('precious');
});
