/**
 * Builds the desktop program into `dist/desktop`: what electron-builder packs and `npm run desktop` starts.
 *
 *     npm run build:desktop
 *
 * The folder holds bundles, screens, native modules and licences, and nothing else. What went into each bundle is
 * written beside it, to `dist/desktop-contents.json`, for whoever checks that nothing is in there that should not be.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { copyNativeModules, nativeModules } from './desktop-native.ts';
import { writeLicences } from './third-party-licences.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const outDir = join(root, 'dist', 'desktop');
const contentsFile = join(root, 'dist', 'desktop-contents.json');

interface Bundle {
  readonly entry: string;
  readonly file: string;
  /** A sandboxed preload script is CommonJS; everything else is a module. */
  readonly format: 'esm' | 'cjs';
}

const bundles: readonly Bundle[] = [
  { entry: 'ui/shell/main.ts', file: 'main.js', format: 'esm' },
  { entry: 'ui/shell/preload.ts', file: 'preload.cjs', format: 'cjs' },
  { entry: 'agent/main/utility.ts', file: 'agent.js', format: 'esm' },
  // Threads of the agent, found beside it by these names.
  {
    entry: 'agent/store/checkpoint/checkpoint-worker.ts',
    file: 'checkpoint-worker.js',
    format: 'esm',
  },
  {
    entry: 'agent/store/integrity/integrity-worker.ts',
    file: 'integrity-worker.js',
    format: 'esm',
  },
  { entry: 'agent/store/snapshot/snapshot-worker.ts', file: 'snapshot-worker.js', format: 'esm' },
  { entry: 'agent/main/face/gallery-worker.ts', file: 'gallery-worker.js', format: 'esm' },
  { entry: 'drivers/utility-main.ts', file: 'drivers.js', format: 'esm' },
];

rmSync(outDir, { recursive: true, force: true });
mkdirSync(outDir, { recursive: true });
const contents: Record<string, readonly string[]> = {};
for (const bundle of bundles) contents[bundle.file] = await build(bundle);
await buildScreens();
copyNativeModules(root, join(outDir, 'native'));
cpSync(join(root, 'LICENSE'), join(outDir, 'LICENSE'));
writeLicences(root, Object.values(contents).flat(), join(outDir, 'third-party-licences.txt'));
writeManifest();
writeFileSync(contentsFile, `${JSON.stringify(contents, undefined, 2)}\n`);
for (const [file, modules] of Object.entries(contents))
  process.stdout.write(`${file.padEnd(12)} ${modules.length} modules\n`);
process.stdout.write(`built ${relative(root, outDir)}\n`);

/** Bundles one process into one file; answers the sources in it, from the repository root. */
async function build({ entry, file, format }: Bundle): Promise<string[]> {
  const bundle = await rolldown({
    input: join(root, entry),
    platform: 'node',
    external: ['electron'],
    plugins: [nativeModules()],
    // Packages written for CommonJS ask where they lie; in a module that is asked differently.
    transform: format === 'esm' ? { define: { __dirname: 'import.meta.dirname' } } : {},
  });
  const { output } = await bundle.write({
    file: join(outDir, file),
    format,
    codeSplitting: false,
    // Whitespace goes, names stay: a stack in a till's log must mean something.
    minify: { mangle: false, compress: true },
    comments: { legal: true },
  });
  await bundle.close();
  return output
    .flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []))
    .filter((id) => !id.startsWith('\0'))
    .map((id) => relative(root, id).replaceAll('\\', '/'))
    .sort();
}

/** Takes the screens that `npm run build:ui` made where it just has; builds them otherwise. */
async function buildScreens(): Promise<void> {
  const built = join(root, 'dist', 'ui');
  if (process.argv.includes('--reuse-screens') && existsSync(join(built, 'index.html')))
    return cpSync(built, join(outDir, 'ui'), { recursive: true });
  const { build: buildPages } = await import('vite');
  await buildPages({
    configFile: join(root, 'ui/app/vite.config.ts'),
    root: join(root, 'ui/app'),
    logLevel: 'warn',
    build: { outDir: join(outDir, 'ui') },
  });
}

/** A manifest without dependencies: what the program needs is in the folder, so nothing is collected blindly. */
function writeManifest(): void {
  const { name, version, description, license } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  ) as Record<string, string>;
  const manifest = {
    name,
    productName: 'Tillside',
    version,
    description,
    license,
    author: 'Tillside',
    // Debian packages must name a page; the name is one that nobody can own (RFC 2606) until there is one.
    homepage: 'https://tillside.example',
    private: true,
    type: 'module',
    main: 'main.js',
  };
  writeFileSync(join(outDir, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
}
