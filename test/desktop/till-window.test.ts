import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REPOSITORY } from '../support/electron/fake-utility-process.ts';

/** Started by `npm run test:desktop`, which names the Electron program that it found. */
const executablePath = process.env['TILLSIDE_ELECTRON'] ?? '';
let root: string;
let program: ElectronApplication;
let page: Page;

function environment(): Record<string, string> {
  return {
    ...(process.env as Record<string, string>),
    XDG_CONFIG_HOME: join(root, 'config'),
    XDG_DATA_HOME: join(root, 'data'),
    APPDATA: join(root, 'config'),
    LOCALAPPDATA: join(root, 'data'),
  };
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'tillside-desktop-'));
  mkdirSync(join(root, 'config', 'Tillside'), { recursive: true });
  writeFileSync(
    join(root, 'config', 'Tillside', 'till.json'),
    JSON.stringify({
      port: 0,
      devices: [{ id: 'sim', driver: 'sim-scanner', owner: 'agent' }],
    }),
  );
  program = await _electron.launch({
    executablePath,
    args: [join(REPOSITORY, 'dist', 'desktop'), '--no-sandbox'],
    env: environment(),
  });
  page = await program.firstWindow();
});

afterAll(async () => {
  await program?.close();
  rmSync(root, { recursive: true, force: true });
});

test("the window shows the till's screens, connected to the agent", async () => {
  await page.waitForURL('app://till/**');
  await page.waitForFunction(() => document.getElementById('root')?.childElementCount !== 0);
  expect(await page.evaluate(() => location.origin)).toBe('app://till');
});

test('the page has no Node and sees of the shell only that there is one', async () => {
  expect(
    await page.evaluate(() => [
      'require' in window,
      'process' in window,
      JSON.stringify((window as unknown as { tillsideShell: unknown }).tillsideShell),
    ]),
  ).toEqual([false, false, '{"kind":"desktop"}']);
});

test('the page leaves for nowhere and opens no window', async () => {
  await page.evaluate(() => {
    location.href = 'https://example.com/';
  });
  expect(await page.evaluate(() => window.open('https://example.com/'))).toBeNull();
  expect(page.url()).toMatch(/^app:\/\/till\//);
  expect(program.windows()).toHaveLength(1);
});

test('no microphone, no place, no network', async () => {
  const outcomes = await page.evaluate(async () => [
    await navigator.mediaDevices.getUserMedia({ audio: true }).then(
      () => 'granted',
      (error: Error) => error.name,
    ),
    (await navigator.permissions.query({ name: 'geolocation' })).state,
    await fetch('http://127.0.0.1:17890/v1/status').then(
      () => 'reached',
      () => 'refused',
    ),
  ]);
  expect(outcomes).toEqual(['NotAllowedError', 'denied', 'refused']);
});

test('a second instance ends and leaves the first alone', async () => {
  const second = await _electron
    .launch({
      executablePath,
      args: [join(REPOSITORY, 'dist', 'desktop'), '--no-sandbox'],
      env: environment(),
      timeout: 10_000,
    })
    .catch(() => undefined);
  await second?.close();
  expect(program.windows()).toHaveLength(1);
});

test('the screens come back after their process was ended, connected again', async () => {
  await program.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer();
  });
  page = await program.firstWindow();
  await expect
    .poll(() => page.evaluate(() => location.href).catch(() => ''), { timeout: 30_000 })
    .toBe('app://till/');
});
