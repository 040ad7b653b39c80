import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { zhCN } from '../../ui/app/i18n/zh-cn.ts';
import { hasBrowser, openBrowser, type TestBrowser } from '../support/browser.ts';
import { testWithProgram } from '../support/machine.ts';
import { smallTargets } from '../support/page-checks.ts';
import { type SceneServer, serveScenes } from '../support/scenes.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');

let server: SceneServer;
let browser: TestBrowser;

beforeAll(async () => {
  if (!hasBrowser()) return;
  server = await serveScenes();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

async function open(scene: string): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(server.address(scene, { language: 'zh-CN' }));
  await page.getByRole('button', { name: zhCN.staff.lock }).waitFor();
  return page;
}
const dialog = (page: Page) => page.getByRole('dialog');
const named = (page: Page) => page.getByText('已识别李*敏，钻石会员');
const looking = (page: Page) => page.getByText(zhCN.sale.looking);

/** Opens a parked sale beside the present one. */
async function lookAtParked(page: Page): Promise<void> {
  await page.keyboard.press('F6');
  await dialog(page).getByRole('listitem').getByRole('button').last().click();
  await looking(page).waitFor();
}

/** Presses a key and answers whether the browser was left to do what it does by that key. */
async function leftToBrowser(page: Page, key: string): Promise<boolean> {
  await page.evaluate(`addEventListener('keydown', (event) => {
    window.left = !event.defaultPrevented;
  }, { once: true })`);
  await page.keyboard.press(key);
  return page.evaluate('left');
}

describe('a key pressed while something lies over the page', () => {
  test.each([
    ['a drawer', (page: Page) => page.keyboard.press('F6'), dialog],
    ['a dialog', (page: Page) => page.keyboard.press('F5'), dialog],
    [
      'the menu',
      (page: Page) => page.getByRole('button', { name: /的菜单$/ }).click(),
      (page: Page) => page.getByRole('menu'),
    ],
    [
      'the calibration of the scanner',
      async (page: Page) => {
        await page.getByRole('button', { name: /的菜单$/ }).click();
        await page.getByRole('menuitem', { name: zhCN.wedge.menu }).click();
      },
      dialog,
    ],
  ] as const)('Esc closes %s and nothing behind it', async (_, openCover, cover) => {
    const page = await open('basket');
    await lookAtParked(page);
    await openCover(page);
    await cover(page).waitFor();
    await page.keyboard.press('Escape');
    await cover(page).waitFor({ state: 'detached' });
    expect(await looking(page).count()).toBe(1);
    await page.keyboard.press('Escape');
    await looking(page).waitFor({ state: 'detached' });
    await page.close();
  });

  test('F8 in the dialog of the clock lets no member go, and F9 does not lock', async () => {
    const page = await open('clock-doubted');
    await named(page).waitFor();
    await page.getByRole('button', { name: zhCN.clock.open }).click();
    await dialog(page).waitFor();
    await page.keyboard.press('F8');
    await page.keyboard.press('F9');
    await page.keyboard.press('F6');
    expect(await dialog(page).count()).toBe(1);
    expect(await page.getByRole('button', { name: zhCN.staff.unlock }).count()).toBe(0);
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    expect(await named(page).count()).toBe(1);
    await page.keyboard.press('F8');
    await named(page).waitFor({ state: 'detached' });
    await page.close();
  });

  test('a key of the page is never left to the browser, which would load the page anew or search in it', async () => {
    const page = await open('basket');
    const keys = ['F1', 'F3', 'F5', 'F7'];
    await page.keyboard.press('F6');
    await dialog(page).waitFor();
    for (const key of keys) expect(await leftToBrowser(page, key), key).toBe(false);
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    // Pale at this moment, and therefore nothing: no help of the browser, no search field that takes the next scan.
    for (const key of ['F1', 'F3']) expect(await leftToBrowser(page, key), key).toBe(false);
    expect(await dialog(page).count()).toBe(0);
    await page.close();
  });

  test('F10 changes the language of a dialog, too', async () => {
    const page = await open('basket');
    await page.keyboard.press('F6');
    await dialog(page).getByText(zhCN.parked.title).waitFor();
    await page.keyboard.press('F10');
    await expect.poll(() => page.evaluate('document.documentElement.lang')).toBe('en');
    expect(await dialog(page).count()).toBe(1);
    await page.close();
  });

  test('Esc closes the list of a field, whose rows a finger can hit, and then the dialog', async () => {
    const page = await open('missing');
    await page.keyboard.press('F3');
    await dialog(page).getByRole('combobox', { name: zhCN.override.action }).click();
    await page.getByRole('option').first().waitFor();
    expect(await smallTargets(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('option').first().waitFor({ state: 'hidden' });
    expect(await dialog(page).count()).toBe(1);
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    await page.close();
  });

  test('Enter in the field of a dialog is for its form and not for what had the focus before', async () => {
    const page = await open('clock-doubted');
    const opener = page.getByRole('button', { name: zhCN.clock.open });
    await opener.focus();
    await page.keyboard.press('Enter');
    await dialog(page).getByLabel(zhCN.override.managerId).fill('150');
    await dialog(page).locator('input[type=password]').fill('2222');
    await page.keyboard.press('Enter');
    await dialog(page).waitFor({ state: 'detached' });
    await opener.waitFor({ state: 'detached' });
    await page.close();
  });
});

describe('a dialog goes with what it was opened for', () => {
  const tell = (page: Page, body: string) => page.evaluate(`tell(${body})`);
  const scanOf = (id: string) =>
    `{ kind: 'identification', identification: { ...till.shown, identificationId: '${id}' } }`;

  test("a manager's signature for one member is not given to the next, who is scanned meanwhile", async () => {
    const page = await open('missing');
    await page.evaluate(
      'till.screen.identifications.pending().then(({ identification }) => { till.shown = identification; })',
    );
    await page.keyboard.press('F3');
    await dialog(page).getByLabel(zhCN.override.managerId).fill('150');
    await tell(page, scanOf('idn-2'));
    await dialog(page).waitFor({ state: 'detached' });
    await page.keyboard.press('F3');
    expect(await dialog(page).getByLabel(zhCN.override.managerId).inputValue()).toBe('');
    await page.close();
  });

  test('the wallet of a member who is gone closes, does not open for the next one, and the keys go on', async () => {
    const page = await open('member');
    await page.evaluate(
      'till.screen.identifications.pending().then(({ identification }) => { till.shown = identification; })',
    );
    await page.keyboard.press('F11');
    await page.getByTestId('wallet').waitFor();
    await tell(
      page,
      `{ kind: 'identification', identification: { ...till.shown, member: undefined, outcome: 'timed-out' } }`,
    );
    await dialog(page).waitFor({ state: 'detached' });
    await tell(page, scanOf('idn-2'));
    await named(page).waitFor();
    expect(await dialog(page).count()).toBe(0);
    await page.keyboard.press('F6');
    await dialog(page).waitFor();
    await page.close();
  });

  test('nothing is open any more for whoever unlocks a till that was locked meanwhile', async () => {
    const page = await open('online');
    await page.keyboard.press('F1');
    await dialog(page).getByLabel(zhCN.join.phone).fill('13800001111');
    await page.evaluate(`till.screen.staff.lock().then(() => tell({ kind: 'staff' }))`);
    await page.getByRole('button', { name: zhCN.staff.unlock }).waitFor();
    expect(await dialog(page).count()).toBe(0);
    await page.evaluate(`till.screen.staff.unlock().then(() => tell({ kind: 'staff' }))`);
    await page.getByTestId('payable').waitFor();
    expect(await dialog(page).count()).toBe(0);
    await page.close();
  });
});
