import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'rolldown';

/** Systems that the desktop program is built for, as the prebuilt modules name them. */
export const DESKTOP_TARGETS = ['linux-x64', 'win32-x64'] as const;

const DATABASE = './native/better-sqlite3/lib/index.js';

/** Native modules of the serial driver by system; `SERIAL_LOADER` finds them by these names. */
const SERIAL_PREBUILDS: Readonly<Record<(typeof DESKTOP_TARGETS)[number], string>> = {
  'linux-x64': '@serialport+bindings-cpp.glibc.node',
  'win32-x64': '@serialport+bindings-cpp.node',
};

/**
 * Stands in for `node-gyp-build`, which searches folders of a package that a bundle does not have.
 * `require` is the bundle's own, so the path starts beside the bundle.
 */
const SERIAL_LOADER =
  "module.exports = () => require('./native/serialport/' + process.platform + '-' + process.arch + '.node');";
const SERIAL_LOADER_ID = '\0serialport-loader.cjs';

/** Points what loads native code to the copies beside the bundles. */
export function nativeModules(): Plugin {
  return {
    name: 'native-modules',
    resolveId(source) {
      if (source === 'better-sqlite3') return { id: DATABASE, external: true };
      return source === 'node-gyp-build' ? { id: SERIAL_LOADER_ID } : null;
    },
    load: (id) => (id === SERIAL_LOADER_ID ? SERIAL_LOADER : null),
  };
}

/** Copies the native modules and the script around them, for the systems that the program is built for. */
export function copyNativeModules(root: string, folder: string): void {
  const packages = join(root, 'node_modules');
  const database = join(packages, 'better-sqlite3');
  const copies = join(folder, 'better-sqlite3');
  cpSync(join(database, 'lib'), join(copies, 'lib'), {
    recursive: true,
    // The files that name one system each; the main one chooses by itself.
    filter: (path) => !/[\\/]lib[\\/](darwin|linux|linuxmusl|win32)-[^\\/]*$/.test(path),
  });
  // The bundles around it are modules; this is CommonJS.
  writeFileSync(join(copies, 'package.json'), '{ "type": "commonjs", "main": "lib/index.js" }\n');
  mkdirSync(join(copies, 'prebuilds'));
  mkdirSync(join(folder, 'serialport'));
  for (const target of DESKTOP_TARGETS) {
    cpSync(
      join(database, 'prebuilds', `${target}.node`),
      join(copies, 'prebuilds', `${target}.node`),
    );
    cpSync(
      join(packages, '@serialport/bindings-cpp/prebuilds', target, SERIAL_PREBUILDS[target]),
      join(folder, 'serialport', `${target}.node`),
    );
  }
}
