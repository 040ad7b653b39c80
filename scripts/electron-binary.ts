import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

/** The Electron program of this machine, or where it was looked for. */
export type ElectronBinary =
  | { readonly found: true; readonly path: string }
  | { readonly found: false; readonly lookedAt: readonly string[] };

const PROGRAM: Partial<Record<NodeJS.Platform, string>> = {
  win32: 'electron.exe',
  darwin: 'Electron.app/Contents/MacOS/Electron',
};

/**
 * Looks for an Electron program without asking its package, which would download one: the folder that
 * `ELECTRON_OVERRIDE_DIST_PATH` names, else the one inside the package.
 */
export function findElectron(
  root: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): ElectronBinary {
  const named = env['ELECTRON_OVERRIDE_DIST_PATH'];
  const folders = [
    ...(named === undefined || named === '' ? [] : [named]),
    join(root, 'node_modules', 'electron', 'dist'),
  ];
  const lookedAt = folders.map((folder) => join(folder, PROGRAM[platform] ?? 'electron'));
  const path = lookedAt.find((place) => existsSync(place));
  return path === undefined ? { found: false, lookedAt } : { found: true, path };
}

/** What is missing and how to get it, for people. */
export function electronMissing(lookedAt: readonly string[], version: string): string {
  return [
    '没有 Electron 程序，桌面程序无法在这里启动。 / There is no Electron program here, so the desktop program cannot start.',
    ...lookedAt.map((place) => `  找过 / looked at  ${place}`),
    '取得方法 / How to get it:',
    '  npx --no-install install-electron',
    `    从 Electron 的发布页下载 ${version}（需要网络） / downloads ${version} from Electron's releases (needs the network)`,
    `  ELECTRON_OVERRIDE_DIST_PATH=DIR npm run desktop`,
    `    DIR 是解开的 electron-v${version}-*.zip / DIR is an unpacked electron-v${version}-*.zip`,
    '没有 Electron 也可以用浏览器：npm start / Without Electron the till runs in a browser: npm start',
    '',
  ].join('\n');
}
