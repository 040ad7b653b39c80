import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { hasBrowser, openBrowser, SCREEN_SIZES, type TestBrowser } from '../support/browser.ts';
import { testWithProgram } from '../support/machine.ts';
import { axeFindings, clippedTexts, smallTargets } from '../support/page-checks.ts';
import { type SceneServer, serveScenes } from '../support/scenes.ts';
import { customerScenes } from './fixture/scenes.ts';
import { type PageLanguage, WORDS } from './till-pages.ts';

/** Skipped by name where Chromium is missing, except with CI=true. */
const test = testWithProgram('chromium', 'chromium-browser', 'google-chrome');
const PICTURES = fileURLToPath(new URL('../../artefacts/screens/', import.meta.url));

let server: SceneServer;
let browser: TestBrowser;

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

async function newPage(size: keyof typeof SCREEN_SIZES) {
  const page = await browser.newPage(SCREEN_SIZES[size]);
  const broken: string[] = [];
  page.on('pageerror', (error) => broken.push(error.message));
  return { page, broken };
}

async function show(page: Page, scene: string, language: PageLanguage, theme: string) {
  await page.goto(server.address(scene, { language, theme }));
  const kind = SHOWN[scene] ?? 'welcome';
  await page.locator(`main[data-scene=${kind}]`).waitFor();
  await page.evaluate(() => document.fonts.ready);
}

async function open(scene: string, language: PageLanguage) {
  const { page } = await newPage('1366x768');
  await show(page, scene, language, 'light');
  return page;
}

/** What each scene of the till is to the shopper. */
const SHOWN: Readonly<Record<string, string>> = {
  'customer-wait': 'wait',
  'customer-disconnected': 'wait',
  'customer-member': 'member',
  'customer-basket': 'basket',
  'customer-guest': 'basket',
  'customer-thanks': 'thanks',
};

const LOOKS = [
  { language: 'zh-CN', theme: 'light', size: '1366x768' },
  { language: 'en', theme: 'dark', size: '1024x768' },
  { language: 'zh-CN', theme: 'dark', size: '1920x1080' },
  { language: 'en', theme: 'light', size: '1366x768' },
] as const;

const SCENES = Object.keys(customerScenes);

describe.each(LOOKS)(
  'the customer display in $language, $theme, at $size',
  ({ language, theme, size }) => {
    let opened: Awaited<ReturnType<typeof newPage>>;
    beforeAll(async () => {
      if (hasBrowser()) opened = await newPage(size);
    });
    afterAll(() => opened?.page.close());

    describe.each(SCENES)('in the scene "%s"', (scene) => {
      beforeAll(async () => {
        if (hasBrowser()) await show(opened.page, scene, language, theme);
      });

      test('has no serious finding of axe, no cut text, no small target, no scrolling page', async () => {
        const { page, broken } = opened;
        await page.screenshot({ path: `${PICTURES}${scene}-${language}-${theme}-${size}.png` });
        expect(await axeFindings(page)).toEqual([]);
        expect(await clippedTexts(page)).toEqual([]);
        expect(await smallTargets(page)).toEqual([]);
        expect(
          await page.evaluate(
            () => document.documentElement.scrollHeight - document.documentElement.clientHeight,
          ),
        ).toBe(0);
        expect(broken).toEqual([]);
      });

      test('holds nothing of the member beyond masked name, tier and points', async () => {
        const words = WORDS[language];
        const html = await opened.page.content();
        for (const secret of ['6688', 'm-00001', 'buys-fruit', '32,680', words.member.birthday])
          expect(html).not.toContain(secret);
        for (const right of [words.entitlement['priority-lane'], words.entitlement.parking])
          expect(html).not.toContain(right);
      });
    });
  },
);

describe.each(['zh-CN', 'en'] as const)('what a shopper reads in %s', (language) => {
  const words = WORDS[language];
  const fill = (sentence: string, facts: Record<string, string>): string =>
    sentence.replaceAll(/\{\{(\w+)\}\}/g, (_whole, name: string) => facts[name] ?? '');

  test('the basket says what was saved, what it comes to, what it earns and what a little more brings', async () => {
    const page = await open('customer-basket', language);
    expect(await page.getByTestId('to-pay').textContent()).toBe('¥236.82');
    const text = (await page.locator('main').textContent()) ?? '';
    for (const part of ['¥47.98', '+471', words.customer.gift, words.customer.free])
      expect(text).toContain(part);
    const offer = page.getByRole('region', { name: words.customer.offer });
    expect(await offer.getByRole('listitem').allTextContents()).toEqual([
      { 'zh-CN': '再买 43.18 元，立减 25.00 元', en: 'Add CNY 43.18 more and save CNY 25.00' }[
        language
      ],
      {
        'zh-CN': '再买 1 件，可享“牛奶第 2 件半价”',
        en: 'Add 1 item more and get "Second milk at half price"',
      }[language],
    ]);
    expect(await page.getByTestId('greeting').textContent()).toContain(words.tier.diamond);
    await page.close();
  });

  test('the thanks say the balance after the sale and what the chain gives away', async () => {
    const page = await open('customer-thanks', language);
    const text = (await page.locator('main').textContent()) ?? '';
    const donation = fill(words.customer.donated, {
      amount: '¥0.50',
      name: { 'zh-CN': '为乡村学校捐赠', en: 'For village schools' }[language],
    });
    for (const part of ['李*敏', '¥236.82', '+471', '12,951', donation])
      expect(text).toContain(part);
    await page.close();
  });

  test('a guest is told that a member code still counts', async () => {
    const page = await open('customer-guest', language);
    await page.getByText(words.customer.welcomeHint).waitFor();
    expect(await page.getByTestId('greeting').count()).toBe(0);
    await page.close();
  });
});

test('its language is its own and switches by one touch', async () => {
  const page = await open('customer', 'zh-CN');
  await page.getByText(WORDS['zh-CN'].customer.welcome, { exact: true }).waitFor();
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByText(WORDS.en.customer.welcome, { exact: true }).waitFor();
  await page.close();
});

describe('faint text on the customer display', () => {
  /** Text as faint as the line around a panel, as a careless change might leave it. */
  const add = (page: Page, words: string, style: string) =>
    page.evaluate(
      ({ text, rest }) => {
        const added = document.createElement('p');
        added.textContent = text;
        added.id = 'faint';
        added.style.cssText = `color: var(--ts-line-strong); font-size: 18px; ${rest}`;
        document.querySelector('main')?.append(added);
      },
      { text: words, rest: style },
    );

  test.each([
    ['a sentence', 'hard to read', ''],
    // Of these axe alone says that it cannot tell, which is no violation.
    ['a single character', '5', ''],
    [
      'a sentence that is half out of sight',
      'hard to read',
      'position: fixed; left: 95%; width: 30%',
    ],
    [
      'a sentence with something drawn over it',
      'hard to read',
      'position: fixed; inset: 0 auto auto 0; z-index: -1',
    ],
    ['a sentence that lets through what is behind it', '5', 'color: var(--ts-text); opacity: 0.4'],
  ])('is found: %s', async (_what, words, style) => {
    const page = await open('customer-basket', 'en');
    expect(await axeFindings(page)).toEqual([]);
    await add(page, words, style);
    expect(await axeFindings(page)).toEqual([expect.stringMatching(/^color-contrast: #faint /)]);
    await page.close();
  });
});
