import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { hasBrowser, openBrowser, SCREEN_SIZES, type TestBrowser } from '../support/browser.ts';
import { testWithProgram } from '../support/machine.ts';
import { axeFindings, clippedTexts, smallTargets } from '../support/page-checks.ts';
import { type SceneServer, serveScenes } from '../support/scenes.ts';
import { saleNotHere } from './fixture/data.ts';
import { WORDS } from './till-pages.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
const PICTURES = fileURLToPath(new URL('../../artefacts/screens/', import.meta.url));

let server: SceneServer;
let browser: TestBrowser;
let page: Page;

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

const LOOKS = [
  { language: 'zh-CN', theme: 'light', size: '1366x768' },
  { language: 'en', theme: 'dark', size: '1024x768' },
] as const;
type Look = (typeof LOOKS)[number];

async function open(scene: string, { language, theme, size }: Look): Promise<void> {
  page = await browser.newPage(SCREEN_SIZES[size]);
  await page.goto(server.address(scene, { language, theme }));
  await page.getByRole('navigation').waitFor();
}

const dialog = () => page.getByRole('dialog');
const press = (name: string) => dialog().getByRole('button', { name, exact: true }).click();
const refund = () => page.getByTestId('refund').textContent();

/** Takes a picture and looks for what no person should meet. */
async function looksRight(picture: string, { language }: Look): Promise<void> {
  await page.screenshot({ path: `${PICTURES}${picture}-${language}.png` });
  expect.soft(await axeFindings(page)).toEqual([]);
  expect.soft(await clippedTexts(page)).toEqual([]);
  expect.soft(await smallTargets(page)).toEqual([]);
}

describe.each(LOOKS)('a return at the cashier’s screen in $language', (look) => {
  const { language } = look;
  const words = WORDS[language].returns;
  const flask = {
    'zh-CN': '不锈钢保温杯 500毫升 双层真空',
    en: 'Steel vacuum flask 500 ml',
  }[language];
  const more = words.more.replace('{{name}}', flask);
  const confirm = (amount: string): string => words.confirm.replace('{{amount}}', amount);

  test('finds the sale by the number on its receipt, and says where and until when', async () => {
    await open('member', look);
    await page.keyboard.press('F5');
    await dialog().getByLabel(words.number).fill('pos-1');
    await looksRight('return-find', look);
    await press(words.find);
    await dialog().getByText(words.choose).waitFor();
    const text = (await dialog().textContent()) ?? '';
    expect(text).toContain(words.fromHeadquarters.replace('{{till}}', 'sh-02-till-3'));
    expect(text).toContain(words.foundBy.receipt);
    expect(text).toContain(words.allBack);
  });

  test('chooses units by finger or by keyboard, never more than are left, and wants a reason', async () => {
    const field = dialog().getByLabel(words.units.replace('{{name}}', flask));
    await dialog().getByRole('button', { name: more, exact: true }).click();
    expect(await dialog().getByRole('button', { name: more, exact: true }).isDisabled()).toBe(true);
    await field.focus();
    await page.keyboard.press('ArrowDown');
    expect(await field.inputValue()).toBe('0');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    expect(await field.inputValue()).toBe('1');
    const next = dialog().getByRole('button', { name: words.showQuote, exact: true });
    expect(await next.isDisabled()).toBe(true);
    await press(words.reasons.unfit);
    await looksRight('return-choose', look);
    await next.click();
  });

  test('says the refund and what the member would lose before anything is booked', async () => {
    await expect.poll(refund).toBe('¥69.00');
    const losses = dialog().getByRole('region', { name: words.loses });
    expect(await losses.getByRole('listitem').count()).toBe(3);
    await dialog().getByText(words.recompute).waitFor();
    await dialog().getByText('100 → -38').waitFor();
    await looksRight('return-quote', look);
  });

  test('a gift that is brought back is not paid for', async () => {
    await dialog().getByRole('checkbox').check();
    await expect.poll(refund).toBe('¥89.00');
  });

  test('a changed choice keeps what was chosen', async () => {
    await press(words.back);
    await dialog().getByLabel(words.units.replace('{{name}}', flask)).waitFor();
    expect(await dialog().getByLabel(words.reason).inputValue()).toBe(words.reasons.unfit);
    await press(words.showQuote);
    await expect.poll(refund).toBe('¥89.00');
  });

  test('is booked by one press, and the receipt is shown', async () => {
    await press(confirm('¥89.00'));
    await dialog().getByText(words.done.replace('{{amount}}', '¥89.00')).waitFor();
    await dialog().getByTestId('receipt').waitFor();
    await looksRight('return-done', look);
    await press(words.finish);
    await dialog().waitFor({ state: 'hidden' });
    await page.close();
  });

  test('a receipt number of several sales lists them, and one is picked', async () => {
    await open('member', look);
    await page.keyboard.press('F5');
    await dialog().getByLabel(words.number).fill('POS-2');
    await page.keyboard.press('Enter');
    const found = dialog().getByRole('list', { name: words.several });
    await found.waitFor();
    expect(await found.getByRole('listitem').count()).toBe(2);
    await looksRight('return-several', look);
    await found.getByRole('button').first().click();
    await dialog().getByText(words.choose).waitFor();
    await page.close();
  });

  test('a sale that cannot be found is said with what to do', async () => {
    await open('sale-elsewhere', look);
    await page.keyboard.press('F5');
    await dialog().getByLabel(words.number).fill('B-4711');
    await page.keyboard.press('Enter');
    await dialog().getByText(words.notFoundHint).waitFor();
    await looksRight('return-no-such-receipt', look);
    await dialog().getByLabel(words.number).fill('01A1FD3A-0340-7a3d-a014-b4926f6a78df');
    await page.keyboard.press('Enter');
    await dialog().getByText(saleNotHere.message[language]).waitFor();
    const alert = dialog().getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toContain(saleNotHere.message[language]);
    expect(await alert.textContent()).toContain(saleNotHere.hint[language]);
    await looksRight('return-not-found', look);
    await page.close();
  });
});

describe.each(LOOKS)('the wallet in $language', (look) => {
  const words = WORDS[look.language];

  test('shows points by category, what is pending, owed or expires, coupons and rights', async () => {
    await open('basket', look);
    await page.getByTestId('member').waitFor();
    await page.keyboard.press('F11');
    const wallet = page.getByTestId('wallet');
    await wallet.waitFor();
    const text = (await wallet.textContent()) ?? '';
    for (const part of ['12,480', '471', '860', '320', 'CP-WELCOME10', words.bucket.green])
      expect(text).toContain(part);
    expect(text).toContain(words.wallet.owes);
    expect(text).toContain(words.wallet.unreachable);
    expect(text).toContain(words.entitlement.parking);
    await looksRight('wallet', look);
  });

  test('a press hands a coupon to the POS; one that cannot be confirmed is not offered', async () => {
    const use = dialog().getByRole('button', { name: new RegExp(`^${words.wallet.use}:`) });
    expect(await use.last().isDisabled()).toBe(true);
    await use.first().click();
    await dialog().getByText(words.wallet.used).waitFor();
  });

  test('a press gives the member a code that links their phone as a pass', async () => {
    await dialog().getByRole('button', { name: words.pass.link }).click();
    const shown = dialog().getByTestId('pass-code');
    await shown.getByRole('img', { name: words.pass.picture }).waitFor();
    await shown.getByText('7K3M-Q9XD-0TVA').waitFor();
    await shown.scrollIntoViewIfNeeded();
    await looksRight('link-pass', look);
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'hidden' });
    await page.close();
  });
});
