import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect } from 'vitest';
import { en } from '../../ui/hq/i18n/en.ts';
import { zhCN } from '../../ui/hq/i18n/zh-cn.ts';
import { KIT_WORDS } from '../../ui/kit/words.ts';
import { hasBrowser, openBrowser, SCREEN_SIZES, type TestBrowser } from '../support/browser.ts';
import { startConsoleHq } from '../support/console.ts';
import { HQ_START_LIMIT_MS, type TestHq } from '../support/hq.ts';
import { testWithProgram } from '../support/machine.ts';
import { axeFindings, clippedTexts, smallTargets } from '../support/page-checks.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
const PICTURES = fileURLToPath(new URL('../../artefacts/screens/', import.meta.url));

let hq: TestHq;
let browser: TestBrowser;

beforeAll(async () => {
  if (!hasBrowser()) return;
  mkdirSync(PICTURES, { recursive: true });
  hq = await startConsoleHq({ stores: [] });
  await hq.deps.db.script(`
    INSERT INTO members (member_id, body) VALUES ('m-1', '{"memberId":"m-1"}');
    INSERT INTO face_templates VALUES ('${'ab'.repeat(16)}', 'm-1', 'm-1', 'store', 's1', '{}', 0);
    INSERT INTO face_ends VALUES ('late', 'm-2', 'm-2', 'withdrawn', 0),
      ('fresh', 'm-2', 'm-2', 'withdrawn', ${Date.now()});
    INSERT INTO face_holders VALUES ('late', 'till-1', 0, NULL), ('fresh', 'till-2', 0, NULL),
      ('late', 'till-3', 0, 1);`);
  browser = await openBrowser();
}, HQ_START_LIMIT_MS);
afterAll(async () => {
  await browser?.close();
  await hq?.close();
}, HQ_START_LIMIT_MS);

test('the overview counts faces and names tills that have yet to destroy keys, in both languages', async () => {
  const tab = await browser.newPage(SCREEN_SIZES['1366x768']);
  tab.setDefaultTimeout(15_000);
  await tab.goto(hq.url);
  const shown = await tab.evaluate(() => document.documentElement.lang);
  if (shown === 'en')
    await tab.getByRole('button', { name: KIT_WORDS.switchLanguage.en, exact: true }).click();
  await tab.getByLabel(zhCN.signIn.token).fill(await hq.token('admin'));
  await tab.getByRole('button', { name: zhCN.signIn.submit }).click();
  for (const [language, words] of [
    ['zh-CN', zhCN],
    ['en', en],
  ] as const) {
    if (language === 'en')
      await tab.getByRole('button', { name: KIT_WORDS.switchLanguage['zh-CN'] }).click();
    const waiting = tab.getByRole('list', { name: words.faces.waiting });
    await waiting.scrollIntoViewIfNeeded();
    await tab.getByText('1 / 100,000').waitFor();
    const lines = await waiting.getByRole('listitem').allInnerTexts();
    expect(lines.map((line) => line.slice(0, 6))).toEqual(['till-1', 'till-2']);
    const late = language === 'en' ? ', late' : '，已逾期';
    expect(lines.map((line) => line.endsWith(late))).toEqual([true, false]);
    await tab.screenshot({ path: `${PICTURES}hq-faces-${language}.png` });
    expect(await axeFindings(tab)).toEqual([]);
    expect(await clippedTexts(tab)).toEqual([]);
    expect(await smallTargets(tab)).toEqual([]);
  }
});
