import { afterAll, beforeAll } from 'vitest';
import { hasBrowser, openBrowser, type TestBrowser } from '../support/browser.ts';
import { testWithProgram } from '../support/machine.ts';
import { startDemoTill } from '../support/till.ts';
import { openPage, signIn, WORDS } from './till-pages.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
let till: Awaited<ReturnType<typeof startDemoTill>> | undefined;
let browser: TestBrowser | undefined;

beforeAll(async () => {
  if (!hasBrowser()) return;
  till = await startDemoTill();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await till?.stop();
  till?.remove();
});

test('a visitor of the demo pairs the register with one press', async () => {
  if (till === undefined || browser === undefined) throw new Error('no browser was opened');
  const page = await openPage(browser, till, '/demo', { width: 1366, height: 768 });
  await signIn(page, 'zh-CN', '101', '1111');
  await page.getByRole('button', { name: WORDS['zh-CN'].register.pairDemo }).click();
  await page.getByText(WORDS['zh-CN'].register.live).waitFor();
});
