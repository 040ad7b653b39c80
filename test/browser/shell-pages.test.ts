import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect } from 'vitest';
import { leaveKioskPage, stoppedPage } from '../../ui/shell/shell-pages.ts';
import { hasBrowser, openBrowser, SCREEN_SIZES, type TestBrowser } from '../support/browser.ts';
import { testWithProgram } from '../support/machine.ts';
import { axeFindings, clippedTexts, smallTargets } from '../support/page-checks.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
const PICTURES = fileURLToPath(new URL('../../artefacts/screens/', import.meta.url));
const LOG = 'C:\\Users\\till-07\\AppData\\Roaming\\Tillside\\logs\\tillside.log';

const PAGES = {
  'stopped-unknown': stoppedPage(undefined, LOG, false),
  'stopped-kiosk': stoppedPage(
    {
      code: 'database-damaged',
      message: {
        'zh-CN': '会员数据库已损坏，无法打开',
        en: 'The member database is damaged and cannot be opened',
      },
      remedy: {
        'zh-CN': '请联系信息部门恢复备份',
        en: 'Ask IT to restore the backup',
      },
      detail: 'SQLITE_CORRUPT: database disk image is malformed',
    },
    LOG,
    true,
  ),
  'leave-kiosk': leaveKioskPage(),
};
/** The dialog is as large as the shell opens it. */
const SIZES = {
  'stopped-unknown': SCREEN_SIZES['1366x768'],
  'stopped-kiosk': SCREEN_SIZES['1024x768'],
  'leave-kiosk': { width: 520, height: 440 },
};

let browser: TestBrowser | undefined;
beforeAll(async () => {
  if (!hasBrowser()) return;
  mkdirSync(PICTURES, { recursive: true });
  browser = await openBrowser();
});
afterAll(() => browser?.close());

test.each(
  (Object.keys(PAGES) as (keyof typeof PAGES)[]).flatMap((name) => [
    { name, scheme: 'light' as const },
    { name, scheme: 'dark' as const },
  ]),
)(
  'the page "$name" of the shell, $scheme, fits its window, has targets for fingers and no serious finding of axe',
  async ({ name, scheme }) => {
    if (browser === undefined) throw new Error('the browser did not start');
    const page = await browser.newPage(SIZES[name]);
    await page.emulateMedia({ colorScheme: scheme });
    await page.setContent(PAGES[name]);
    await page.screenshot({ path: `${PICTURES}shell-${name}-${scheme}.png` });
    expect(await axeFindings(page)).toEqual([]);
    expect(await clippedTexts(page)).toEqual([]);
    expect(await smallTargets(page)).toEqual([]);
    const { scroll, shown } = await page.evaluate(() => ({
      scroll: document.documentElement.scrollHeight,
      shown: innerHeight,
    }));
    expect(scroll).toBeLessThanOrEqual(shown);
    await page.close();
  },
);
