/**
 * Builds the desktop program and starts it, where this machine has an Electron program; downloads nothing.
 *
 *     npm run desktop [-- ARGUMENT...]
 *
 * Exits 2 where there is none, and says how to get it.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { electronMissing, findElectron } from './electron-binary.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const electron = findElectron(root);
if (!electron.found) {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  process.stderr.write(electronMissing(electron.lookedAt, devDependencies['electron'] ?? ''));
  process.exit(2);
}
const built = spawnSync(process.execPath, [join(root, 'scripts/build-desktop.ts')], {
  stdio: 'inherit',
});
if (built.status !== 0) process.exit(built.status ?? 1);
const child = spawn(electron.path, [join(root, 'dist/desktop'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
child.on('error', (error) => {
  process.stderr.write(`${electron.path}: ${error.message}\n`);
  process.exit(2);
});
child.on('exit', (code) => process.exit(code ?? 1));
