import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { zhCN as hqWords } from '../../ui/hq/i18n/zh-cn.ts';
import { hasBrowser, openBrowser, type TestBrowser } from '../support/browser.ts';
import { testWithProgram } from '../support/machine.ts';
import { startDemo, type TestDemo } from '../support/till.ts';
import { scanByWedge } from '../support/wedge-keys.ts';
import { openPage, ringUp, signIn, WORDS } from './till-pages.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
const PICTURES = fileURLToPath(new URL('../../artefacts/screens/', import.meta.url));
/** A busy machine takes many times as long as a quiet one. */
const TEST_MS = 5 * 60_000;
const WAIT = { timeout: 60_000 };
const SIZE = { width: 1366, height: 768 };
const words = WORDS['zh-CN'];

let demo: TestDemo;
let browser: TestBrowser;
/** The first two tills, of one store, and the console of headquarters. */
let here: Page;
let there: Page;
let office: Page;
/** A standard member of the examples whose home is the store of the two tills. */
let card: string;

beforeAll(async () => {
  if (!hasBrowser()) return;
  mkdirSync(PICTURES, { recursive: true });
  demo = await startDemo();
  browser = await openBrowser();
  const [first, second] = demo.tills;
  if (first === undefined || second === undefined) throw new Error('the demo has two tills');
  const page = (await (await fetch(`${first.address}/demo.json`)).json()) as {
    codes: { label: { en: string }; text: string }[];
  };
  card = page.codes.find(({ label }) => label.en.includes('just joined'))?.text ?? '';
  here = await openPage(browser, first, '/demo', SIZE);
  await signIn(here, 'zh-CN', '101', '1111');
  there = await openPage(browser, second, '/', SIZE);
  await signIn(there, 'zh-CN', '102', '1111');
  office = await browser.newPage(SIZE);
  await office.goto(demo.hq.console);
  await officePage('sales');
}, TEST_MS);
afterAll(async () => {
  await browser?.close();
  await demo?.stop();
  demo?.remove();
}, TEST_MS);

/** Opens a page of the console by its navigation. */
async function officePage(name: keyof typeof hqWords.nav): Promise<void> {
  await office.getByRole('navigation').getByRole('button', { name: hqWords.nav[name] }).click();
}

async function scan(page: Page): Promise<void> {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await scanByWedge(page, card);
  await page.getByTestId('member').waitFor();
}

const glance = async (page: Page): Promise<string> =>
  (await page.getByTestId('member').textContent()) ?? '';

/** The points that a screen shows. */
async function points(page: Page): Promise<number> {
  const shown = await page
    .locator('dt', { hasText: words.member.points })
    .locator('+ dd')
    .first()
    .textContent();
  return Number((shown ?? '').replaceAll(',', ''));
}

/** Sells one article at the first till, to whoever is identified. */
async function sell(article: string): Promise<void> {
  await ringUp(here, 'zh-CN', article);
  await expect
    .poll(() => here.getByRole('button', { name: words.register.pay }).isEnabled(), WAIT)
    .toBe(true);
  await here.keyboard.press('F12');
  await here.getByRole('button', { name: words.register.confirm }).waitFor();
  await here.keyboard.press('Enter');
  await here.getByRole('button', { name: words.register.next }).waitFor();
}

const rows = () => office.locator('tbody tr');

describe('the demo', () => {
  test('lets a visitor pair the register with one press', async () => {
    await here.getByRole('button', { name: words.register.pairDemo }).click();
    await here.getByText(words.register.live).waitFor();
  });

  test('shows a purchase at till 1 on the open screen of till 2 and on the page of headquarters', {
    timeout: TEST_MS,
  }, async () => {
    await office.getByText(hqWords.sales.none).waitFor();
    await scan(there);
    const before = await points(there);
    await scan(here);
    expect(await points(here)).toBe(before);
    await sell('竹纤维围嘴');
    await expect.poll(() => points(there), WAIT).toBeGreaterThan(before);
    await expect.poll(() => rows().count(), WAIT).toBe(1);
    const booked = (await rows().first().textContent()) ?? '';
    expect(booked).toContain(demo.tills[0]?.tillId);
    expect(booked).toContain(`+${(await points(there)) - before}`);
    await here.screenshot({ path: `${PICTURES}demo-purchase-till-1.png` });
    await there.screenshot({ path: `${PICTURES}demo-purchase-till-2.png` });
    await office.screenshot({ path: `${PICTURES}demo-purchase-hq.png` });
    await here.getByRole('button', { name: words.register.next }).click();
  });

  test('changes points and tier on the open screen of till 2 by an online purchase on the page of headquarters', {
    timeout: TEST_MS,
  }, async () => {
    const before = await points(there);
    expect(await glance(there)).toContain(words.tier.standard);
    await officePage('online');
    await office.getByLabel(hqWords.online.search).fill(card);
    await office.getByRole('button', { name: hqWords.online.find }).click();
    await office.locator('button[aria-pressed]').click();
    await office.getByLabel(hqWords.online.amount.replace('{{currency}}', '人民币')).fill('8000');
    await office
      .getByRole('main')
      .getByRole('button', { name: hqWords.online.book, exact: true })
      .click();
    await office.getByText(hqWords.online.done).waitFor();
    await expect.poll(() => points(there), WAIT).toBe(before + 8_000);
    await expect.poll(() => glance(there), WAIT).toContain(words.tier.gold);
    await office.screenshot({ path: `${PICTURES}demo-online-hq.png` });
    await there.screenshot({ path: `${PICTURES}demo-online-till-2.png` });
  });

  test('goes on selling while headquarters is stopped, and says so on both sides', {
    timeout: TEST_MS,
  }, async () => {
    await officePage('sales');
    await expect.poll(() => rows().count(), WAIT).toBe(2);
    demo.type('h');
    await here.getByText(words.headquarters.offline).first().waitFor(WAIT);
    await office.getByText(hqWords.connection.lostHint).waitFor(WAIT);
    await scan(here);
    await sell('牛角包');
    await here.getByRole('button', { name: words.register.next }).click();
    await sell('全麦吐司');
    await here
      .getByText(/待上传/)
      .first()
      .waitFor(WAIT);
    await here.screenshot({ path: `${PICTURES}demo-offline-till-1.png` });
    await office.screenshot({ path: `${PICTURES}demo-offline-hq.png` });
    expect(await rows().count()).toBe(2);
    await here.getByRole('button', { name: words.register.next }).click();
  });

  test('loses nothing: headquarters started again shows every sale, once', {
    timeout: TEST_MS,
  }, async () => {
    demo.type('h');
    await expect.poll(() => rows().count(), WAIT).toBe(4);
    await office.getByText(hqWords.connection.lostHint).waitFor({ state: 'hidden' });
    await here.getByText(words.headquarters.online).first().waitFor(WAIT);
    const numbers = await Promise.all((await rows().all()).map((row) => row.textContent()));
    const first = demo.tills[0]?.tillId ?? '';
    for (const seq of [1, 2, 3])
      expect(numbers.filter((text) => text?.includes(`${first} #${seq}`))).toHaveLength(1);
    await office.screenshot({ path: `${PICTURES}demo-bookings-hq.png` });
    await officePage('tills');
    await expect.poll(() => rows().getByText(hqWords.tills.online).count(), WAIT).toBe(3);
    await here.screenshot({ path: `${PICTURES}demo-back-till-1.png` });
    await office.screenshot({ path: `${PICTURES}demo-back-hq.png` });
  });
});
