import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const runner = join(root, 'scripts', 'run.ts');
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillside-run-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a program and gives its path as the runner wants it: from the repository root. */
function program(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return relative(root, file);
}

test('a target gets its arguments as given, and its exit code comes back', () => {
  const target = program(
    'echo.ts',
    `console.log(JSON.stringify(process.argv.slice(2))); process.exit(7);`,
  );
  const args = [runner, 'help', target, '--json', 'a b', '"quoted"', ''];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(status).toBe(7);
  expect(JSON.parse(stdout)).toEqual(['--json', 'a b', '"quoted"', '']);
});

test('a program of node_modules runs on the Node that package.json brings', () => {
  const target = program('node.ts', `console.log(process.versions.node.split('.')[0]);`);
  const args = [runner, 'help', 'node', join(root, target)];
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stdout.trim()).toBe('24');
});

test.skipIf(process.platform === 'win32')('a signal reaches the target itself', async () => {
  const target = program(
    'wait.ts',
    `process.on('SIGTERM', () => process.exit(5)); setInterval(() => {}, 1000); console.log('ready');`,
  );
  const child = spawn(process.execPath, [runner, 'help', target]);
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  expect(code).toBe(5);
});

test('without a target it says how to call it and exits 2', () => {
  const { status, stderr } = spawnSync(process.execPath, [runner, 'help'], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toContain('usage:');
});
