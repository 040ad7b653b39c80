import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest';
import { PASS_HEADERS } from '../../sync/hq/server/pass-page.ts';
import { hasBrowser, openBrowser, type TestBrowser } from '../support/browser.ts';
import { testWithProgram } from '../support/machine.ts';
import { buildPassPage } from '../support/pass-page.ts';
import { say } from '../support/pass-scene.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
const START_LIMIT_MS = 60_000;
const WAIT = { timeout: 15_000 };
/** Longer than the worker waits before it shows the kept page, in milliseconds. */
const SLOW_MS = 4_000;
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};

/** What a phone meets where headquarters should be. */
type Weather =
  | 'fair'
  | 'maintenance-page'
  | 'sign-in-elsewhere'
  | 'server-error'
  | 'files-hang'
  | 'page-hangs'
  | 'slow';

let built: Awaited<ReturnType<typeof buildPassPage>>;
let browser: TestBrowser;
let server: Server;
let folder: string;
let weather: Weather;
let tab: Page;

beforeAll(async () => {
  if (!hasBrowser()) return;
  built = await buildPassPage();
  browser = await openBrowser();
}, START_LIMIT_MS);
afterAll(async () => {
  await browser?.close();
  built?.remove();
}, START_LIMIT_MS);

/** A server of its own for each test, because a worker belongs to its server. */
beforeEach(async () => {
  if (!hasBrowser()) return;
  weather = 'fair';
  folder = mkdtempSync(join(tmpdir(), 'tillside-pass-release-'));
  cpSync(built.folder, folder, { recursive: true });
  server = createServer(async (request, response) => {
    const path = (request.url ?? '').split(/[?#]/)[0] ?? '';
    const name = path === '/pass/' ? 'index.html' : path.replace(/^\/pass\//, '');
    const isPage = name === 'index.html';
    const html = { 'content-type': 'text/html; charset=utf-8' };
    if (path === '/elsewhere') return response.writeHead(200, html).end('sign in');
    if (weather === 'maintenance-page') return response.writeHead(200, html).end('back soon');
    if (weather === 'sign-in-elsewhere')
      return response.writeHead(302, { location: '/elsewhere' }).end();
    if (weather === 'server-error') return response.writeHead(503, html).end('broken');
    if (weather === 'page-hangs' || (weather === 'files-hang' && !isPage)) return;
    if (weather === 'slow') await sleep(SLOW_MS);
    const file = join(folder, name);
    if (!existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, {
      ...PASS_HEADERS,
      'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
      'cache-control': 'no-cache',
    });
    response.end(readFileSync(file));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  tab = await browser.newPage({ width: 390, height: 844 });
  await tab.goto(address());
  await opened();
  await tab.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
}, START_LIMIT_MS);
afterEach(async () => {
  await tab?.close();
  server?.closeAllConnections();
  server?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

function address(): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/pass/`;
}

/** The page runs: its form is there. */
const opened = (): Promise<void> => tab.getByLabel(say('code')).waitFor(WAIT);

/** The next release: its script has another name, and its page names it. */
function release(n: number): string {
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  const [, script = ''] = /src="\/pass\/(assets\/[^"]+)"/.exec(page) ?? [];
  const next = `assets/index-release0${n}.js`;
  cpSync(join(folder, script), join(folder, next));
  rmSync(join(folder, script));
  writeFileSync(join(folder, 'index.html'), page.replace(script, next));
  return next;
}

/** Paths of everything that is kept, whatever the cache is called. */
const kept = (): Promise<string[]> =>
  tab.evaluate(async () => {
    const names = await caches.keys();
    const lists = await Promise.all(
      names.map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url)),
    );
    return lists.flat().map((url) => new URL(url).pathname);
  });

describe('the service worker of the pass', () => {
  test.each([
    'maintenance-page',
    'sign-in-elsewhere',
    'server-error',
    'files-hang',
    'page-hangs',
  ] as const)('shows the page that it kept when it meets: %s', async (met) => {
    const before = (await kept()).sort();
    // What it keeps by itself must do: the files that the browser keeps may be gone.
    const memory = await tab.context().newCDPSession(tab);
    await memory.send('Network.clearBrowserCache');
    weather = met;
    await tab.reload({ waitUntil: 'commit' });
    await opened();
    expect((await kept()).sort()).toEqual(before);
    server.closeAllConnections();
    server.close();
    await tab.reload();
    await opened();
  });

  test('shows the next release at the next visit, and keeps it and the one before, no more', async () => {
    const files = (await kept()).length;
    for (const n of [1, 2, 3]) {
      const script = release(n);
      await tab.reload();
      await opened();
      expect(await tab.locator('script[src]').getAttribute('src')).toBe(`/pass/${script}`);
      await expect.poll(kept, WAIT).toContain(`/pass/${script}`);
      // A page of the release before may be opening at this moment.
      await expect.poll(async () => (await kept()).length, WAIT).toBe(files + 1);
    }
    await tab.reload();
    await expect.poll(async () => (await kept()).length, WAIT).toBe(files);
  });

  test('takes the next release over a slow line, too: at the visit after', async () => {
    const script = release(1);
    weather = 'slow';
    await tab.reload();
    await opened();
    expect(await tab.locator('script[src]').getAttribute('src')).not.toBe(`/pass/${script}`);
    await expect.poll(kept, WAIT).toContain(`/pass/${script}`);
    weather = 'page-hangs';
    await tab.reload();
    await opened();
    expect(await tab.locator('script[src]').getAttribute('src')).toBe(`/pass/${script}`);
  });

  test('throws away what a worker before it has kept under another name', async () => {
    await tab.evaluate(async () => {
      const old = await caches.open('tillside-pass-0');
      await old.put('/pass/', new Response('the page of long ago'));
    });
    const worker = join(folder, 'sw.js');
    writeFileSync(worker, `${readFileSync(worker, 'utf8')}\n// the next one`);
    await tab.evaluate(async () => {
      const registered = await navigator.serviceWorker.ready;
      await registered.update();
    });
    await expect.poll(() => tab.evaluate(() => caches.has('tillside-pass-0')), WAIT).toBe(false);
    server.closeAllConnections();
    server.close();
    await tab.reload();
    await opened();
  });

  test('keeps no answer of headquarters', async () => {
    for (const method of ['POST', 'GET'])
      expect(
        await tab.evaluate(
          (how) => fetch('/v1/passes', { method: how }).then(({ status }) => status),
          method,
        ),
      ).toBe(404);
    expect((await kept()).filter((path) => !path.startsWith('/pass/'))).toEqual([]);
  });

  test('is behind a page that a phone offers to install', async () => {
    const session = await tab.context().newCDPSession(tab);
    const { manifest } = (await session.send('Page.getAppManifest')) as unknown as {
      manifest: { startUrl: string; icons: { sizes: string; type: string; purposes: string[] }[] };
    };
    // Whoever opens it from the home screen brings no code.
    expect(new URL(manifest.startUrl).hash).toBe('');
    const problems = await session.send('Page.getInstallabilityErrors');
    expect(problems.installabilityErrors).toEqual([]);
  });
});
