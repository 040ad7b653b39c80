import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { build } from 'vite';
import { afterAll, expect, test } from 'vitest';
import { compressAssets } from '../../scripts/compress-assets.ts';

const folder = mkdtempSync(join(tmpdir(), 'tillside-compress-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a build packs its larger assets beside themselves, and leaves page, small files and what keeps its name', async () => {
  const root = join(folder, 'source');
  const outDir = join(folder, 'built');
  mkdirSync(join(root, 'public', 'assets'), { recursive: true });
  const sentence = 'The member is known in a second. ';
  writeFileSync(join(root, 'index.html'), `<script type="module" src="./main.ts"></script>`);
  writeFileSync(
    join(root, 'main.ts'),
    `import './style.css';\ndocument.title = '${sentence.repeat(100)}';`,
  );
  writeFileSync(join(root, 'style.css'), 'body { color: red }');
  writeFileSync(join(root, 'public', 'logo.svg'), `<svg>${sentence.repeat(100)}</svg>`);
  await build({
    configFile: false,
    root,
    logLevel: 'silent',
    plugins: [compressAssets()],
    build: { outDir, emptyOutDir: true, modulePreload: { polyfill: false } },
  });
  expect(readdirSync(outDir).sort()).toEqual(['assets', 'index.html', 'logo.svg']);
  const assets = readdirSync(join(outDir, 'assets'));
  const script = assets.find((name) => name.endsWith('.js')) ?? '';
  const style = assets.find((name) => name.endsWith('.css')) ?? '';
  expect(assets.sort()).toEqual([style, script, `${script}.br`, `${script}.gz`].sort());
  const read = (name: string) => readFileSync(join(outDir, 'assets', name));
  expect(brotliDecompressSync(read(`${script}.br`))).toEqual(read(script));
  expect(gunzipSync(read(`${script}.gz`))).toEqual(read(script));
});
