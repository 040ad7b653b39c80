import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { openPage, WORDS } from '../browser/till-pages.ts';
import { hasBrowser, openBrowser, type TestBrowser } from '../support/browser.ts';
import { createHqProgram, GOLD_FROM_MINOR, type HqProgram } from '../support/hq-program.ts';
import { testWithProgram } from '../support/machine.ts';
import { CASHIER, cardOf } from '../support/small-chain.ts';
import {
  type SyncedTill,
  startSyncedTill,
  startTillNetwork,
  urlThrough,
} from '../support/synced-till.ts';
import { scanByWedge } from '../support/wedge-keys.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
const PICTURES = fileURLToPath(new URL('../../artefacts/screens/', import.meta.url));
/** A busy machine takes many times as long as a quiet one. */
const TEST_MS = 5 * 60_000;
/** Standard, with 1,000 points. */
const MEMBER = 1;
const words = WORDS['zh-CN'];

let hq: HqProgram;
let till: SyncedTill;
let browser: TestBrowser;
let page: Page;

beforeAll(async () => {
  if (!hasBrowser()) return;
  mkdirSync(PICTURES, { recursive: true });
  hq = await createHqProgram({ database: 'pglite', members: 4 });
  const proxy = await startTillNetwork();
  proxy.pointTo((await hq.start()).port);
  till = await startSyncedTill({ ticket: await hq.ticket('t1', urlThrough(proxy)), proxy });
  browser = await openBrowser();
  page = await openPage(browser, till.till(), '/', { width: 1366, height: 768 });
  await page.getByRole('button', { name: new RegExp(`· ${CASHIER.staffId}$`) }).click();
  await page.locator('input[type=password]').first().focus();
  // A person's pace: faster digits are a scanner's.
  await page.keyboard.type(CASHIER.pin, { delay: 80 });
  await page.keyboard.press('Enter');
  await page.getByText(words.identify.ready).waitFor();
}, TEST_MS);
afterAll(async () => {
  await browser?.close();
  await till?.remove();
  await hq?.remove();
}, TEST_MS);

test('an online purchase booked at headquarters changes points and tier on the open cashier screen, without a touch', {
  timeout: TEST_MS,
}, async () => {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await scanByWedge(page, cardOf(MEMBER));
  const member = page.getByTestId('member');
  await member.waitFor();
  const shown = async (): Promise<string> => (await member.textContent()) ?? '';
  const before = await shown();
  expect(before).toContain('1,000');
  expect(before).not.toContain(words.tier.gold);
  await page.screenshot({ path: `${PICTURES}online-purchase-before.png` });

  await hq.buyOnline({
    ...{ orderId: 'web-1', memberId: `member-${MEMBER}` },
    ...{ amountMinor: GOLD_FROM_MINOR, pointsEarned: 234 },
  });
  await expect.poll(shown, { timeout: 60_000 }).toContain('1,234');
  await expect.poll(shown, { timeout: 60_000 }).toContain(words.tier.gold);
  await page.screenshot({ path: `${PICTURES}online-purchase-after.png` });
});
