import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startDemoTill } from '../support/till.ts';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);
let till: Awaited<ReturnType<typeof startDemoTill>>;

beforeAll(async () => {
  till = await startDemoTill();
});

afterAll(async () => {
  await till?.stop();
  till?.remove();
});

/** The shell block under a heading of the README. */
function shellBlock(heading: string): string {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const section = readme.slice(readme.indexOf(`## ${heading}`));
  const block = /```sh\n([\s\S]*?)```/.exec(section)?.[1];
  if (block === undefined) throw new Error(`README.md has no shell block under "${heading}"`);
  return block;
}

it('the curl session of the README works as printed: pair, identify, evaluate, hold, commit, ask by key, void, return, events', async () => {
  const { stdout } = await run('bash', ['-c', shellBlock('POS integration in five minutes')], {
    cwd: ROOT,
    env: { ...process.env, TILL: till.address, DATA: till.dataDir },
  });
  const answers = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const [held, committed, asked, heldAgain, voided, quote, returned] = answers;
  expect(held).toMatchObject({ state: 'HELD' });
  expect(committed).toMatchObject({ kind: 'sale', state: 'COMMITTED' });
  expect(committed?.['pointsEarned']).toBeGreaterThan(0);
  expect(asked).toEqual(committed);
  expect(heldAgain).toMatchObject({ state: 'HELD' });
  expect(voided).toMatchObject({ kind: 'void', state: 'VOIDED' });
  expect(quote).toMatchObject({ saleId: committed?.['saleId'], origin: 'this-till' });
  expect(quote?.['refundMinor']).toBeGreaterThan(0);
  expect(returned).toMatchObject({ kind: 'return' });
  expect(stdout).toContain('"kind":"identification"');
  expect(stdout).toContain(`"saleId":"${committed?.['saleId']}"`);
});
