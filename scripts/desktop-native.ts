import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'rolldown';

/** Systems that the desktop program is built for, as the prebuilt modules name them. */
export const DESKTOP_TARGETS = ['linux-x64', 'win32-x64'] as const;

const DATABASE = './native/better-sqlite3/lib/index.js';

/** A package whose native module is found by a loader that searches folders a bundle does not have. */
type Prebuilt = {
  /** Its folder beside the bundles. */
  readonly folder: string;
  /** What its code imports to find its native module; our own loader stands in for that. */
  readonly loader: string;
  /** Its native modules in node_modules by system. */
  readonly files: Readonly<Record<(typeof DESKTOP_TARGETS)[number], string>>;
};

const PREBUILT: readonly Prebuilt[] = [
  {
    folder: 'serialport',
    loader: 'node-gyp-build',
    files: {
      'linux-x64':
        '@serialport/bindings-cpp/prebuilds/linux-x64/@serialport+bindings-cpp.glibc.node',
      'win32-x64': '@serialport/bindings-cpp/prebuilds/win32-x64/@serialport+bindings-cpp.node',
    },
  },
  {
    folder: 'node-hid',
    loader: 'pkg-prebuilds/bindings',
    files: {
      'linux-x64': 'node-hid/prebuilds/HID_hidraw-linux-x64/node-napi-v4.node',
      'win32-x64': 'node-hid/prebuilds/HID-win32-x64/node-napi-v4.node',
    },
  },
];

/** Loads the copy for the system that runs. `require` is the bundle's own, so the path starts beside the bundle. */
const loaderOf = ({ folder }: Prebuilt): string =>
  `module.exports = () => require('./native/${folder}/' + process.platform + '-' + process.arch + '.node');`;
const loaderIdOf = ({ folder }: Prebuilt): string => `\0${folder}-loader.cjs`;

/** Points what loads native code to the copies beside the bundles. */
export function nativeModules(): Plugin {
  return {
    name: 'native-modules',
    resolveId(source) {
      if (source === 'better-sqlite3') return { id: DATABASE, external: true };
      const prebuilt = PREBUILT.find(({ loader }) => loader === source);
      return prebuilt === undefined ? null : { id: loaderIdOf(prebuilt) };
    },
    load(id) {
      const prebuilt = PREBUILT.find((one) => loaderIdOf(one) === id);
      return prebuilt === undefined ? null : loaderOf(prebuilt);
    },
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
  for (const prebuilt of PREBUILT) mkdirSync(join(folder, prebuilt.folder));
  for (const target of DESKTOP_TARGETS) {
    cpSync(
      join(database, 'prebuilds', `${target}.node`),
      join(copies, 'prebuilds', `${target}.node`),
    );
    for (const prebuilt of PREBUILT)
      cpSync(
        join(packages, prebuilt.files[target]),
        join(folder, prebuilt.folder, `${target}.node`),
      );
  }
}
