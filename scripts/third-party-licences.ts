import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Packages that come as files and not in a bundle, and those that the screens are made of. */
const BESIDE_BUNDLES = [
  'better-sqlite3',
  '@serialport/bindings-cpp',
  'node-hid',
  'react',
  'react-dom',
  'scheduler',
  'i18next',
  'react-i18next',
  '@mantine/core',
  '@mantine/hooks',
  '@tabler/icons-react',
  '@floating-ui/react',
  '@floating-ui/react-dom',
  '@floating-ui/dom',
  '@floating-ui/core',
  '@floating-ui/utils',
  'tabbable',
  'clsx',
  'uqr',
  'zxing-wasm',
  // With the models of the shipped face model in it.
  'face-api.js',
  '@tensorflow/tfjs',
  '@tensorflow/tfjs-backend-wasm',
  'onnxruntime-web',
  'onnxruntime-common',
  '@hpke/core',
  '@hpke/common',
];

/** Code of others inside a package's native module, with a licence of its own. */
const INSIDE_NATIVE = [
  { name: 'hidapi (in node-hid)', file: 'node_modules/node-hid/hidapi/LICENSE-bsd.txt' },
];

/** Writes the licence texts of every package that is shipped, as their licences ask. Fails where one has none. */
export function writeLicences(root: string, modules: readonly string[], file: string): void {
  const packages = new Set(modules.flatMap(packageOf));
  for (const name of BESIDE_BUNDLES) {
    const folder = `node_modules/${name}`;
    if (existsSync(join(root, folder))) packages.add(folder);
  }
  const texts = [...packages].sort().map((folder) => licenceOf(root, folder));
  for (const { name, file: text } of INSIDE_NATIVE)
    texts.push(`${name}\n\n${readFileSync(join(root, text), 'utf8')}`);
  writeFileSync(file, texts.join(`\n${'-'.repeat(72)}\n\n`));
}

/** The folder of the package that a module belongs to. */
function packageOf(module: string): string[] {
  const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module);
  return found?.[1] === undefined ? [] : [found[1]];
}

function licenceOf(root: string, folder: string): string {
  const { name, version, license } = JSON.parse(
    readFileSync(join(root, folder, 'package.json'), 'utf8'),
  ) as { name: string; version: string; license?: string };
  const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined && license === undefined)
    throw new Error(`${name} has no licence: it cannot be shipped`);
  const text = file === undefined ? '' : `\n${readFileSync(join(root, folder, file), 'utf8')}`;
  return `${name} ${version} (${license ?? 'see below'})\n${text}`;
}
