import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { hasBrowser, openBrowser, SCREEN_SIZES, type TestBrowser } from '../support/browser.ts';
import { testWithProgram } from '../support/machine.ts';
import { MANAGER, SMALL_RULES, smallChain } from '../support/small-chain.ts';
import {
  loadChain,
  prepareTillFolder,
  startTill,
  type TestTill,
  type TillFolder,
} from '../support/till.ts';
import { openPage, signIn, WORDS } from './till-pages.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
const PICTURES = fileURLToPath(new URL('../../artefacts/screens/', import.meta.url));
const words = WORDS['zh-CN'];

let folder: TillFolder;
let till: TestTill;
let browser: TestBrowser;
let page: Page;

beforeAll(async () => {
  if (!hasBrowser()) return;
  mkdirSync(PICTURES, { recursive: true });
  folder = prepareTillFolder({
    rules: SMALL_RULES,
    chain: smallChain(1),
    config: { devices: [{ id: 'till-scanner', driver: 'sim-scanner', owner: 'agent' }] },
  });
  await loadChain(folder);
  till = await startTill(folder);
  browser = await openBrowser();
  page = await openPage(browser, till, '/', SCREEN_SIZES['1024x768']);
  await signIn(page, 'zh-CN', MANAGER.staffId, MANAGER.pin);
}, 3 * 60_000);
afterAll(async () => {
  await browser?.close();
  await till?.stop();
  folder?.remove();
});

const scanner = () => page.locator('[data-device="till-scanner"]');
const state = (name: keyof typeof words.device.state) =>
  scanner().getByText(words.device.state[name], { exact: true });

test('a manager opens the devices from the menu and has the scanner prove itself by a code of fresh digits', async () => {
  await page.getByRole('button', { name: words.staff.menu.replace('{{name}}', 'Manager') }).click();
  await page.getByRole('menuitem', { name: words.devicePage.open }).click();
  await state('ready').waitFor();
  const digits: string[] = [];
  for (let turn = 0; turn < 2; turn += 1) {
    await scanner().getByRole('button', { name: words.devicePage.test }).click();
    const dialog = page.getByRole('dialog');
    digits.push((await dialog.getByTestId('challenge').textContent()) ?? '');
    await dialog.getByRole('button', { name: words.devicePage.scan.simulate }).click();
    await dialog.getByText(words.devicePage.scan.passed).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
  }
  expect(digits[0]).toMatch(/^TILLSIDE-CHECK-\d{6}$/);
  expect(digits[1]).not.toBe(digits[0]);
  await scanner().getByText(words.devicePage.checked.passed.replace('{{time}} ', '')).waitFor();
});

test('a pulled cable is said at once with what to do, and a plugged one needs nobody', async () => {
  await scanner().getByRole('button', { name: words.devicePage.pull }).click();
  await state('absent').waitFor();
  await scanner().getByText('请插好设备的数据线').waitFor();
  await page.screenshot({ path: `${PICTURES}devices-pulled-zh-CN-1024x768.png` });
  await scanner().getByRole('button', { name: words.devicePage.plug }).click();
  await state('ready').waitFor();
  expect(await scanner().getByText('请插好设备的数据线').count()).toBe(0);
  await scanner()
    .getByRole('button', { name: new RegExp(`^${words.devicePage.check}：`) })
    .click();
  await scanner().getByText(words.devicePage.checked.passed.replace('{{time}} ', '')).waitFor();
});
