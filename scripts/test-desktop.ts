/**
 * Drives the real desktop program with Playwright, where this machine has an Electron program; says so where not.
 *
 *     npm run test:desktop
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findElectron } from './electron-binary.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const electron = findElectron(root);
if (!electron.found) {
  process.stdout.write(
    `skipped: the desktop tests need an Electron program, and there is none at ${electron.lookedAt.join(' or ')}\n` +
      '跳过：桌面测试需要 Electron 程序，这里没有。npm run desktop 会说明如何取得。\n',
  );
  process.exit(0);
}
const steps: readonly (readonly string[])[] = [
  [process.execPath, join(root, 'scripts/build-desktop.ts')],
  [process.execPath, join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'desktop'],
];
for (const [program = '', ...args] of steps) {
  const done = spawnSync(program, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, TILLSIDE_ELECTRON: electron.path },
  });
  if (done.status !== 0) process.exit(done.status ?? 1);
}
