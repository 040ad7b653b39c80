import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
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
    INSERT INTO tills (till_id, store_id, state)
      VALUES ('till-1', 's1', 'registered'), ('till-2', 's1', 'registered'), ('till-9', 's1', 'revoked');
    INSERT INTO face_ends VALUES ('late', 'm-2', 'm-2', 'withdrawn', 0),
      ('fresh', 'm-2', 'm-2', 'withdrawn', ${Date.now()});
    INSERT INTO face_holders VALUES ('late', 'till-1', 0, NULL), ('fresh', 'till-2', 0, NULL),
      ('late', 'till-3', 0, 1), ('late', 'till-9', 0, NULL);`);
  browser = await openBrowser();
}, HQ_START_LIMIT_MS);
afterAll(async () => {
  await browser?.close();
  await hq?.close();
}, HQ_START_LIMIT_MS);

async function signedIn(): Promise<Page> {
  const tab = await browser.newPage(SCREEN_SIZES['1366x768']);
  tab.setDefaultTimeout(15_000);
  await tab.goto(hq.url);
  const shown = await tab.evaluate(() => document.documentElement.lang);
  if (shown === 'en')
    await tab.getByRole('button', { name: KIT_WORDS.switchLanguage.en, exact: true }).click();
  await tab.getByLabel(zhCN.signIn.token).fill(await hq.token('admin'));
  await tab.getByRole('button', { name: zhCN.signIn.submit }).click();
  return tab;
}

async function looksRight(tab: Page, picture: string): Promise<void> {
  await tab.screenshot({ path: `${PICTURES}${picture}.png` });
  expect.soft(await axeFindings(tab), picture).toEqual([]);
  expect.soft(await clippedTexts(tab), picture).toEqual([]);
  expect.soft(await smallTargets(tab), picture).toEqual([]);
}

test('the overview counts faces and names tills that have yet to destroy keys, in both languages', async () => {
  const tab = await signedIn();
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
    expect(lines.map((line) => line.slice(0, 6))).toEqual(['till-1', 'till-9', 'till-2']);
    const late = language === 'en' ? ', late' : '，已逾期';
    expect(lines.map((line) => line.endsWith(late))).toEqual([true, false, false]);
    // A till that was revoked is told apart and is no alarm: nobody can hurry it.
    const gone = language === 'en' ? 'can confirm no more' : '无法再确认';
    expect(lines.map((line) => line.includes(gone))).toEqual([false, true, false]);
    await looksRight(tab, `hq-faces-${language}`);
  }
});

const TEMPLATE = 'cd'.repeat(16);

test('a member is found, what is on record is shown, and their face is withdrawn with a reason, by keyboard', async () => {
  const { db } = hq.deps;
  await db.script(`
    INSERT INTO members (member_id, body) VALUES ('m-7', '{"memberId":"m-7"}');
    INSERT INTO face_templates VALUES ('${TEMPLATE}', 'm-7', 'm-7', 'chain', 's1', '{}', 0);
    INSERT INTO face_holders VALUES ('${TEMPLATE}', 'till-1', 0, NULL), ('${TEMPLATE}', 'till-9', 0, NULL);`);
  const consent = {
    ...{ consentId: 'c-7', memberId: 'm-7', scope: 'chain', storeId: 's1', tillId: 'till-1' },
    ...{ textVersion: 'f1', language: 'zh-CN', channel: 'customer-screen', witnessId: '101' },
    at: '2026-11-01T02:00:00.000Z',
  };
  await db.query(
    'INSERT INTO face_consents (consent_id, member_id, body, at_ms) VALUES ($1, $2, $3, 0)',
    [...[consent.consentId, consent.memberId], JSON.stringify(consent)],
  );
  const tab = await signedIn();
  for (const [language, words] of [
    ['zh-CN', zhCN],
    ['en', en],
  ] as const) {
    if (language === 'en')
      await tab.getByRole('button', { name: KIT_WORDS.switchLanguage['zh-CN'] }).click();
    await tab.getByRole('button', { name: words.nav.faces, exact: true }).click();
    // Nobody of that id: said, not an empty page.
    await tab.getByRole('textbox', { name: words.faces.byId }).fill('m-none');
    await tab.keyboard.press('Enter');
    await tab.getByText(words.faces.none).waitFor();
    await tab.getByRole('textbox', { name: words.faces.byId }).fill('m-7');
    await tab.keyboard.press('Enter');
    await tab.getByText(words.faces.inUse).waitFor();
    await tab.getByText(words.faces.tillHolds.replace('{{till}}', 'till-1')).waitFor();
    await tab.getByText(words.faces.tillHoldsGone.replace('{{till}}', 'till-9')).waitFor();
    await tab.getByText(words.faces.channel['customer-screen'], { exact: false }).waitFor();
    await looksRight(tab, `hq-face-record-${language}`);
  }
  await tab.getByRole('button', { name: en.faces.withdraw }).click();
  const dialog = tab.getByRole('dialog');
  // In the middle of the page, whatever it was opened from.
  const box = await dialog.boundingBox();
  expect(Math.abs((box?.x ?? 0) + (box?.width ?? 0) / 2 - 1_366 / 2)).toBeLessThan(30);
  const act = dialog.getByRole('button', { name: en.faces.withdraw });
  expect(await act.isDisabled()).toBe(true);
  await looksRight(tab, 'hq-face-withdraw-en');
  await tab.keyboard.type('asked by phone');
  await tab.keyboard.press('Enter');
  await tab.getByText(en.faces.withdrawn.replace('{{count}}', '1')).waitFor();
  await tab.getByText(en.faces.pending).waitFor();
  await tab.getByText(en.faces.tillPending.replace('{{till}}', 'till-1')).waitFor();
  await tab.getByText(en.faces.tillPendingGone.replace('{{till}}', 'till-9')).waitFor();
  const [kept] = await db.query<{ body: string }>(
    `SELECT body FROM face_withdrawals WHERE member_id = 'm-7'`,
  );
  expect(JSON.parse(kept?.body ?? '{}')).toMatchObject({ reason: 'asked by phone' });
  // On paper: what was asked for, and nothing to press.
  await tab.emulateMedia({ media: 'print' });
  expect(await tab.getByText(en.faces.pending).isVisible()).toBe(true);
  expect(await tab.getByRole('button').filter({ visible: true }).count()).toBe(0);
});
