import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { deviceStatisticsFileSchema } from '../../agent/contract/index.ts';
import { hasBrowser, openBrowser, SCREEN_SIZES, type TestBrowser } from '../support/browser.ts';
import { testWithProgram } from '../support/machine.ts';
import { axeFindings, clippedTexts, smallTargets } from '../support/page-checks.ts';
import { type SceneServer, serveScenes } from '../support/scenes.ts';
import { readingNow, withoutLibrary } from './fixture/device-scenes.ts';
import { type PageLanguage, WORDS } from './till-pages.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
const PICTURES = fileURLToPath(new URL('../../artefacts/screens/', import.meta.url));

let server: SceneServer;
let browser: TestBrowser | undefined;

beforeAll(async () => {
  if (!hasBrowser()) return;
  mkdirSync(PICTURES, { recursive: true });
  server = await serveScenes();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

async function open(scene: string, language: PageLanguage): Promise<Page> {
  if (browser === undefined) throw new Error('the browser did not start');
  const page = await browser.newPage(SCREEN_SIZES['1024x768']);
  await page.goto(server.address(scene, { language, theme: 'light' }));
  await page
    .getByRole('heading', { name: WORDS[language].devicePage.title, exact: true })
    .waitFor();
  return page;
}

const card = (page: Page, deviceId: string) => page.locator(`[data-device="${deviceId}"]`);
const found = (page: Page, foundId: string) => page.locator(`[data-found="${foundId}"]`);

async function lookAt(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${PICTURES}${name}-1024x768.png` });
  expect(await axeFindings(page)).toEqual([]);
  expect(await clippedTexts(page)).toEqual([]);
  expect(await smallTargets(page)).toEqual([]);
}

describe.each(['zh-CN', 'en'] as const)('the device page in %s', (language) => {
  const words = WORDS[language].devicePage;
  const tillScanner = words.role['till-scanner'];
  const customerScanner = words.role['customer-scanner'];

  test('says what is connected, for what, by what it is known, and what was read without the code', async () => {
    const page = await open('devices', language);
    const text = await card(page, 'till-scanner').textContent();
    for (const part of [tillScanner, 'Zebra DS2208', 'S21305523020587', '1-1.2', 'EAN/UPC', '13'])
      expect(text).toContain(part);
    await card(page, 'till-scanner').getByRole('button', { name: words.figures }).click();
    await card(page, 'till-scanner').getByRole('row', { name: words.stat.scans }).waitFor();
    const scans = card(page, 'till-scanner').getByRole('row', { name: words.stat.scans });
    await expect.poll(() => scans.textContent()).toBe(`${words.stat.scans}4122,703`);
    await lookAt(page, `devices-figures-${language}`);
    await page.close();
  });

  test('a found scanner gets a role by one press, and one press more takes it back', async () => {
    const page = await open('devices', language);
    const twin = found(page, 'hid|1-1.4');
    await twin.getByText(words.twin, { exact: true }).waitFor();
    await twin.getByRole('button', { name: new RegExp(customerScanner) }).click();
    await card(page, 'customer-scanner').waitFor();
    expect(await card(page, 'customer-scanner').textContent()).toContain('1-1.4');
    await twin.getByText(words.using.replace('{{role}}', customerScanner)).waitFor();
    await lookAt(page, `devices-bound-${language}`);
    await page.getByRole('button', { name: words.undo }).click();
    await card(page, 'customer-scanner').waitFor({ state: 'detached' });
    await page.close();
  });

  test('unbinding is taken back by one press', async () => {
    const page = await open('devices', language);
    await card(page, 'till-scanner').getByRole('button', { name: words.unbind }).click();
    await card(page, 'till-scanner').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: words.undo }).click();
    await card(page, 'till-scanner').waitFor();
    await page.close();
  });

  test('a scanner that types is shown with its set-up code and cannot be given a role', async () => {
    const page = await open('devices', language);
    const typing = found(page, 'hid|1-2');
    await typing.getByText(words.mode.keyboard, { exact: true }).waitFor();
    expect(await typing.textContent()).toContain('USB');
    expect(await typing.getByRole('button').count()).toBe(0);
    await page.close();
  });

  test('a test scan shows its digits as square and bars, waits, and Esc closes it and not the page', async () => {
    const page = await open('devices', language);
    await card(page, 'till-scanner').getByRole('button', { name: words.test }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByTestId('challenge').waitFor();
    await dialog.getByRole('img', { name: words.scan.square }).waitFor();
    await dialog.getByRole('img', { name: words.scan.bars }).waitFor();
    await dialog.getByText(readingNow[language]).waitFor();
    await lookAt(page, `devices-test-scan-${language}`);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await card(page, 'till-scanner').waitFor();
    // The scanner that was told to read hears that nobody holds a code before it any more.
    await expect
      .poll(() => page.evaluate(() => (globalThis as { checksAsked?: string[] }).checksAsked))
      .toEqual(['interactive', 'internal']);
    await page.close();
  });

  test('what the system refuses is said with the remedy, and to IT with the command', async () => {
    const page = await open('devices-faulty', language);
    const text = await card(page, 'customer-scanner').textContent();
    expect(text).toContain('70-tillside-scanners.rules');
    expect(text).toContain('udevadm control --reload');
    expect(text).toContain('Permission denied');
    await page.close();
  });

  test('what cannot be listed is said with why and what to do, and not that nothing was found', async () => {
    const page = await open('devices-unlisted', language);
    const told = page.locator('[data-unlisted="hid"]');
    await told.waitFor();
    const text = await told.textContent();
    for (const part of [
      withoutLibrary.hint[language],
      withoutLibrary.remedy[language],
      withoutLibrary.command,
      withoutLibrary.detail,
    ])
      expect(text).toContain(part);
    expect(await page.getByText(words.nothing).count()).toBe(0);
    await lookAt(page, `devices-unlisted-${language}`);
    await page.close();
  });

  test('a cashier sees the devices and changes nothing', async () => {
    const page = await open('devices-cashier', language);
    await page.getByText(words.keepersOnly).waitFor();
    for (const name of [words.unbind, words.test, words.check, words.export, words.look])
      expect(await page.getByRole('button', { name }).count(), name).toBe(0);
    await page.close();
  });

  test('with nothing plugged in it says what to do', async () => {
    const page = await open('devices-empty', language);
    await page.getByText(words.nothing, { exact: true }).waitFor();
    await page.getByText(words.nothingHint).waitFor();
    await page.close();
  });
});

test('the statistics come as a file whose shape is the contract', async () => {
  const page = await open('devices', 'zh-CN');
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: WORDS['zh-CN'].devicePage.export }).click();
  const saved = await saving;
  expect(saved.suggestedFilename()).toBe('device-statistics-sh-01-till-1-2026-11-21.json');
  const file: unknown = JSON.parse(readFileSync(await saved.path(), 'utf8'));
  expect(deviceStatisticsFileSchema.parse(file).days).toHaveLength(3);
  await page.close();
});

test('the page opens from the drawer of the cashier, and F2 leads back', async () => {
  if (browser === undefined) throw new Error('the browser did not start');
  const page = await browser.newPage(SCREEN_SIZES['1024x768']);
  await page.goto(server.address('basket', { language: 'en', theme: 'light' }));
  await page.getByRole('button', { name: WORDS.en.device.allReady }).click();
  await page.getByRole('dialog').waitFor();
  await page.screenshot({ path: `${PICTURES}devices-drawer-en-1024x768.png` });
  await page.getByRole('button', { name: WORDS.en.devicePage.open }).click();
  await page.getByRole('heading', { name: WORDS.en.devicePage.title, exact: true }).waitFor();
  await page.keyboard.press('F2');
  await page.getByTestId('payable').waitFor();
  await page.close();
});
