import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { seedDemo } from '../../sync/hq/commands/seed.ts';
import { HQ_ERRORS } from '../../sync/protocol/hq-error.ts';
import type { RegistrationTicket } from '../../sync/protocol/registration.ts';
import { CHECK_OUTCOMES } from '../../ui/kit/check-words.ts';
import { hasBrowser, openBrowser, SCREEN_SIZES, type TestBrowser } from '../support/browser.ts';
import { startTestHq, type TestHq } from '../support/hq.ts';
import { must } from '../support/hq-database.ts';
import { testWithProgram } from '../support/machine.ts';
import { axeFindings, clippedTexts, smallTargets } from '../support/page-checks.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { prepareTillFolder, startTill, type TestTill, type TillFolder } from '../support/till.ts';
import { openPage, type PageLanguage, signIn, WORDS } from './till-pages.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
const PICTURES = fileURLToPath(new URL('../../artefacts/screens/', import.meta.url));
const LIMIT_MS = 3 * 60_000;
const WAIT = { timeout: 60_000 };
/** Slow enough that a first copy can be seen on its way. */
const LINE_BYTES_PER_SECOND = 200_000;
const LOOKS = [
  ['zh-CN', '1366x768'],
  ['en', '1024x768'],
] as const;

let hq: TestHq;
let line: TcpProxy;
let folder: TillFolder;
let till: TestTill;
let browser: TestBrowser;
let page: Page;
let ticket: RegistrationTicket;
const broken: string[] = [];

beforeAll(async () => {
  if (!hasBrowser()) return;
  mkdirSync(PICTURES, { recursive: true });
  hq = await startTestHq({ stores: [] });
  await seedDemo(hq.deps);
  line = await startTcpProxy({
    targetPort: Number(new URL(hq.url).port),
    bytesPerSecond: LINE_BYTES_PER_SECOND,
  });
  ticket = {
    ...must(await hq.ticket('sh-01-till-7', 'sh-01')),
    url: `https://127.0.0.1:${line.port}`,
  };
  folder = prepareTillFolder({});
  till = await startTill(folder);
  browser = await openBrowser();
  page = await openPage(browser, till, '/sync');
  page.on('pageerror', (error) => broken.push(error.message));
}, LIMIT_MS);
afterAll(async () => {
  await browser?.close();
  await till?.stop();
  await line?.close();
  await hq?.close();
  folder?.remove();
}, LIMIT_MS);

/** Takes a picture in both languages and looks for what no person should meet; leaves the page in Chinese. */
async function looksRight(
  picture: string,
  words: (language: PageLanguage) => readonly string[],
): Promise<void> {
  for (const [language, size] of LOOKS) {
    await page.setViewportSize(SCREEN_SIZES[size]);
    for (const sentence of words(language)) await page.getByText(sentence).first().waitFor(WAIT);
    await page.screenshot({ path: `${PICTURES}register-${picture}-${language}.png` });
    expect.soft(await axeFindings(page)).toEqual([]);
    expect.soft(await clippedTexts(page)).toEqual([]);
    expect.soft(await smallTargets(page)).toEqual([]);
    await page.keyboard.press('F10');
  }
  await page.setViewportSize(SCREEN_SIZES['1366x768']);
}

const words = WORDS['zh-CN'];
const field = () => page.getByLabel(words.registration.ticket);
const press = () => page.getByRole('button', { name: words.registration.do, exact: true }).click();
/** Another code of the same form. */
const guessed = (code: string): string =>
  code.replaceAll(/[A-Z0-9]/g, (letter) => (letter === 'A' ? 'B' : 'A'));

test('an installed till that nobody registered says at its page what to do, step by step', {
  timeout: LIMIT_MS,
}, async () => {
  await page.getByText(words.sync.alone).waitFor();
  await looksRight('steps', (language) => [
    WORDS[language].sync.state['not-configured'],
    ...Object.values(WORDS[language].registration.steps),
  ]);
  // Nobody can sign in where there is no staff yet, so nobody is asked to.
  expect(await page.getByText(words.registration.who).count()).toBe(0);
  expect(
    await page.getByRole('button', { name: words.registration.do, exact: true }).isDisabled(),
  ).toBe(true);
});

test('half a ticket is refused with a sentence and the remedy', {
  timeout: LIMIT_MS,
}, async () => {
  await field().fill(JSON.stringify(ticket).slice(0, 60));
  await press();
  await looksRight('half', (language) => [
    {
      'zh-CN': '这不是注册凭条，或没有复制完整',
      en: 'This is no registration ticket, or not all of it',
    }[language],
    {
      'zh-CN': '选择总部给出的凭条文件，或粘贴它的全部内容',
      en: 'Choose the ticket file that headquarters gave, or paste all of its text',
    }[language],
  ]);
});

test('a guessed code is refused by headquarters with a sentence and the remedy', {
  timeout: LIMIT_MS,
}, async () => {
  await field().fill(JSON.stringify({ ...ticket, code: guessed(ticket.code) }));
  await press();
  const { message, hint } = HQ_ERRORS['code-wrong'];
  await looksRight('wrong-code', (language) => [message[language], hint[language]]);
});

test('the right ticket, chosen as a file, registers it; the first copy shows how far it is and ends in step with headquarters', {
  timeout: LIMIT_MS,
}, async () => {
  const file = join(folder.root, 'ticket.json');
  writeFileSync(file, JSON.stringify(ticket));
  await page.locator('input[type=file]').setInputFiles(file);
  await expect.poll(() => field().inputValue()).toContain(ticket.code);
  await press();
  const progress = page.getByRole('progressbar', { name: words.sync.snapshot });
  await progress.waitFor(WAIT);
  await expect
    .poll(async () => Number(await progress.getAttribute('aria-valuenow')), WAIT)
    .toBeGreaterThan(0);
  line.stall();
  await looksRight('copying', (language) => [
    WORDS[language].sync.snapshot,
    WORDS[language].sync.state.online,
  ]);
  line.restore();
  await page.getByText(words.sync.caughtUp).first().waitFor(WAIT);
  await progress.waitFor({ state: 'detached', ...WAIT });
  expect(await page.getByText('sh-01-till-7').count()).toBe(1);
  await looksRight('in-step', (language) => [
    WORDS[language].sync.caughtUp,
    WORDS[language].sync.nothingWaits,
  ]);
});

test('what came down is there: its staff can sign in, and no ticket is asked for', {
  timeout: LIMIT_MS,
}, async () => {
  expect(await page.getByText(words.registration.title).count()).toBe(0);
  await page.keyboard.press('F2');
  await page.getByText(words.staff.signIn).first().waitFor(WAIT);
  await page.getByRole('button', { name: /· 101$/ }).waitFor(WAIT);
});

test('its manager has everything compared with headquarters by one key, and reads that all is the same', {
  timeout: LIMIT_MS,
}, async () => {
  await signIn(page, 'zh-CN', '150', '2222');
  await page.goBack();
  const card = page.getByRole('region', { name: words.checks.title });
  const check = card.getByRole('button', { name: words.checks.now });
  await expect.poll(() => check.isEnabled(), WAIT).toBe(true);
  await page.keyboard.press('F4');
  const found = card.locator('[data-last=walk]').filter({
    hasText: CHECK_OUTCOMES.clean.name['zh-CN'],
  });
  await found.waitFor(WAIT);
  expect(await found.textContent()).toMatch(/[\d,]+ 条全部与总部一致/);
  await looksRight('checked', (language) => [CHECK_OUTCOMES.clean.name[language]]);
  expect(broken).toEqual([]);
});
