import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { APP_SCHEME, createAppProtocol } from '../../../ui/shell/app-protocol.ts';
import { SCREEN_FILE_MAX_BYTES } from '../../../ui/shell/screen-files.ts';

const root = mkdtempSync(join(tmpdir(), 'tillside-protocol-'));
const ui = join(root, 'ui');
const answer = createAppProtocol({
  uiFolder: ui,
  facePackFolder: () => pack,
  shellPage: (path) => (path === '/stopped' ? '<p>stopped</p>' : undefined),
});
let pack: string | undefined = join(root, 'pack');
const get = (url: string, method = 'GET') => answer({ url, method });

beforeAll(() => {
  mkdirSync(join(ui, 'assets'), { recursive: true });
  mkdirSync(join(root, 'pack'));
  writeFileSync(join(root, 'pack', 'manifest.json'), '{}');
  writeFileSync(join(root, 'pack', 'net.onnx'), 'net');
  symlinkSync(join(root, 'secret.json'), join(root, 'pack', 'link.json'));
  writeFileSync(join(ui, 'index.html'), '<title>till</title>');
  writeFileSync(join(ui, 'assets', 'a.js'), 'export {};');
  writeFileSync(join(ui, 'capture.html'), '<title>camera</title>');
  for (const worker of ['capture', 'code'])
    writeFileSync(join(ui, 'assets', `${worker}-worker-Ab_-1234.js`), 'export {};');
  writeFileSync(join(ui, 'notes.md'), 'x');
  writeFileSync(join(root, 'secret.json'), '{}');
  symlinkSync(join(root, 'secret.json'), join(ui, 'link.json'));
  writeFileSync(join(ui, 'huge.wasm'), '');
  truncateSync(join(ui, 'huge.wasm'), SCREEN_FILE_MAX_BYTES + 1);
  writeFileSync(join(ui, 'big.wasm'), '');
  truncateSync(join(ui, 'big.wasm'), SCREEN_FILE_MAX_BYTES);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('the scheme is an origin of its own and may not pass by the content policy', () => {
  expect(APP_SCHEME).toEqual({
    scheme: 'app',
    privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
  });
});

describe('screens', () => {
  test.each([
    ['app://till/', 'text/html; charset=utf-8'],
    ['app://till/manager', 'text/html; charset=utf-8'],
    ['app://till/?x=1#y', 'text/html; charset=utf-8'],
    ['app://till/assets/a.js', 'text/javascript; charset=utf-8'],
    ['app://till/big.wasm', 'application/wasm'],
  ])('%s is served as %s, under the content policy', async (url, type) => {
    const response = await get(url);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
    const policy = response.headers.get('content-security-policy') ?? '';
    for (const rule of [
      "default-src 'self'",
      "connect-src 'self'",
      "object-src 'none'",
      "frame-ancestors 'none'",
    ])
      expect(policy.split('; ')).toContain(rule);
    expect(policy).not.toMatch(/script-src[^;]*unsafe-/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test.each([
    ['app://till/', false],
    ['app://till/capture.html', false],
    ['app://till/customer', false],
    ['app://till/assets/a.js', false],
    ['app://till/assets/capture-worker-Ab_-1234.js', true],
    ['app://till/assets/code-worker-Ab_-1234.js', true],
  ])('%s may run WebAssembly: %s', async (url, may) => {
    const response = await get(url);
    expect(response.status).toBe(200);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy.split('; ')).toContain(
      may ? "script-src 'self' 'wasm-unsafe-eval'" : "script-src 'self'",
    );
  });

  test.each([
    'app://till/assets/none.js',
    'app://till/notes.md',
    'app://till/link.json',
    'app://till/huge.wasm',
    'app://till/..%2fsecret.json',
    'app://till/%2e%2e%2fsecret.json',
    'app://till/assets/..%2f..%2fsecret.json',
    'app://till/..%5csecret.json',
    'app://till/%00.js',
    'app://till/%zz.js',
    'app://till/c:%2fsecret.json',
    'app://other/',
    'app://till:80/',
    'app://x@till/',
    'file:///etc/passwd',
    'https://till/',
  ])('%s gives no file', async (url) => {
    const response = await get(url);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  test('a name without an ending is a page of the program, never a folder', async () => {
    expect(await (await get('app://till/assets')).text()).toBe('<title>till</title>');
  });

  test.each(['POST', 'PUT', 'DELETE'])('%s changes nothing here', async (method) => {
    expect((await get('app://till/', method)).status).toBe(405);
  });
});

describe("the shell's own pages", () => {
  test('run no script and load nothing', async () => {
    const response = await get('app://shell/stopped');
    expect(await response.text()).toBe('<p>stopped</p>');
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style/);
  });

  test('are those that the shell has, and no files', async () => {
    expect((await get('app://shell/index.html')).status).toBe(404);
    expect((await get('app://shell/')).status).toBe(404);
  });
});

test('the store’s face model pack is served by plain names, and nothing where there is none', async () => {
  const status = async (name: string) => (await get(`app://till/face-pack/${name}`)).status;
  expect([await status('manifest.json'), await status('net.onnx')]).toEqual([200, 200]);
  for (const name of ['link.json', '..%2fsecret.json', 'none.bin', 'a.exe', ''])
    expect([name, await status(name)]).toEqual([name, 404]);
  pack = undefined;
  expect(await status('manifest.json')).toBe(404);
});
